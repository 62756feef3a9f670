/// Cuts what a job writes into lines for a terminal; the line it is still writing is kept apart.
struct JobLines {
    /// A line longer than this is shown in pieces.
    static let longest = 16 << 10

    private var pending: [UInt8] = []

    /// Takes `bytes` and gives the lines that are complete now, without their line breaks.
    mutating func take(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 10) {
            lines.append(pending + rest[..<end])
            pending = []
            rest = rest[(end + 1)...]
        }
        pending += rest
        if pending.count > Self.longest {
            lines.append(pending)
            pending = []
        } else if pending.count > 256, let overwritten = pending.dropLast().lastIndex(of: 13) {
            // A progress bar that redraws itself: only what it shows now is kept.
            pending.removeSubrange(...overwritten)
        }
        return lines
    }

    /// What stands on the unfinished line.
    var unfinished: [UInt8] { pending }

    /// The unfinished line, which ends here; nil when there is none.
    mutating func finish() -> [UInt8]? {
        defer { pending = [] }
        return pending.isEmpty ? nil : pending
    }
}

/// Holds back the beginning of a UTF-8 character whose rest has not come yet.
struct UTF8Boundary {
    private var carried: [UInt8] = []

    mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        var whole = carried + bytes
        let cut = Self.incomplete(whole)
        carried = Array(whole.suffix(cut))
        whole.removeLast(cut)
        return whole
    }

    /// What was held back and will not be completed any more.
    mutating func finish() -> [UInt8] {
        defer { carried = [] }
        return carried
    }

    /// How many bytes at the end begin a character without finishing it.
    private static func incomplete(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}
