/// The scalar notations that the user configuration has beside those of the spec.
enum ConfigurationNotations {
    static let owner = Shape<String>.text(
        TextForm(
            noun: "an id of letters, digits, `.`, `_` and `-`", plural: "ids",
            pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$", examples: ["ada-7f3a"])
    ) { text, _ throws(Complaint) in
        let allowed = text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "._-".utf8.contains($0) }
        guard allowed, text.utf8.count <= 63, let first = text.utf8.first, first.isLetter || first.isDigit else {
            throw Complaint(.wrongName, "it goes into tags, so it has up to 63 letters, digits, `.`, `_` and `-`")
        }
        return text
    }

    static let account = Shape<String>.text(
        TextForm(
            noun: "an account or project id", plural: "account or project ids", pattern: "^[A-Za-z0-9-]+$",
            examples: ["11111111-2222-3333-4444-555555555555"], alsoReads: [.integer])
    ) { text, _ throws(Complaint) in
        guard text.utf8.allSatisfy({ $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") }) else {
            throw Complaint(.wrongName, "an id has letters, digits and `-` only")
        }
        return text
    }

    /// https, or plain http on this machine: whoever can change the answer decides who may reach the SSH port, or what
    /// seems cheap.
    static let address = Shape<String>.text(
        TextForm(
            noun: "an https URL", plural: "URLs", pattern: "^https?://[^\\s]+$",
            examples: ["https://checkip.amazonaws.com"])
    ) { text, _ throws(Complaint) in
        let plain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 }
        let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { host in
            text.hasPrefix(host) && [nil, ":", "/"].contains(text.dropFirst(host.count).first)
        }
        guard plain, loopback || text.hasPrefix("https://"), text.utf8.count > "https://".utf8.count else {
            throw Complaint(.wrongValue, "it is asked over https, or over http on this machine alone")
        }
        return text
    }

    static let pairForm = TextForm(
        noun: "a pair of currencies", plural: "pairs of currencies", pattern: "^[A-Z]{3}/[A-Z]{3}$",
        examples: ["EUR/USD"])
    static let pair = Shape<String>.text(pairForm) { text, _ throws(Complaint) in
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Currency(rawValue: String($0)) }
        guard parts.count == 2, let from = parts[0], let to = parts[1] else {
            throw Complaint(.wrongName, "a rate is named by two currencies of three capital letters")
        }
        guard from != to else { throw Complaint(.contradiction, "both currencies are the same") }
        return text
    }

    /// A positive decimal with at most nine places, in billionths.
    static let rate = Shape<Int64>.text(
        TextForm(
            noun: "a number", plural: "numbers", pattern: "^[0-9]+(\\.[0-9]{1,9})?$", examples: ["1.08"],
            alsoReads: [.integer, .number])
    ) { text, _ throws(Complaint) in
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let whole = Int64(digits: parts[0]), whole < 1_000_000 else {
            throw Complaint(.wrongValue, "a rate is a decimal number such as 1.08, below 1000000")
        }
        var fraction: Int64 = 0
        if parts.count == 2 {
            let padded = parts[1] + String(repeating: "0", count: max(0, 9 - parts[1].count))
            guard parts[1].count <= 9, !parts[1].isEmpty, let value = Int64(digits: padded) else {
                throw Complaint(.wrongValue, "a rate has at most nine decimal places")
            }
            fraction = value
        }
        let nanos = whole * 1_000_000_000 + fraction
        guard nanos > 0 else { throw Complaint(.wrongRange, "a rate is more than nothing") }
        return nanos
    }
}
