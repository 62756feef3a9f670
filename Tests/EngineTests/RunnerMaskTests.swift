import SpillwayEngine
import Testing

@Suite struct RunnerMaskTests {
    private func masked(_ text: String, _ secrets: [String], cuts: [Int] = []) -> String {
        var mask = SecretMask(secrets)
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var start = 0
        for cut in cuts + [bytes.count] {
            out += mask.mask(Array(bytes[start..<cut]))
            start = cut
        }
        return String(decoding: out + mask.finish(), as: UTF8.self)
    }

    @Test func `a value is replaced by as many asterisks wherever the stream is cut`() {
        let text = "token=hunter2hunter2;"
        for cut in 0...text.utf8.count {
            #expect(masked(text, ["hunter2hunter2"], cuts: [cut]) == "token=**************;")
        }
    }

    @Test func `values that overlap are covered together`() {
        #expect(masked("abcdefghijkl", ["abcdefgh", "efghijkl"]) == "************")
        #expect(masked("xxaaaaaaaaaaxx", ["aaaaaaaa"]) == "xx**********xx")
    }

    @Test func `a value of seven bytes is left alone and the beginning of one comes out at the end`() {
        #expect(masked("1234567", ["1234567"]) == "1234567")
        #expect(masked("so far: secret-va", ["secret-value"]) == "so far: secret-va")
    }

    @Test func `what cannot be a value is shown at once`() {
        var mask = SecretMask(["password1234"])
        #expect(mask.mask(Array("hello\n".utf8)) == Array("hello\n".utf8))
        #expect(mask.mask(Array("pass".utf8)).isEmpty)
        #expect(mask.mask(Array("port\n".utf8)) == Array("passport\n".utf8))
    }

    @Test func `in any stream cut anywhere the result is that of masking the whole`() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<3000 {
            let secrets = (0..<3).map { _ in
                String((0..<(8 + Int(random.next() % 4))).map { _ in ["a", "b"][Int(random.next() % 2)] }.joined())
            }
            let text = (0..<Int(random.next() % 80)).map { _ in ["a", "b", "c"][Int(random.next() % 9) % 3] }.joined()
            let cuts = (0..<Int(random.next() % 6)).map { _ in Int(random.next() % UInt64(text.utf8.count + 1)) }
                .sorted()
            #expect(masked(text, secrets, cuts: cuts) == reference(text, secrets), "\(text) \(secrets) \(cuts)")
        }
    }

    /// Every occurrence of every value, found one by one.
    private func reference(_ text: String, _ secrets: [String]) -> String {
        let bytes = Array(text.utf8)
        var out = bytes
        for secret in secrets.map({ Array($0.utf8) }) where secret.count <= bytes.count {
            for start in 0...(bytes.count - secret.count) where Array(bytes[start..<start + secret.count]) == secret {
                for index in start..<start + secret.count { out[index] = UInt8(ascii: "*") }
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
