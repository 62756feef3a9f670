import SpillwayCore
import SpillwayTransport
import Testing

@Suite struct CryptoTests {
    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `sha256 agrees with the vectors of FIPS 180`(message: String, digest: String) {
        #expect(LibCrypto.cryptography.sha256(Self.bytes(message)).hex == digest)
    }

    // RFC 4231, test cases 1, 2 and 6 (a key longer than a block), and the empty key over the empty message.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), bytes("Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            bytes("Jefe"), bytes("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), bytes("Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func `hmac agrees with RFC 4231, an empty key included`(key: [UInt8], message: [UInt8], digest: String) {
        #expect(LibCrypto.cryptography.hmacSHA256(key, message).hex == digest)
    }

    @Test func `a stream gives the digest of the whole, however it is cut`() {
        let message = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let whole = LibCrypto.sha256(message)
        for piece in [1, 7, 63, 64, 65, 4096, 20_000] {
            var stream = SHA256Stream()
            var start = 0
            while start < message.count {
                let end = min(start + piece, message.count)
                stream.update(message[start..<end])
                start = end
            }
            #expect(stream.finish() == whole)
        }
    }

    @Test func `an empty update changes nothing`() {
        var stream = SHA256Stream()
        stream.update([])
        #expect(stream.finish() == LibCrypto.sha256([]))
    }

    @Test func `random bytes come in the number asked for and do not repeat`() {
        #expect(LibCrypto.secureRandom(count: 0).isEmpty)
        let draws = (0..<100).map { _ in LibCrypto.secureRandom(count: 16) }
        #expect(draws.allSatisfy { $0.count == 16 })
        #expect(Set(draws).count == 100)
    }

    @Test func `the public key of RFC 8032 test 1 follows from its seed`() {
        let seed: [UInt8] = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
            0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
        ]
        let expected = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        #expect(Ed25519.publicKey(ofSeed: seed)?.hex == expected)
        #expect(Ed25519.publicKey(ofSeed: Array(seed.dropLast())) == nil)
    }

    @Test func `a generated pair is new each time and belongs together`() {
        let pairs = (0..<8).map { _ in Ed25519.generate() }
        #expect(Set(pairs).count == 8)
        for pair in pairs {
            #expect(pair.seed.count == 32)
            #expect(Ed25519.publicKey(ofSeed: pair.seed) == pair.publicKey)
        }
    }
}
