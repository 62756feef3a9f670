import Foundation

/// A point in time in microseconds since 1970: what the API prints, exactly.
struct Instant: Sendable, Codable, Comparable, Hashable {
    var microseconds: Int64

    init(microseconds: Int64) { self.microseconds = microseconds }

    init(from decoder: any Decoder) throws {
        microseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        try value.encode(microseconds)
    }

    static func now() -> Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

    static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }
    static func + (instant: Instant, seconds: Double) -> Instant {
        Instant(microseconds: instant.microseconds + Int64(seconds * 1_000_000))
    }
    /// Seconds from `right` to `left`.
    static func - (left: Instant, right: Instant) -> Double {
        Double(left.microseconds - right.microseconds) / 1_000_000
    }

    /// `2026-07-30T12:55:26.540666+00:00`, as the Instance API writes dates.
    var instanceText: String { text + "+00:00" }
    /// `2026-07-30T12:55:26.638621Z`, as the Block, IAM and Account APIs write dates.
    var zuluText: String { text + "Z" }

    private var text: String {
        let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let (days, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = Self.civil(days: Int(days))
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let clock = [Int(time) / 3600, Int(time) / 60 % 60, Int(time) % 60].map { padded($0) }.joined(separator: ":")
        return "\(padded(year, 4))-\(padded(month))-\(padded(day))T\(clock).\(padded(Int(fraction), 6))"
    }

    /// Days since 1970 as a civil date (Howard Hinnant's algorithm): a date formatter per field would dominate a listing.
    private static func civil(days: Int) -> (Int, Int, Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }
}
