internal import SpillwayCore

/// One of AWS's two profile files, taken apart: sections of "key = value", some keys with indented lines below.
///
/// The official tools skip what they do not know, and so does this; a line that belongs nowhere is an error.
struct AWSConfigFile: Sendable {
    struct Value: Sendable, Hashable {
        var text: String
        var location: SourceLocation
    }

    /// A nested line is found as "key.nested".
    typealias Section = [String: Value]

    private(set) var sections: [String: Section] = [:]

    init() {}

    /// Throws code `credentials.malformed` with the place, never with the line itself: it may hold a secret.
    init(_ bytes: [UInt8], file: String) throws(Diagnostic) {
        var name: String?
        var parent: String?
        let lines = String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, raw) in lines.enumerated() {
            let isNested = raw.first?.isWhitespace ?? false
            let line = Self.trimmed(raw[...])
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            let location = SourceLocation(file: file, line: index + 1, column: 1)
            if line.hasPrefix("[") {
                guard let end = line.firstIndex(of: "]") else {
                    throw Self.malformed("a \"[\" without \"]\"", location)
                }
                let title = line[line.index(after: line.startIndex)..<end].split { $0 == " " || $0 == "\t" }
                name = title.joined(separator: " ").replacing("\"", with: "").replacing("'", with: "")
                parent = nil
                sections[name ?? "", default: [:]].merge([:]) { $1 }
                continue
            }
            guard let equals = line.firstIndex(of: "=") else { throw Self.malformed("a line without \"=\"", location) }
            guard let name else { throw Self.malformed("a line before the first [section]", location) }
            let key = Self.trimmed(line[..<equals]).lowercased()
            let text = Self.withoutComment(Self.trimmed(line[line.index(after: equals)...]))
            if isNested, let parent {
                sections[name]?["\(parent).\(key)"] = Value(text: text, location: location)
            } else {
                sections[name]?[key] = Value(text: text, location: location)
                parent = key
            }
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }

    /// A comment at the end of a line begins with white space and "#" or ";".
    private static func withoutComment(_ text: String) -> String {
        var previous: Character = " "
        for index in text.indices {
            if (text[index] == "#" || text[index] == ";") && previous.isWhitespace { return trimmed(text[..<index]) }
            previous = text[index]
        }
        return text
    }

    private static func malformed(_ problem: String, _ location: SourceLocation) -> Diagnostic {
        Diagnostic(
            "credentials.malformed", "The AWS profile file is malformed", detail: "There is \(problem).",
            remedy: "Write it anew with AWS's own tool.", command: "aws configure", source: location)
    }
}
