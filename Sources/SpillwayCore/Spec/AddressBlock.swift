/// An IPv4 or IPv6 network in CIDR notation; a bare address is a network of one.
package struct AddressBlock: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 4 or 16 bytes, host bits zero.
    package let bytes: [UInt8]
    package let prefix: Int

    package var isIPv6: Bool { bytes.count == 16 }
    /// True for `0.0.0.0/0` and `::/0`.
    package var isEverything: Bool { prefix == 0 }

    /// Nil for what is no address. Host bits that are set are dropped: compare with the text to find out.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let address = Self.address(parts[0]) else { return nil }
        prefix = parts.count == 2 ? Int(digits: parts[1]) ?? -1 : address.count * 8
        guard (0...address.count * 8).contains(prefix) else { return nil }
        var masked = address
        for index in masked.indices {
            let kept = min(max(prefix - index * 8, 0), 8)
            masked[index] &= ~UInt8(truncatingIfNeeded: 0xFF >> kept)
        }
        bytes = masked
    }

    /// True when `text` names an address inside the network it asks for, such as `203.0.113.7/24`.
    package static func hasHostBits(_ text: String) -> Bool {
        guard let block = AddressBlock(text), let slash = text.firstIndex(of: "/") else { return false }
        return AddressBlock(String(text[..<slash]))?.bytes != block.bytes
    }

    package var description: String { "\(Self.text(bytes))/\(prefix)" }

    private static func address(_ text: String) -> [UInt8]? { text.contains(":") ? ipv6(text) : ipv4(text) }

    private static func ipv4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        // "010" is octal to some readers and decimal to others.
        let bytes = parts.compactMap { $0.count > 1 && $0.hasPrefix("0") ? nil : UInt8(digits: $0) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func ipv6(_ text: String) -> [UInt8]? {
        guard let gap = text.firstRange(of: "::") else {
            let bytes = groups(text[...])
            return bytes?.count == 16 ? bytes : nil
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains("."), let four = ipv4(String(part)) {
                bytes += four
            } else if (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexDigit),
                let group = UInt16(part, radix: 16)
            {
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            } else {
                return nil
            }
        }
        return bytes
    }

    private static func text(_ bytes: [UInt8]) -> String {
        guard bytes.count == 16 else { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        // RFC 5952: the longest run of two or more zero groups, the first of equals, is written "::".
        var best = 0..<0
        var index = 0
        while index < 8 {
            let end = groups[index...].firstIndex { $0 != 0 } ?? 8
            if end - index > max(best.count, 1) { best = index..<end }
            index = max(end, index + 1)
        }
        let hex = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        return best.isEmpty
            ? hex(groups[...]) : "\(hex(groups[..<best.lowerBound]))::\(hex(groups[best.upperBound...]))"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let block = AddressBlock(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a CIDR: \(text)")
        }
        self = block
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        isDigit || (self >= UInt8(ascii: "a") && self <= UInt8(ascii: "f"))
            || (self >= UInt8(ascii: "A") && self <= UInt8(ascii: "F"))
    }
}
