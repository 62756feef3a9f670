/// `docs/spec.md`: every key of the spec, from the description that decodes it.
package enum SpecReference {
    /// The same text each time; ends with a line break.
    package static func render() -> String {
        let fields = SpecLanguage.root.form.fields
        var lines = [
            "# The spec: `spillway.yaml`", "",
            "Generated from the description that decodes it; a test keeps it fresh. Editors complete and check a spec with",
            "`docs/schema/spillway.schema.json`: put `# yaml-language-server: $schema=PATH` in its first line.", "",
            "Unknown keys are errors. Endpoints, owner and credentials never stand in a spec.", "",
            "```yaml", example, "```", "",
        ]
        lines += section("Keys", path: "", fields)
        lines += notations(fields)
        return lines.joined(separator: "\n") + "\n"
    }

    /// A spec with most of its keys; a test decodes it.
    package static let example = """
        name: render
        provider: scaleway
        zone: [fr-par-2, nl-ams-1]
        resources:
          instance_type: POP2-HC-32C-64G
          disk: 80GB
        budget:
          max_cost: 8.00 EUR
          max_duration: 3h
        files:
          - {from: ., to: work}
        env: {THREADS: "8"}
        secrets: [HF_TOKEN]
        setup: apt-get update && apt-get install -y ffmpeg
        run: ./render.sh
        timeout: 2h
        outputs:
          - {from: work/out/, to: out/, max_size: 20GB}
        """

    private static func section(_ title: String, path: String, _ fields: [FieldForm]) -> [String] {
        let rows = fields.map { field in
            "| `\(field.key)` | \(cell(field.form.words)) | \(presence(field)) | \(cell(field.doc)) |"
        }
        let nested = fields.filter { !$0.form.fields.isEmpty }.flatMap { field in
            let list = if case .list = field.form { "[]" } else { "" }
            let below = "\(path)\(field.key)\(list)"
            return section("`\(below)`", path: below + ".", field.form.fields)
        }
        return ["## \(title)", "", "| key | value | if left out | meaning |", "|---|---|---|---|"] + rows + [""]
            + nested
    }

    private static func presence(_ field: FieldForm) -> String {
        switch field.presence {
        case .required: "**required**"
        case .optional: "nothing"
        case .standard(let text): cell(text)
        }
    }

    /// Each notation once, in the order met.
    private static func notations(_ fields: [FieldForm]) -> [String] {
        var seen: [TextForm] = []
        func visit(_ form: Form) {
            switch form {
            case .text(let text): if text.examples.count > 1, !seen.contains(text) { seen.append(text) }
            case .list(let item, _): visit(item)
            case .record(let fields): fields.forEach { visit($0.form) }
            case .dictionary(_, let values): visit(values)
            case .either(let forms): forms.forEach(visit)
            case .integer, .choice: break
            }
        }
        fields.forEach { visit($0.form) }
        let rows = seen.map { text in
            "- \(text.noun): \(text.examples.map { "`\($0)`" }.joined(separator: ", "))"
        }
        return ["## Notations", ""] + rows + [""]
    }

    private static func cell(_ text: String) -> String { text.split(separator: "|").joined(separator: "\\|") }
}
