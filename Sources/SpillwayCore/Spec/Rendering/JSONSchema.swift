/// The spec as a JSON Schema (draft 2020-12), for editors that complete and check while one writes.
///
/// Whatever the decoder accepts, the schema accepts. The rules between keys are the decoder's alone.
package enum JSONSchema {
    /// The same text each time; ends with a line break.
    package static func render() -> String {
        render(
            SpecLanguage.root.form, title: "spillway.yaml",
            description: "What a burst is: its machine, its budget, its files and its job.")
    }

    /// As ``render()``, for the user configuration.
    package static func renderConfiguration() -> String {
        render(
            ConfigurationLanguage.root.form, title: "config.yaml of Spillway",
            description: "What a user sets once for all of their bursts.")
    }

    private static func render(_ form: Form, title: String, description: String) -> String {
        let head: [(key: String, value: SchemaValue)] = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", .string(title)),
            ("description", .string(description)),
        ]
        return SchemaValue.object(head + members(form)).render() + "\n"
    }

    private static func members(_ form: Form) -> [(key: String, value: SchemaValue)] {
        switch form {
        case .text(let text):
            [("type", types(text))] + (text.pattern.map { [("pattern", .string($0))] } ?? [])
                + (text.examples.isEmpty ? [] : [("examples", .strings(text.examples))])
        case .integer(let range):
            [("type", "integer"), ("minimum", .integer(range.lowerBound)), ("maximum", .integer(range.upperBound))]
        case .choice(let choices):
            [("enum", .array(choices.map { $0.isBoolean ? .boolean($0.text == "true") : .string($0.text) }))]
        case .list(let item, let least):
            [("type", "array")] + (least > 0 ? [("minItems", .integer(least))] : [])
                + [("items", .object(members(item)))]
        case .record(let fields): record(fields)
        case .dictionary(let names, let values):
            [
                ("type", "object"), ("propertyNames", .object(members(.text(names)))),
                ("additionalProperties", .object(members(values))),
            ]
        case .either(let forms):
            [("anyOf", .array(forms.map { .object(members($0)) }))]
        }
    }

    private static func record(_ fields: [FieldForm]) -> [(key: String, value: SchemaValue)] {
        let required = fields.filter { $0.presence == .required }.map(\.key)
        return [("type", "object"), ("additionalProperties", .boolean(false))]
            + (required.isEmpty ? [] : [("required", .strings(required))])
            + [("properties", .object(fields.map { ($0.key, property($0)) }))]
    }

    private static func property(_ field: FieldForm) -> SchemaValue {
        let standard = if case .standard(let text) = field.presence { " Default: \(text)." } else { "" }
        return .object([("description", .string(field.doc + standard))] + members(field.form))
    }

    private static func types(_ text: TextForm) -> SchemaValue {
        text.alsoReads.isEmpty ? "string" : .strings(["string"] + text.alsoReads.map(\.rawValue))
    }
}
