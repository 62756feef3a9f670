internal import CCrypto
package import SpillwayCore

/// libcrypto behind ``Cryptography``.
///
/// No call here depends on the input's value: it fails only when memory or the system's randomness is gone. There is no
/// honest way on with a wrong digest or a guessable key, so a failure ends the process instead of being thrown.
package enum LibCrypto {
    package static let cryptography = Cryptography(
        sha256: { sha256($0) },
        hmacSHA256: { hmacSHA256(key: $0, $1) }
    )

    package static func sha256(_ message: [UInt8]) -> [UInt8] {
        var stream = SHA256Stream()
        stream.update(message)
        return stream.finish()
    }

    package static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: SHA256Stream.digestCount)
        var count = UInt32(digest.count)
        // HMAC takes a null key for "the key of last time"; keys are zero-padded, so one zero is the same empty key.
        let key = key.isEmpty ? [0] : key
        let result = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &digest, &count)
        check(result == nil ? 0 : 1, "HMAC")
        return digest
    }

    /// `count` bytes of libcrypto's generator, seeded by the system: fit for keys and tokens.
    package static func secureRandom(count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        check(RAND_bytes(&bytes, Int32(count)), "RAND_bytes")
        return bytes
    }

    /// The one place that reads libcrypto's return codes: 1 is success.
    static func check(_ result: Int32, _ call: StaticString) {
        guard result == 1 else {
            fatalError("libcrypto: \(call) failed (\(lastError())); memory or randomness is exhausted")
        }
    }

    /// As ``check(_:_:)`` for a call that makes an object.
    static func check(_ made: OpaquePointer?, _ call: StaticString) -> OpaquePointer {
        guard let made else {
            fatalError("libcrypto: \(call) failed (\(lastError())); memory or randomness is exhausted")
        }
        return made
    }

    private static func lastError() -> String {
        let code = ERR_get_error()
        guard let reason = ERR_reason_error_string(code) else { return "error \(code)" }
        return String(cString: reason)
    }
}
