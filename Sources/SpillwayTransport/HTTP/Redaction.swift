package import SpillwayCore

/// What must not be read in a log: values known to be secret, headers secret by name, private keys by their form.
package struct Redaction: Sendable {
    private static let mask = "[secret]"
    private static let secretHeaders: Set<String> = [
        "authorization", "cookie", "proxy-authorization", "set-cookie", "x-amz-security-token", "x-auth-token",
    ]
    private static let secretParameters: Set<String> = [
        "x-amz-signature", "x-amz-security-token", "x-amz-credential", "signature", "awsaccesskeyid",
    ]

    /// Every spelling of a secret that may stand in a URL or a body, longest first, so that none leaves a rest.
    private let spellings: [[UInt8]]

    /// Secrets shorter than 8 bytes are left out: masking them would maim ordinary text and tell what they are.
    package init(secrets: [String] = []) {
        let long = secrets.filter { $0.utf8.count >= 8 }
        let all = Set(long + long.map(Self.percentEncoded) + long.map(Self.jsonEscaped))
        spellings = all.map { Array($0.utf8) }.sorted { $0.count > $1.count }
    }

    package func value(of header: HTTPRequest.Header) -> String {
        if header.isSecret || Self.secretHeaders.contains(header.name.lowercased()) { return Self.mask }
        return text(header.value)
    }

    package func url(_ url: String) -> String {
        guard let mark = url.firstIndex(of: "?") else { return text(url) }
        let parameters = url[url.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let masked = parameters.map { parameter in
            let name = parameter.prefix { $0 != "=" }
            return Self.secretParameters.contains(name.lowercased()) ? "\(name)=\(Self.mask)" : String(parameter)
        }
        return text(url[...mark] + masked.joined(separator: "&"))
    }

    /// `text` without secrets and private keys, and with control characters written out.
    package func text(_ text: String) -> String {
        var bytes = Array(Self.withoutPrivateKeys(text).utf8)
        for spelling in spellings { bytes = Self.masking(spelling, in: bytes) }
        return String(String(decoding: bytes, as: UTF8.self).flatMap { $0.isControl ? Array($0.escaped) : [$0] })
    }

    /// At most `limit` bytes of a body, masked before it is cut: a cut secret would no longer be found.
    package func body(_ bytes: [UInt8], limit: Int) -> String {
        guard let whole = String(validating: bytes, as: UTF8.self) else { return "(\(bytes.count) bytes, not text)" }
        let masked = text(whole)
        guard masked.utf8.count > limit else { return masked }
        var end = masked.utf8.index(masked.startIndex, offsetBy: max(0, limit))
        while String.Index(end, within: masked) == nil { end = masked.utf8.index(before: end) }
        return masked[..<end] + "… (\(bytes.count) bytes)"
    }

    /// By bytes: characters would hide a secret behind a combining mark that follows it.
    private static func masking(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        guard let first = secret.first else { return bytes }
        var masked: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == first, bytes[index...].starts(with: secret) {
                masked += mask.utf8
                index += secret.count
            } else {
                masked.append(bytes[index])
                index += 1
            }
        }
        return masked
    }

    private static func withoutPrivateKeys(_ text: String) -> String {
        var rest = text[...]
        var kept = ""
        while let begin = rest.firstRange(of: "PRIVATE KEY-----") {
            kept += rest[..<begin.upperBound] + mask
            rest = rest[begin.upperBound...]
            // A key without an end is masked to the end of the text.
            guard let end = rest.firstRange(of: "-----END ") else { return kept }
            let tail = rest[end.lowerBound...]
            let close = tail.dropFirst(9).firstRange(of: "PRIVATE KEY-----")
            kept += close.map { tail[..<$0.upperBound] } ?? ""
            rest = close.map { tail[$0.upperBound...] } ?? ""
        }
        return kept + rest
    }

    private static func percentEncoded(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.map { plain.contains($0) ? String(UnicodeScalar($0)) : "%" + [$0].hex.uppercased() }.joined()
    }

    private static func jsonEscaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

extension Character {
    /// A terminal obeys these; a log only shows them.
    fileprivate var isControl: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }

    fileprivate var escaped: String {
        unicodeScalars.map { $0 == "\n" ? "\\n" : $0 == "\r" ? "\\r" : "\\u{\(String($0.value, radix: 16))}" }.joined()
    }
}
