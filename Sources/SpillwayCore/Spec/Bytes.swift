/// A size in bytes, as written in a spec: `80GB` (powers of 1000) or `32GiB` (powers of 1024).
package struct Bytes: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package var count: Int64

    package init(_ count: Int64) { self.count = count }

    package static func < (a: Bytes, b: Bytes) -> Bool { a.count < b.count }

    private static let units: [(name: String, size: Int64)] = [
        ("TiB", 1 << 40), ("TB", 1_000_000_000_000), ("GiB", 1 << 30), ("GB", 1_000_000_000),
        ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("KB", 1000), ("B", 1),
    ]

    /// Digits, an optional fraction and a unit, with at most one space between; nil for anything else, for what is
    /// not whole bytes and for more than 2^63.
    package init?(_ text: String) {
        guard let unit = Self.units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        var number = text.dropLast(unit.name.count)
        if number.last == " " { number.removeLast() }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let whole = Int64(digits: parts[0]) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit.size)
        guard !overflow else { return nil }
        count = product
        guard parts.count == 2 else { return }
        guard parts[1].count <= 6, let fraction = Int64(digits: parts[1]) else { return nil }
        let scale = (0..<parts[1].count).reduce(Int64(1)) { power, _ in power * 10 }
        let (scaled, overflowed) = fraction.multipliedReportingOverflow(by: unit.size)
        guard !overflowed, scaled % scale == 0 else { return nil }
        let (sum, carried) = product.addingReportingOverflow(scaled / scale)
        guard !carried else { return nil }
        count = sum
    }

    /// In the largest unit that leaves a whole number; decimal before binary.
    package var description: String {
        guard count > 0 else { return "\(count)B" }
        let unit = Self.units.first { count % $0.size == 0 } ?? ("B", 1)
        return "\(count / unit.size)\(unit.name)"
    }

    package init(from decoder: any Decoder) throws {
        count = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(count)
    }
}

extension FixedWidthInteger {
    /// Like `init(_:)`, but ASCII digits only: no sign, no underscores.
    init?(digits text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
        self.init(text, radix: 10)
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    var isLowercase: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }
    var isUppercase: Bool { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") }
    var isLetter: Bool { isLowercase || isUppercase }
    var isWordByte: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
}
