extension Shape {
    /// A scalar with a notation of its own. A `Complaint` from `parse` is reported with the place and the text.
    static func text(
        _ form: TextForm, parse: @escaping @Sendable (String, Reading) throws(Complaint) -> Value
    ) -> Shape {
        Shape(form: .text(form)) { node, reading in
            guard case .scalar(let text, let quoted, let location) = node, !DocumentNode.isNull(text, quoted) else {
                reading.reportKind(of: node, wanted: .text(form))
                return nil
            }
            do throws(Complaint) {
                return try parse(text, reading)
            } catch {
                reading.report(
                    error.code, "\(reading.place) is `\(text.excerpt)`: \(error.why).",
                    remedy: error.remedy ?? "Write \(form.words).", at: location)
                return nil
            }
        }
    }

    /// One of a fixed set. `true` and `false` must not be quoted, because YAML readers of other tools differ there.
    static func choice(_ choices: [(String, Value)], synonyms: [String: String] = [:]) -> Shape {
        let form = Form.choice(choices.map { Choice(text: $0.0) })
        return Shape(form: form) { node, reading in
            guard case .scalar(let text, let quoted, let location) = node, !DocumentNode.isNull(text, quoted) else {
                reading.reportKind(of: node, wanted: form)
                return nil
            }
            if let found = choices.first(where: { $0.0 == text }) { return found.1 }
            let remedy =
                (synonyms[text] ?? Suggestion.nearest(to: text, among: choices.map(\.0))).map {
                    "Did you mean `\($0)`?"
                }
                ?? "Write \(form.words)."
            reading.report(
                .unknownValue, "\(reading.place) is `\(text.excerpt)`, which is none of \(form.words).", remedy: remedy,
                at: location)
            return nil
        }
    }
}

extension Shape where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static var cases: Shape { cases(synonyms: [:]) }

    static func cases(synonyms: [String: String]) -> Shape {
        .choice(Value.allCases.map { ($0.rawValue, $0) }, synonyms: synonyms)
    }
}

extension Shape<Int> {
    static func integer(_ range: ClosedRange<Int>) -> Shape {
        let form = Form.integer(range)
        return Shape(form: form) { node, reading in
            guard case .scalar(let text, let quoted, let location) = node, !quoted,
                let number = Int(digits: text.hasPrefix("-") ? text.dropFirst() : text[...])
            else {
                reading.reportKind(of: node, wanted: form)
                return nil
            }
            let value = text.hasPrefix("-") ? -number : number
            guard range.contains(value) else {
                reading.report(
                    .wrongRange, "\(reading.place) is `\(text)`.", remedy: "Write \(form.words).", at: location)
                return nil
            }
            return value
        }
    }
}
