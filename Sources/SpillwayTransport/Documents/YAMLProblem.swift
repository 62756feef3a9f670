internal import SpillwayCore

/// The wording of everything ``YAMLReader`` refuses.
enum YAMLProblem {
    static func syntax(_ problem: String, _ place: SourceLocation) -> Diagnostic {
        diagnostic(
            "spec.yaml-syntax", "the file is not valid YAML", detail: problem, remedy: remedy(for: problem), place)
    }

    static func duplicate(_ key: String, first: SourceLocation, _ place: SourceLocation) -> Diagnostic {
        diagnostic(
            "spec.duplicate-key", "a key stands twice in one mapping",
            detail: "'\(key)' is set at line \(first.line), column \(first.column) already",
            remedy: "Keep one of the two.", place)
    }

    static func alias(_ text: String, _ place: SourceLocation) -> Diagnostic {
        diagnostic(
            "spec.yaml-alias", "anchors and aliases are not supported", detail: "found '\(text)'",
            remedy: "Write the value out where it is used; put text that begins with '&' or '*' in quotes.", place)
    }

    static func tag(_ tag: String, _ place: SourceLocation) -> Diagnostic {
        diagnostic(
            "spec.yaml-tag", "YAML tags are not supported", detail: "found '\(tag)'",
            remedy: "Leave the tag out; put text that begins with '!' in quotes.", place)
    }

    static func severalDocuments(_ place: SourceLocation) -> Diagnostic {
        diagnostic(
            "spec.yaml-documents", "the file holds more than one YAML document",
            detail: "a second document begins here", remedy: "Keep one document in a file.", place)
    }

    static func key(_ place: SourceLocation) -> Diagnostic {
        diagnostic(
            "spec.yaml-key", "a key must be text", detail: "found a list or a mapping in the place of a key",
            remedy: "Put a value that begins with '[' or '{' in quotes.", place)
    }

    static func tooDeep(_ place: SourceLocation) -> Diagnostic {
        diagnostic(
            "spec.yaml-depth", "the file is nested too deeply",
            detail: "more than \(YAMLReader.maxDepth) levels inside each other", remedy: nil, place)
    }

    static func tooBig(_ bytes: Int, _ place: SourceLocation) -> Diagnostic {
        diagnostic(
            "spec.yaml-size", "the file is too big",
            detail: "it has \(bytes) bytes; at most \(YAMLReader.maxBytes) are read",
            remedy: "Is this the right file? Data belongs in the folder that is shipped, not in the spec.", place)
    }

    static func notUTF8(byte: UInt8, _ place: SourceLocation) -> Diagnostic {
        diagnostic(
            "spec.yaml-encoding", "the file is not UTF-8 text",
            detail: "the byte 0x\([byte].hex) does not belong here", remedy: "Save the file as UTF-8.", place)
    }

    private static func diagnostic(
        _ code: Diagnostic.Code, _ summary: String, detail: String, remedy: String?, _ place: SourceLocation
    ) -> Diagnostic {
        Diagnostic(code, summary, detail: detail, remedy: remedy, source: place, exit: .usage)
    }

    /// libyaml says what it did not find; this says what people usually did.
    private static func remedy(for problem: String) -> String? {
        if problem.contains("cannot start any token") {
            return "Indent with spaces, not tabs; put text that begins with a special character in quotes."
        }
        if problem.contains("tab character") { return "Indent with spaces, not tabs." }
        if problem.contains("mapping values are not allowed") {
            return "Put text that contains ': ' in quotes, and check that the line is indented as its neighbours are."
        }
        if problem.contains("did not find expected key") || problem.contains("block end") {
            return "Check that the line is indented as its neighbours are."
        }
        if problem.contains("could not find expected ':'") {
            return "Write 'key: value', with a space after the colon."
        }
        if problem.contains("unexpected end of stream") { return "Close the quote or bracket that was opened there." }
        return nil
    }
}
