internal import SpillwayCore

/// One header block as it stands, its checksum verified.
struct TarBlock {
    let name: [UInt8]
    let link: [UInt8]
    let flag: UInt8
    let size: Int64
    let mode: UInt32
    let modified: Int64

    init(_ block: [UInt8]) throws(RemoteFailure) {
        func field(_ offset: Int, _ count: Int) -> ArraySlice<UInt8> { block[offset..<offset + count] }
        func text(_ offset: Int, _ count: Int) -> [UInt8] { Array(field(offset, count).prefix { $0 != 0 }) }

        let stated = Self.number(field(148, 8))
        let spaces = 8 * 32
        let sum = block.reduce(0) { $0 + Int64($1) } - field(148, 8).reduce(0) { $0 + Int64($1) } + Int64(spaces)
        guard stated == sum else { throw TarReader.damaged("a header whose checksum is wrong") }
        guard let size = Self.number(field(124, 12)), size >= 0 else {
            throw TarReader.damaged("a header without a readable size")
        }
        let isPOSIX = field(257, 6).elementsEqual(Array("ustar\u{0}".utf8))
        // GNU keeps times where POSIX keeps the prefix.
        let prefix = isPOSIX ? text(345, 155) : []
        name = prefix.isEmpty ? text(0, 100) : prefix + [47] + text(0, 100)
        link = text(157, 100)
        flag = block[156]
        self.size = size
        mode = UInt32(truncatingIfNeeded: (Self.number(field(100, 8)) ?? 0o644) & 0o7777)
        modified = Self.number(field(136, 12)) ?? 0
    }

    /// Octal text, or GNU's base-256 with the first bit set; nil when it is neither or does not fit.
    static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            let isNegative = first & 0x40 != 0
            var value: Int64 = isNegative ? -1 : 0
            for (index, byte) in field.enumerated() {
                let (high, overflow) = value.multipliedReportingOverflow(by: 256)
                guard !overflow else { return nil }
                let digit = index == 0 ? (isNegative ? byte | 0x80 : byte & 0x7f) : byte
                value = high | Int64(digit)
            }
            return value
        }
        let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
        var value: Int64 = 0
        for digit in digits {
            guard (48...55).contains(digit), value < Int64.max >> 3 else { return nil }
            value = value << 3 | Int64(digit - 48)
        }
        return value
    }
}
