/// Reads the user configuration from a parsed document. Pure.
package enum ConfigurationDecoder {
    /// Every problem in one go, in the order of the file; the configuration is nil if any is an error.
    package static func decode(_ node: DocumentNode) -> (UserConfiguration?, [Diagnostic]) {
        // A file of comments alone is a configuration that sets nothing.
        if case .scalar(let text, let quoted, _) = node, DocumentNode.isNull(text, quoted) {
            return (UserConfiguration(), [])
        }
        var reading = Reading(
            options: SpecDecoder.Options(), language: ConfigurationLanguage.root.form.fields,
            document: "The user configuration")
        let draft = ConfigurationLanguage.root.read(node, &reading)
        return (draft?.value, reading.sorted.map(renamed))
    }

    /// `spec.unknown-key` is `config.unknown-key` here: the same problem in another file.
    private static func renamed(_ problem: Diagnostic) -> Diagnostic {
        var problem = problem
        let code = problem.code.description
        if code.hasPrefix("spec.") { problem.code = Diagnostic.Code("config." + code.dropFirst("spec.".count)) }
        return problem
    }
}
