import SpillwayCore

/// A diagnostic as people read it: what, where, why, what exists now, what to do. Text of others in it is escaped.
struct DiagnosticView {
    let diagnostic: Diagnostic
    var style = Style.plain
    /// nil where lines are not to be broken, as in a file.
    var width: Int?

    var text: String {
        var paragraphs: [[String]] = [[headline]]
        for paragraph in [diagnostic.detail, diagnostic.exists ?? "", diagnostic.remedy ?? ""] where !paragraph.isEmpty
        {
            paragraphs.append(indented(paragraph, by: 2))
        }
        if let command = diagnostic.command {
            // Never wrapped: it is there to be copied.
            paragraphs.append(["      " + style.bold(Escaping.terminal(command))])
        }
        let spaced = paragraphs.count > 2 || diagnostic.severity == .error
        return paragraphs.map { $0.joined(separator: "\n") }.joined(separator: spaced ? "\n\n" : "\n")
            + (spaced ? "\n\n" : "\n")
    }

    private var headline: String {
        let place = diagnostic.source.map { "\(Escaping.terminal($0.description)): " } ?? ""
        let word =
            switch diagnostic.severity {
            case .error: style.red("error:")
            case .warning: style.yellow("warning:")
            case .note: style.cyan("note:")
            }
        let code = style.dim("[\(Escaping.terminal(diagnostic.code.description))]")
        return "\(place)\(word) \(style.bold(Escaping.terminal(diagnostic.summary))) \(code)"
    }

    private func indented(_ text: String, by spaces: Int) -> [String] {
        let indent = String(repeating: " ", count: spaces)
        let text = Escaping.paragraphs(text)
        let lines =
            width.map { TextWidth.wrapped(text, to: max(20, $0 - spaces)) }
            ?? text.split(
                separator: "\n", omittingEmptySubsequences: false
            ).map(String.init)
        return lines.map { $0.isEmpty ? "" : indent + $0 }
    }
}

/// A diagnostic as programs read it: `{"event":"diagnostic","severity":"error","code":"…",…}`.
struct DiagnosticEvent: Encodable {
    let diagnostic: Diagnostic

    private enum Key: String, CodingKey { case event }

    func encode(to encoder: any Encoder) throws {
        try diagnostic.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("diagnostic", forKey: .event)
    }
}
