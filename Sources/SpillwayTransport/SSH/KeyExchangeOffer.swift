/// What a host's first packet offers, read for the text of an error: libssh2 says only that nothing fitted.
struct KeyExchangeOffer {
    let keyExchanges: [String]
    let hostKeys: [String]
    let ciphers: [String]
    let macs: [String]

    /// nil when `opening`, the first bytes of a connection, holds no whole KEXINIT after the banner.
    init?(opening: [UInt8]) {
        guard let packet = Self.firstPacket(of: opening), packet.first == 20, packet.count > 17 else { return nil }
        var rest = packet.dropFirst(17)
        var lists: [[String]] = []
        while lists.count < 6 {
            guard let count = Self.length(of: rest), rest.count >= 4 + count else { return nil }
            let text = String(decoding: rest.dropFirst(4).prefix(count), as: UTF8.self)
            lists.append(text.split(separator: ",").map(String.init))
            rest = rest.dropFirst(4 + count)
        }
        (keyExchanges, hostKeys, ciphers, macs) = (lists[0], lists[1], lists[3], lists[5])
    }

    /// The line before the first newline when it is no SSH banner, made safe to print.
    static func foreignBanner(in opening: [UInt8]) -> String? {
        guard !opening.isEmpty, !opening.starts(with: Array("SSH-".utf8)) else { return nil }
        let line = opening.prefix { $0 != 10 && $0 != 13 }.prefix(60)
        return String(decoding: line.map { (32..<127).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
    }

    private static func firstPacket(of opening: [UInt8]) -> ArraySlice<UInt8>? {
        var rest = opening[...]
        while let newline = rest.firstIndex(of: 10) {
            let isBanner = rest.starts(with: Array("SSH-".utf8))
            rest = rest[(newline + 1)...]
            guard isBanner else { continue }
            guard let count = length(of: rest), count > 1, rest.count >= 4 + count else { return nil }
            return rest.dropFirst(5).prefix(count - 1)
        }
        return nil
    }

    private static func length(of bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let count = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        return count <= 65_536 ? count : nil
    }
}
