/// What the user may write in one place, as data: decoding, the JSON Schema, the reference and every "did you mean"
/// come from the same value.
indirect enum Form: Hashable, Sendable {
    case text(TextForm)
    case integer(ClosedRange<Int>)
    case choice([Choice])
    case list(Form, atLeast: Int)
    case record([FieldForm])
    /// A mapping whose keys are the user's own.
    case dictionary(names: TextForm, values: Form)
    /// Told apart by their kind: text, list or mapping.
    case either([Form])

    /// With its article, for "must be …": "a size such as `80GB`".
    var words: String {
        switch self {
        case .text(let text): text.words
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let choices): choices.map { "`\($0.text)`" }.joined(separatedBy: "or")
        case .list(.record, _): "a list of mappings"
        case .list(let form, _): "a list of \(form.plural)"
        case .record: "a mapping"
        case .dictionary: "a mapping of names to values"
        case .either(let forms): forms.map(\.words).joined(separatedBy: "or")
        }
    }

    private var plural: String {
        switch self {
        case .text(let text): text.plural
        case .choice(let choices): choices.map { "`\($0.text)`" }.joined(separatedBy: "and")
        default: "values"
        }
    }

    /// The fields of the mapping that this form allows, if any.
    var fields: [FieldForm] {
        switch self {
        case .record(let fields): fields
        case .list(let form, _): form.fields
        case .either(let forms): forms.flatMap(\.fields)
        case .text, .integer, .choice, .dictionary: []
        }
    }
}

/// A value of a fixed set; `true` and `false` are written without quotes.
struct Choice: Hashable, Sendable {
    var text: String
    var isBoolean: Bool { text == "true" || text == "false" }
}

/// A scalar with a notation of its own. `pattern` is for editors and may accept more than the reader does, never less.
struct TextForm: Hashable, Sendable {
    var noun: String
    var plural: String
    var pattern: String?
    var examples: [String]
    /// What else the notation may look like to another YAML reader: `cpus: 8` is a number there.
    var alsoReads: [ScalarType] = []

    enum ScalarType: String, Hashable, Sendable {
        case integer, number, boolean
    }

    var words: String { examples.first.map { "\(noun) such as `\($0)`" } ?? noun }
}

/// One key of a mapping.
struct FieldForm: Hashable, Sendable {
    enum Presence: Hashable, Sendable {
        case required
        case optional
        /// In words or as written, for the reference.
        case standard(String)
    }

    var key: String
    var form: Form
    var presence: Presence
    var doc: String
    /// What other tools call it.
    var aliases: [String]
}

extension Sequence<String> {
    /// "a, b or c".
    func joined(separatedBy word: String) -> String {
        let all = Array(self)
        guard let last = all.last, all.count > 1 else { return all.first ?? "" }
        return "\(all.dropLast().joined(separator: ", ")) \(word) \(last)"
    }
}
