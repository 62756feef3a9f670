internal import FoundationEssentials

/// A decimal amount of a currency unit in billionths, read without a detour through floating point.
/// More than nine decimals are rounded up: a price is never understated.
struct NanoPrice: Decodable, Sendable, Hashable {
    let nanos: Int64

    /// Digits with at most one point, no sign, no exponent; nil for anything else or for what does not fit.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty,
            parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } }), let whole = Int64(parts[0])
        else { return nil }
        let decimals = parts.count == 2 ? parts[1] : ""
        let kept = String(decimals.prefix(9))
        let roundsUp = decimals.dropFirst(9).contains { $0 != "0" }
        guard let fraction = Int64(kept + String(repeating: "0", count: 9 - kept.utf8.count)) else { return nil }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowed) = scaled.addingReportingOverflow(fraction + (roundsUp ? 1 : 0))
        guard !overflow, !overflowed else { return nil }
        nanos = sum
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let decimal = try container.decode(Decimal.self)
        guard let price = NanoPrice(decimal.description) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(decimal) is not a price")
        }
        self = price
    }
}
