/// Three capital letters of ISO 4217. Amounts of two currencies are never added.
package struct Currency: Hashable, Sendable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String

    package init?(rawValue: String) {
        guard rawValue.utf8.count == 3, rawValue.utf8.allSatisfy({ $0 >= 65 && $0 <= 90 }) else { return nil }
        self.rawValue = rawValue
    }

    private init(known: String) { rawValue = known }

    package static let eur = Currency(known: "EUR")
    package static let usd = Currency(known: "USD")

    package var description: String { rawValue }
}

/// An amount in millionths of a currency unit. Charges are rounded up to it once (see ``Rate``).
package struct Money: Hashable, Sendable, Codable, CustomStringConvertible {
    package var micros: Int64
    package var currency: Currency

    package init(micros: Int64, currency: Currency) {
        self.micros = micros
        self.currency = currency
    }

    /// Reads "4 EUR", "4.00 EUR", "0.5EUR": digits, at most six decimals, a currency; nil for anything else.
    package init?(_ text: String) {
        let letters = text.suffix(3)
        var digits = text.dropLast(3)
        while digits.last == " " { digits.removeLast() }
        guard let currency = Currency(rawValue: String(letters)), let micros = Self.micros(digits) else { return nil }
        self.init(micros: micros, currency: currency)
    }

    /// At least two decimals, more only where they say something: "4.00 EUR", "0.008976 EUR".
    package var description: String { "\(Self.decimal(micros, places: 6)) \(currency)" }

    /// Digits of `value` / 10^`places`, trailing zeros dropped down to two decimals.
    package static func decimal(_ value: Int64, places: Int) -> String {
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        var fraction = padded.suffix(places)
        while fraction.count > 2, fraction.last == "0" { fraction.removeLast() }
        return "\(value < 0 ? "-" : "")\(padded.dropLast(places)).\(fraction)"
    }

    private static func micros(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty, parts.allSatisfy({ $0.utf8.allSatisfy(isDigit) }),
            let whole = Int64(parts[0])
        else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            guard (1...6).contains(parts[1].utf8.count) else { return nil }
            let padded = parts[1] + String(repeating: "0", count: 6 - parts[1].utf8.count)
            guard let value = Int64(padded) else { return nil }
            fraction = value
        }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowed) = scaled.addingReportingOverflow(fraction)
        return overflow || overflowed ? nil : sum
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
