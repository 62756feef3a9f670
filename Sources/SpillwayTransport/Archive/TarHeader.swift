/// A member's header blocks: ustar, with a pax header before it for what ustar cannot hold.
enum TarHeader {
    private static let largestOctal: Int64 = 0o777_7777_7777

    static func encode(_ entry: TarEntry) -> [UInt8] {
        var pax: [(String, [UInt8])] = []
        let place = split(entry.path)
        if place == nil || !isASCII(entry.path) { pax.append(("path", entry.path)) }
        let target = linkTarget(of: entry)
        if target.count > 100 || !isASCII(target) { pax.append(("linkpath", target)) }
        if entry.size > largestOctal { pax.append(("size", Array(String(entry.size).utf8))) }
        if entry.modified < 0 || entry.modified > largestOctal {
            pax.append(("mtime", Array(String(entry.modified).utf8)))
        }
        let main = block(
            name: place?.name ?? Array(entry.path.prefix(100)), prefix: place?.prefix ?? [],
            flag: flag(of: entry), link: Array(target.prefix(100)), size: entry.size, mode: entry.mode,
            modified: entry.modified)
        guard !pax.isEmpty else { return main }
        let records = pax.flatMap { record($0.0, $0.1) }
        let header = block(
            name: Array("pax".utf8), prefix: [], flag: UInt8(ascii: "x"), link: [], size: Int64(records.count),
            mode: 0o644, modified: 0)
        let padding = [UInt8](repeating: 0, count: TarLayout.padding(after: Int64(records.count)))
        return header + records + padding + main
    }

    /// "LENGTH key=value\n", where LENGTH counts itself.
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let body = Array(" \(key)=".utf8) + value + [10]
        var length = body.count + 1
        while String(length).utf8.count + body.count != length { length = String(length).utf8.count + body.count }
        return Array(String(length).utf8) + body
    }

    /// A path as ustar's name and prefix; nil when it does not fit.
    private static func split(_ path: [UInt8]) -> (name: [UInt8], prefix: [UInt8])? {
        if path.count <= 100 { return (path, []) }
        // The last slash that leaves a name of at most 100 bytes has the longest prefix: take the first that does.
        guard let slash = path.indices.first(where: { path[$0] == 47 && $0 > 0 && path.count - $0 - 1 <= 100 }),
            slash <= 155, slash + 1 < path.count
        else { return nil }
        return (Array(path[(slash + 1)...]), Array(path[..<slash]))
    }

    private static func flag(of entry: TarEntry) -> UInt8 {
        switch entry.kind {
        case .file: UInt8(ascii: "0")
        case .hardlink: UInt8(ascii: "1")
        case .symlink: UInt8(ascii: "2")
        case .directory: UInt8(ascii: "5")
        case .other(let flag): flag
        }
    }

    private static func linkTarget(of entry: TarEntry) -> [UInt8] {
        switch entry.kind {
        case .symlink(let target), .hardlink(let target): target
        default: []
        }
    }

    private static func isASCII(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 < 128 } }

    private static func block(
        name: [UInt8], prefix: [UInt8], flag: UInt8, link: [UInt8], size: Int64, mode: UInt32, modified: Int64
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: TarLayout.block)
        func put(_ bytes: [UInt8], at offset: Int) { block.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
        func put(octal value: Int64, digits: Int, at offset: Int) {
            let text = String(value >= 0 && value <= largestOctal ? value : 0, radix: 8)
            put(
                Array(String(repeating: "0", count: max(0, digits - text.utf8.count)).utf8) + Array(text.utf8),
                at: offset)
        }
        put(name, at: 0)
        put(octal: Int64(mode & 0o7777), digits: 7, at: 100)
        put(octal: 0, digits: 7, at: 108)
        put(octal: 0, digits: 7, at: 116)
        put(octal: size, digits: 11, at: 124)
        put(octal: modified, digits: 11, at: 136)
        block[156] = flag
        put(link, at: 157)
        put(Array("ustar\u{0}00".utf8), at: 257)
        put(octal: 0, digits: 7, at: 329)
        put(octal: 0, digits: 7, at: 337)
        put(prefix, at: 345)
        put(Array("        ".utf8), at: 148)
        put(octal: block.reduce(0) { $0 + Int64($1) }, digits: 6, at: 148)
        block[154] = 0
        return block
    }
}
