/// A form together with how it is read into a value.
struct Shape<Value: Sendable>: Sendable {
    let form: Form
    /// Nil when something was reported.
    let read: @Sendable (DocumentNode, inout Reading) -> Value?

    func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> Shape<Other> {
        Shape<Other>(form: form) { node, reading in read(node, &reading).map(transform) }
    }

    /// Looks at what was read and may add problems.
    func checked(_ check: @escaping @Sendable (Value, SourceLocation, inout Reading) -> Void) -> Shape {
        Shape(form: form) { node, reading in
            guard let value = read(node, &reading) else { return nil }
            check(value, node.location, &reading)
            return value
        }
    }

    var located: Shape<Located<Value>> {
        Shape<Located<Value>>(form: form) { node, reading in
            read(node, &reading).map { Located($0, at: node.location) }
        }
    }

    /// A list; every item is read, so that the problems of all show. Nil if any item failed.
    func list(atLeast least: Int = 0) -> Shape<[Value]> {
        let form = Form.list(form, atLeast: least)
        return Shape<[Value]>(form: form) { node, reading in
            guard case .sequence(let items, let location) = node else {
                reading.reportKind(of: node, wanted: form)
                return nil
            }
            guard items.count >= least else {
                reading.report(
                    .wrongRange, "\(reading.place) is an empty list.",
                    remedy: "Write \(form.words), or leave the key out.",
                    at: location)
                return nil
            }
            let values = items.enumerated().map { index, item in
                reading.within(item: index) { read(item, &$0) }
            }
            return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
        }
    }

    /// One value, or a list of them.
    var oneOrMore: Shape<[Value]> {
        let many = list(atLeast: 1)
        return .either(.either([form, many.form])) { node in
            if case .sequence = node { many } else { map { [$0] } }
        }
    }

    /// Several forms told apart by the kind of node.
    static func either(_ form: Form, choose: @escaping @Sendable (DocumentNode) -> Shape?) -> Shape {
        Shape(form: form) { node, reading in
            guard let shape = choose(node) else {
                reading.reportKind(of: node, wanted: form)
                return nil
            }
            return shape.read(node, &reading)
        }
    }
}

extension Reading {
    mutating func reportKind(of node: DocumentNode, wanted: Form) {
        let found =
            switch node {
            case .scalar(let text, false, _) where DocumentNode.isNull(text, false): "has no value"
            case .scalar(let text, false, _): "is `\(text.excerpt)`"
            case .scalar(let text, true, _): "is the text \"\(text.excerpt)\""
            case .sequence: "is a list"
            case .mapping: "is a mapping"
            }
        report(.wrongType, "\(place) \(found).", remedy: "Write \(wanted.words).", at: node.location)
    }
}

extension DocumentNode {
    /// YAML's ways to say nothing.
    static func isNull(_ text: String, _ quoted: Bool) -> Bool {
        !quoted && ["", "~", "null", "Null", "NULL"].contains(text)
    }
}

extension String {
    /// The beginning of a user's text, on one line and without control characters, for a message.
    var excerpt: String {
        let line = split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        let short = line.count > 60 || line.count < count ? "\(line.prefix(57))…" : line
        return short.withoutControls
    }

    /// With control characters in Swift's notation: a name from a folder must not move the cursor.
    var withoutControls: String {
        unicodeScalars.map { $0.value < 32 || $0.value == 127 ? $0.escaped(asASCII: true) : String($0) }.joined()
    }
}
