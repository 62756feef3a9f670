/// One key of a mapping that becomes a `Root`: its form, and where its value goes.
struct Field<Root>: Sendable {
    let form: FieldForm
    let read: @Sendable (DocumentNode, inout Root, inout Reading) -> Void

    init<Value>(
        _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ shape: Shape<Value>,
        _ presence: FieldForm.Presence, aliases: [String] = [], _ doc: String
    ) {
        form = FieldForm(
            key: key, form: shape.form, presence: presence, doc: doc, aliases: aliases)
        read = { node, root, reading in
            if let value = shape.read(node, &reading) { root[keyPath: path] = value }
        }
    }

    /// For what stays nil when the key is left out.
    init<Value>(
        _ key: String, _ path: any WritableKeyPath<Root, Value?> & Sendable, _ shape: Shape<Value>,
        _ presence: FieldForm.Presence, aliases: [String] = [], _ doc: String
    ) {
        self.init(
            key, path, shape.map { $0 as Value? }, presence, aliases: aliases, doc)
    }
}

/// What a mapping's own rules need to know beside its values.
struct RecordOutcome {
    var location: SourceLocation
    /// The keys that are missing though required, or had an error: their values are still those of the draft.
    var failed: Set<String> = []
}

extension Shape {
    /// A mapping with fixed keys. `draft` has every default in place; what is required and missing is reported.
    /// `finish` runs even after errors, so that the rules between keys are reported in the same go.
    static func record(
        _ fields: [Field<Value>],
        draft: @escaping @Sendable (SourceLocation) -> Value,
        finish: @escaping @Sendable (inout Value, RecordOutcome, inout Reading) -> Void = { _, _, _ in }
    ) -> Shape {
        let form = Form.record(fields.map(\.form))
        return Shape(form: form) { node, reading in
            guard case .mapping(let entries, let location) = node else {
                reading.reportKind(of: node, wanted: form)
                return nil
            }
            let before = reading.errorCount
            var value = draft(location)
            var outcome = RecordOutcome(location: location)
            var seen: [String: SourceLocation] = [:]
            // A required key that was only misspelt is not reported as missing too.
            var meant: Set<String?> = []
            for entry in entries {
                guard let field = fields.first(where: { $0.form.key == entry.key }) else {
                    meant.insert(reading.reportUnknown(entry, among: fields.map(\.form)))
                    continue
                }
                guard reading.isFirst(entry, &seen) else { continue }
                let errors = reading.errorCount
                reading.within(entry.key) { field.read(entry.value, &value, &$0) }
                if reading.errorCount > errors { outcome.failed.insert(entry.key) }
            }
            for field in fields where field.form.presence == .required && seen[field.form.key] == nil {
                outcome.failed.insert(field.form.key)
                guard !meant.contains("`\(field.form.key)`") else { continue }
                reading.report(
                    .missingKey, "\(reading.place) has no `\(field.form.key)`: \(field.form.doc.firstSentence)",
                    remedy: "Add `\(field.form.key):` with \(field.form.form.words).", at: location)
            }
            finish(&value, outcome, &reading)
            return reading.errorCount > before ? nil : value
        }
    }

    /// A mapping whose keys are names of the user's own, in the order written.
    static func dictionary<Item: Sendable>(
        names: Shape<String>, nameForm: TextForm, values: Shape<Item>
    ) -> Shape where Value == [(name: Located<String>, value: Item)] {
        let form = Form.dictionary(names: nameForm, values: values.form)
        return Shape(form: form) { node, reading in
            guard case .mapping(let entries, _) = node else {
                reading.reportKind(of: node, wanted: form)
                return nil
            }
            var seen: [String: SourceLocation] = [:]
            var read: Value = []
            for entry in entries where reading.isFirst(entry, &seen) {
                let key = DocumentNode.scalar(entry.key, quoted: true, entry.keyLocation)
                let name = reading.within(entry.key) { names.read(key, &$0) }
                let item = reading.within(entry.key) { values.read(entry.value, &$0) }
                if let name, let item { read.append((Located(name, at: entry.keyLocation), item)) }
            }
            return read.count == entries.count ? read : nil
        }
    }
}

extension Reading {
    /// Reports a key that stands in the mapping a second time.
    mutating func isFirst(_ entry: DocumentNode.Entry, _ seen: inout [String: SourceLocation]) -> Bool {
        guard let first = seen[entry.key] else {
            seen[entry.key] = entry.keyLocation
            return true
        }
        report(
            .duplicateKey, "\(place(entry.key)) stands in line \(first.line) already.", remedy: "Keep one of the two.",
            at: entry.keyLocation)
        return false
    }

    /// Gives the key that was probably meant, in backquotes.
    mutating func reportUnknown(_ entry: DocumentNode.Entry, among fields: [FieldForm]) -> String? {
        let meant = Suggestion.key(for: entry.key, among: fields, language: language)
        let known = "Known here: \(fields.map { "`\($0.key)`" }.joined(separatedBy: "and"))."
        report(
            .unknownKey, "\(place) has no key `\(entry.key.excerpt)`.",
            remedy: meant.map { "Did you mean \($0)?" } ?? known, at: entry.keyLocation)
        return meant
    }
}

extension String {
    /// Up to and with the first full stop that ends a sentence.
    var firstSentence: String { firstRange(of: ". ").map { String(self[..<$0.lowerBound]) + "." } ?? self }
}
