/// How many columns text takes on a terminal; colour sequences take none.
enum TextWidth {
    static func of(_ text: String) -> Int {
        var width = 0
        walk(text) { columns, _ in
            width += columns
            return true
        }
        return width
    }

    /// `text` in at most `width` columns, with an ellipsis where it was cut; colours are closed.
    static func cut(_ text: String, to width: Int, ellipsis: String = "…") -> String {
        guard of(text) > width else { return text }
        var out = ""
        var used = 0
        var colored = false
        walk(text) { columns, piece in
            if columns == 0, piece.first == "\u{1B}" { colored = true }
            guard used + columns <= width - of(ellipsis) else { return false }
            used += columns
            out.unicodeScalars.append(contentsOf: piece)
            return true
        }
        return out + ellipsis + (colored ? "\u{1B}[0m" : "")
    }

    static func padded(_ text: String, to width: Int, right: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - of(text)))
        return right ? space + text : text + space
    }

    /// Breaks at spaces so that each line fits; a word that is longer stands alone. Line breaks in `text` stay.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph -> [String] in
            guard of(String(paragraph)) > width else { return [String(paragraph)] }
            // What is indented was laid out by its author.
            let indent = String(paragraph.prefix { $0 == " " })
            var lines: [String] = []
            var line = indent
            for word in paragraph.split(separator: " ") {
                let fits = line == indent || of(line) + 1 + of(String(word)) <= width
                if !fits {
                    lines.append(line)
                    line = indent
                }
                line += (line == indent ? "" : " ") + word
            }
            return lines + [line]
        }
    }

    /// Gives each visible scalar with its columns, and each colour sequence with none, until `body` says stop.
    private static func walk(_ text: String, _ body: (Int, ArraySlice<Unicode.Scalar>) -> Bool) {
        let scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            var end = index + 1
            if scalars[index] == "\u{1B}", end < scalars.count, scalars[end] == "[" {
                while end < scalars.count, scalars[end] != "m" { end += 1 }
                end = min(end + 1, scalars.count)
                guard body(0, scalars[index..<end]) else { return }
            } else {
                guard body(columns(scalars[index]), scalars[index..<end]) else { return }
            }
            index = end
        }
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        let wide =
            (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value) || (0xAC00...0xD7A3).contains(value)
            || (0xF900...0xFAFF).contains(value) || (0xFE30...0xFE6F).contains(value)
            || (0xFF00...0xFF60).contains(value) || (0xFFE0...0xFFE6).contains(value)
            || (0x20000...0x3FFFD).contains(value) || scalar.properties.isEmojiPresentation
        return wide ? 2 : 1
    }
}
