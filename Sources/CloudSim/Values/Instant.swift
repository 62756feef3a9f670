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

    /// `2026-07-30T12:55:26.000Z`, as EC2 writes dates.
    var ec2Text: String { text.prefix(19) + ".000Z" }
    /// `2026-07-30T12:55:26Z`, as the metadata of an instance writes them.
    var plainText: String { text.prefix(19) + "Z" }
    /// `20260730T125526Z`, as signatures write dates.
    var basicText: String { text.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z" }

    init?(basic text: String) {
        let digits = text.filter(\.isNumber).compactMap(\.wholeNumberValue)
        guard text.count == 16, text.hasSuffix("Z"), digits.count == 14 else { return nil }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        let (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
        let seconds = number(8..<10) * 3600 + number(10..<12) * 60 + number(12..<14)
        microseconds = Int64(Self.days(year, month, day) * 86_400 + seconds) * 1_000_000
    }

    /// `Sat, 21 Nov 2026 14:40:38 GMT`, as HTTP writes dates.
    var httpText: String {
        let days = Int(microseconds / 86_400_000_000)
        let (year, month, day) = Self.civil(days: days)
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][days % 7]
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return
            "\(weekday), \(day < 10 ? "0" : "")\(day) \(names[month - 1]) \(year) \(text.dropFirst(11).prefix(8)) GMT"
    }

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

    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (shifted / 400, shifted % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
