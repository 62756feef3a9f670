/// An element of an XML answer: text or children, as the EC2 protocol has no attributes.
struct XMLNode: Sendable {
    let name: String
    private let text: String?
    private let children: [XMLNode]

    private init(_ name: String, text: String?, children: [XMLNode] = []) {
        (self.name, self.text, self.children) = (name, text, children)
    }

    /// Nothing where there is no text.
    static func text(_ name: String, _ text: String?) -> XMLNode? { text.map { XMLNode(name, text: $0) } }

    static func int(_ name: String, _ number: Int) -> XMLNode { XMLNode(name, text: String(number)) }
    static func bool(_ name: String, _ flag: Bool) -> XMLNode { XMLNode(name, text: flag ? "true" : "false") }

    static func node(_ name: String, _ children: [XMLNode?]) -> XMLNode {
        XMLNode(name, text: nil, children: children.compactMap(\.self))
    }

    /// `<name><item>…</item>…</name>`
    static func list(_ name: String, _ items: [[XMLNode?]]) -> XMLNode {
        node(name, items.map { .node("item", $0) })
    }

    /// `<name><item>text</item>…</name>`
    static func texts(_ name: String, _ items: [String]) -> XMLNode {
        node(name, items.map { .text("item", $0) })
    }

    static func tags(_ tags: [String: String]) -> XMLNode? {
        if tags.isEmpty { return nil }
        return list(
            "tagSet", tags.sorted { $0.key < $1.key }.map { [.text("key", $0.key), .text("value", $0.value)] })
    }

    /// As a whole document whose root says which service speaks.
    func document(namespace: String?) -> String {
        var out = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
        write(to: &out, attributes: namespace.map { " xmlns=\"\($0)\"" } ?? "")
        return out
    }

    private func write(to out: inout String, attributes: String = "") {
        if text == nil, children.isEmpty {
            out += "<\(name)\(attributes)/>"
            return
        }
        out += "<\(name)\(attributes)>"
        if let text { Self.escape(text, to: &out) }
        for child in children { child.write(to: &out) }
        out += "</\(name)>"
    }

    private static func escape(_ text: String, to out: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\r": out += "&#xD;"
            default: out.unicodeScalars.append(scalar)
            }
        }
    }
}
