internal import CCrypto

/// SHA-256 over data that comes in pieces; one owner, ended by ``finish()``.
// SAFETY: the type cannot be copied, so the context has one owner at a time, whatever task or thread that is.
package struct SHA256Stream: ~Copyable, @unchecked Sendable {
    package static let digestCount = 32

    private let context: OpaquePointer

    package init() {
        context = LibCrypto.check(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        LibCrypto.check(EVP_DigestInit_ex(context, EVP_sha256(), nil), "EVP_DigestInit_ex")
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        LibCrypto.check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count), "EVP_DigestUpdate")
    }

    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of all that was given; 32 bytes.
    package consuming func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Self.digestCount)
        LibCrypto.check(EVP_DigestFinal_ex(context, &digest, nil), "EVP_DigestFinal_ex")
        return digest
    }
}
