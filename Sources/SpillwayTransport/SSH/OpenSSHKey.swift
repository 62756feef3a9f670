internal import FoundationEssentials
package import SpillwayCore

/// OpenSSH's formats of an ed25519 key, without a passphrase.
enum OpenSSHKey {
    static let algorithm = "ssh-ed25519"
    private static let magic = Array("openssh-key-v1\0".utf8)
    private static let header = "-----BEGIN OPENSSH PRIVATE KEY-----"
    private static let footer = "-----END OPENSSH PRIVATE KEY-----"

    /// `check` is the format's own guard word: any four bytes.
    static func pair(_ raw: Ed25519.RawPair, comment: String, check: [UInt8]) -> KeyPair {
        let blob = string(Array(algorithm.utf8)) + string(raw.publicKey)
        var secret = check + check + blob + string(raw.seed + raw.publicKey) + string(Array(comment.utf8))
        var pad: UInt8 = 0
        while secret.count % 8 != 0 {
            pad += 1
            secret.append(pad)
        }
        let none = string(Array("none".utf8))
        let file = magic + none + none + string([]) + word(1) + string(blob) + string(secret)
        let lines = wrapped(Data(file).base64EncodedString())
        return KeyPair(
            privateKey: ([header] + lines + [footer, ""]).joined(separator: "\n"),
            publicKey: HostKey(algorithm: algorithm, base64: Data(blob).base64EncodedString()))
    }

    /// Why `key` cannot be used here; nil when it can.
    static func problem(with key: KeyPair) -> String? {
        guard key.publicKey.algorithm == algorithm else {
            return
                "the client key is \(key.publicKey.algorithm); only \(algorithm) is used. "
                + "RSA and ECDSA keys are refused: the SSH library signs RSA with SHA-1 alone, which hosts reject. "
                + "Make one with ssh-keygen -t ed25519"
        }
        guard key.privateKey.contains(header) else {
            return "the client key is not in OpenSSH's private key format (no \"\(header)\")"
        }
        let body = key.privateKey.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
        guard let data = Data(base64Encoded: body), data.starts(with: magic) else {
            return "the client key file is damaged: its body is not an openssh-key-v1 structure"
        }
        guard data.dropFirst(magic.count).starts(with: string(Array("none".utf8))) else {
            return "the client key has a passphrase; keys used here have none"
        }
        guard let blob = key.publicKey.blob, data.firstRange(of: Data(blob)) != nil else {
            return "the private and the public half of the client key do not belong together"
        }
        return nil
    }

    private static func word(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] { word(bytes.count) + bytes }

    private static func wrapped(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: 70).map {
            String(decoding: bytes[$0..<min($0 + 70, bytes.count)], as: UTF8.self)
        }
    }
}

extension HostKey {
    /// The key's wire form; nil when `base64` is not that.
    var blob: [UInt8]? { Data(base64Encoded: base64).map(Array.init) }

    /// As `ssh-keygen -l` prints it: "SHA256:" and base64 without padding.
    package var fingerprint: String {
        guard let blob else { return "SHA256:(not base64)" }
        let digest = Data(LibCrypto.sha256(blob)).base64EncodedString()
        return "SHA256:" + String(digest.prefix { $0 != "=" })
    }
}
