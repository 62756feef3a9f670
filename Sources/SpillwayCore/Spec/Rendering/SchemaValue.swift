/// A JSON value whose members keep the order they are given in, so that the same schema is always the same bytes.
indirect enum SchemaValue: ExpressibleByStringLiteral {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case array([SchemaValue])
    case object([(key: String, value: SchemaValue)])

    init(stringLiteral value: String) { self = .string(value) }

    static func strings(_ texts: [String]) -> SchemaValue { .array(texts.map { .string($0) }) }

    /// Two spaces a level; arrays of scalars on one line.
    func render(indent: String = "") -> String {
        let deeper = indent + "  "
        switch self {
        case .string(let text): return Self.quoted(text)
        case .integer(let number): return String(number)
        case .boolean(let flag): return String(flag)
        case .array(let items):
            if items.allSatisfy(\.isScalar) { return "[\(items.map { $0.render() }.joined(separator: ", "))]" }
            let lines = items.map { deeper + $0.render(indent: deeper) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let lines = members.map { "\(deeper)\(Self.quoted($0.key)): \($0.value.render(indent: deeper))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        }
    }

    private var isScalar: Bool {
        switch self {
        case .string, .integer, .boolean: true
        case .array, .object: false
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case _ where scalar.value < 32:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
