/// An instant in whole seconds since 1970 UTC. Written and read as RFC 3339 in UTC ("2026-11-21T03:32:00Z").
package struct Timestamp: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package var seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.seconds < b.seconds }
    package static func + (a: Timestamp, b: Seconds) -> Timestamp { Timestamp(seconds: a.seconds + b.count) }
    package static func - (a: Timestamp, b: Timestamp) -> Seconds { Seconds(a.seconds - b.seconds) }

    /// Accepts `Z` or a numeric offset and optional fractional seconds (dropped); nil for anything else.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[range] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            return value
        }
        guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] == 84 || bytes[10] == 116 || bytes[10] == 32,
            bytes[13] == 58, bytes[16] == 58,
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var rest = bytes.dropFirst(19)
        if rest.first == 46 { rest = rest.dropFirst().drop(while: { $0 >= 48 && $0 <= 57 }) }
        var offset: Int64 = 0
        if rest.count == 6, rest.first == 43 || rest.first == 45 {
            let start = rest.startIndex
            guard bytes[start + 3] == 58, let h = number(start + 1..<start + 3), let m = number(start + 4..<start + 6)
            else { return nil }
            offset = (h * 3600 + m * 60) * (rest.first == 45 ? -1 : 1)
        } else if !(rest.count == 1 && (rest.first == 90 || rest.first == 122)) {
            return nil
        }
        let days = Self.daysFromCivil(year, month, day)
        seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
    }

    package var description: String {
        let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
        let rest = seconds - days * 86400
        let (year, month, day) = Self.civilFromDays(days)
        func pad(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T"
            + "\(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))Z"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time: \(text)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    // Proleptic Gregorian days since 1970-01-01, by 400-year eras that begin on 1 March.
    private static func daysFromCivil(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civilFromDays(_ days: Int64) -> (Int64, Int64, Int64) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let m = (5 * dayOfYear + 2) / 153
        let month = m < 10 ? m + 3 : m - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
    }
}

/// A span in whole seconds, as written in a spec ("90s", "15m", "3h", "1d12h").
package struct Seconds: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package var count: Int64

    package init(_ count: Int64) { self.count = count }
    package static func minutes(_ n: Int64) -> Seconds { Seconds(n * 60) }
    package static func hours(_ n: Int64) -> Seconds { Seconds(n * 3600) }

    package static func < (a: Seconds, b: Seconds) -> Bool { a.count < b.count }
    package static func + (a: Seconds, b: Seconds) -> Seconds { Seconds(a.count + b.count) }
    package static func - (a: Seconds, b: Seconds) -> Seconds { Seconds(a.count - b.count) }

    /// The spec's notation: digits with a unit of d, h, m or s, largest first, each at most once; nil otherwise.
    package init?(_ text: String) {
        var total: Int64 = 0
        var digits = ""
        var smallest = Int64.max
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            let unit: Int64? =
                switch character {
                case "d": 86400
                case "h": 3600
                case "m": 60
                case "s": 1
                default: nil
                }
            guard let unit, unit < smallest, let value = Int64(digits) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: unit)
            let (sum, overflowed) = total.addingReportingOverflow(product)
            guard !overflow, !overflowed else { return nil }
            (total, smallest, digits) = (sum, unit, "")
        }
        guard digits.isEmpty, smallest != .max else { return nil }
        count = total
    }

    package var description: String {
        guard count > 0 else { return count == 0 ? "0s" : "-" + Seconds(-count).description }
        let parts: [(Int64, String)] = [
            (count / 86400, "d"), (count / 3600 % 24, "h"), (count / 60 % 60, "m"), (count % 60, "s"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        count = try container.decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(count)
    }
}
