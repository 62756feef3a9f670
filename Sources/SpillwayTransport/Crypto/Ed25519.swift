internal import CCrypto

/// Ed25519 keys as raw bytes; the file formats around them are the caller's.
package enum Ed25519 {
    package struct RawPair: Sendable, Hashable {
        /// 32 bytes, secret.
        package let seed: [UInt8]
        /// 32 bytes.
        package let publicKey: [UInt8]

        package init(seed: [UInt8], publicKey: [UInt8]) {
            self.seed = seed
            self.publicKey = publicKey
        }
    }

    /// A new pair from libcrypto's generator.
    package static func generate() -> RawPair {
        let key = LibCrypto.check(cc_generate_ed25519(), "EVP_PKEY_Q_keygen")
        defer { EVP_PKEY_free(key) }
        return RawPair(
            seed: raw(key, "EVP_PKEY_get_raw_private_key", EVP_PKEY_get_raw_private_key),
            publicKey: raw(key, "EVP_PKEY_get_raw_public_key", EVP_PKEY_get_raw_public_key))
    }

    /// The public key that belongs to `seed`; nil unless `seed` is 32 bytes.
    package static func publicKey(ofSeed seed: [UInt8]) -> [UInt8]? {
        guard seed.count == 32 else { return nil }
        let made = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
        let key = LibCrypto.check(made, "EVP_PKEY_new_raw_private_key")
        defer { EVP_PKEY_free(key) }
        return raw(key, "EVP_PKEY_get_raw_public_key", EVP_PKEY_get_raw_public_key)
    }

    private static func raw(
        _ key: OpaquePointer, _ call: StaticString,
        _ read: (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?) -> Int32
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        LibCrypto.check(read(key, &bytes, &count), call)
        return bytes
    }
}
