import SpillwayTransport

/// Builds tar archives by hand, good ones and bad ones; independent of the writer under test.
struct TarArchive {
    private(set) var bytes: [UInt8] = []

    /// The archive with its end mark.
    var whole: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    mutating func add(
        _ name: String, flag: Character = "0", content: [UInt8] = [], link: String = "", mode: Int = 0o644,
        size: Int? = nil, breaksChecksum: Bool = false
    ) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: [UInt8], _ offset: Int) {
            for (index, byte) in text.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int, _ digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
        }
        put(Array(name.utf8.prefix(100)), 0)
        put(octal(mode, 7), 100)
        put(octal(0, 7), 108)
        put(octal(0, 7), 116)
        put(octal(size ?? content.count, 11), 124)
        put(octal(1_700_000_000, 11), 136)
        block[156] = flag.asciiValue ?? 0
        put(Array(link.utf8.prefix(100)), 157)
        put(Array("ustar".utf8), 257)
        put(Array("00".utf8), 263)
        put(Array("        ".utf8), 148)
        let sum = block.reduce(0) { $0 + Int($1) } + (breaksChecksum ? 1 : 0)
        put(octal(sum, 6) + [0, 32], 148)
        bytes += block + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    mutating func addRaw(_ more: [UInt8]) { bytes += more }

    mutating func addPax(_ records: [(String, String)]) {
        let content = records.flatMap { key, value -> [UInt8] in
            let body = " \(key)=\(value)\n"
            var length = body.utf8.count + 1
            while "\(length)\(body)".utf8.count != length { length = "\(length)\(body)".utf8.count }
            return Array("\(length)\(body)".utf8)
        }
        add("pax", flag: "x", content: content)
    }

    mutating func addLongName(_ name: String, flag: Character = "L") {
        add("././@LongLink", flag: flag, content: Array(name.utf8) + [0])
    }
}
