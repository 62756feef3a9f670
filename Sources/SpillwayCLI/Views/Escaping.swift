/// Text of others (specs, clouds, jobs) made harmless for the place it is shown in.
enum Escaping {
    /// One line for a terminal: whatever would move the cursor, change colours, reorder or hide text is spelled out.
    static func terminal(_ text: String) -> String { escape(text) { _ in false } }

    /// As ``terminal(_:)``, but line breaks stay.
    static func paragraphs(_ text: String) -> String { escape(text) { $0 == "\n" } }

    /// Text for Markdown: nothing in it is markup, a link, HTML or a mention.
    static func markdown(_ text: String) -> String {
        var out = ""
        for scalar in terminal(text).unicodeScalars {
            switch scalar {
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "&": out += "&amp;"
            // A backslash does not keep these from becoming mentions, references and links; an empty comment does.
            case "@": out += "@<!-- -->"
            case "#": out += "\\#<!-- -->"
            case ":": out += ":<!-- -->"
            case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "+", "-", ".", "!", "|", "~", "=", "$":
                out += "\\"
                out.unicodeScalars.append(scalar)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// A line that a job wrote, for a terminal: its colours stay where `color` allows them and end with the line; other
    /// escape sequences go; what a carriage return overwrote is not shown.
    static func jobLine(_ bytes: some Collection<UInt8>, color: Bool) -> String {
        var line = ArraySlice(Array(bytes))
        while line.last == 13 { line.removeLast() }
        if let overwritten = line.lastIndex(of: 13) { line = line[(overwritten + 1)...] }
        let text = Array(String(decoding: line, as: UTF8.self).unicodeScalars)
        var out = ""
        var colored = false
        var index = 0
        while index < text.count {
            let scalar = text[index]
            guard scalar == "\u{1B}" else {
                if scalar == "\t" || !isHidden(scalar) {
                    out.unicodeScalars.append(scalar)
                } else if scalar != "\u{7}" {
                    out += spelled(scalar)
                }
                index += 1
                continue
            }
            let end = endOfSequence(text, from: index)
            if color, text[end - 1] == "m", text[index..<end].dropFirst(2).dropLast().allSatisfy(isParameter) {
                for part in text[index..<end] { out.unicodeScalars.append(part) }
                colored = true
            }
            index = end
        }
        return colored ? out + "\u{1B}[0m" : out
    }

    private static func escape(_ text: String, keeping: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: { isHidden($0) && !keeping($0) }) else { return text }
        var out = ""
        for scalar in text.unicodeScalars {
            if isHidden(scalar), !keeping(scalar) {
                out += spelled(scalar)
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private static func spelled(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }

    /// Controls, line separators and invisible formatting, bidirectional overrides among it. The joiners of Persian and
    /// of emoji, and soft hyphens, stay.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value >= 32, scalar.value < 127 { return false }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: return true
        case .format: return ![0x200C, 0x200D, 0xAD].contains(scalar.value)
        default: return false
        }
    }

    /// The index after the escape sequence that begins at `start`: CSI, OSC and its relatives, or two characters.
    private static func endOfSequence(_ text: [Unicode.Scalar], from start: Int) -> Int {
        guard start + 1 < text.count else { return text.count }
        var index = start + 2
        switch text[start + 1] {
        case "[":
            while index < text.count, !(0x40...0x7E).contains(text[index].value) { index += 1 }
            return min(index + 1, text.count)
        case "]", "P", "_", "^", "X":
            while index < text.count {
                if text[index] == "\u{7}" { return index + 1 }
                if text[index] == "\u{1B}", index + 1 < text.count, text[index + 1] == "\\" { return index + 2 }
                index += 1
            }
            return text.count
        default:
            return index
        }
    }

    private static func isParameter(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value >= 48 && scalar.value <= 57) || scalar == ";" || scalar == ":"
    }
}
