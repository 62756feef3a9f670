internal import SpillwayCore

/// The form of one request to a Query API: an action and its parameters, lists counted from 1.
struct AWSQuery: Sendable, Hashable {
    static let contentType = HTTPRequest.Header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")

    let action: String
    private(set) var pairs: [(key: String, value: String)]

    init(_ action: String, version: String) {
        self.action = action
        pairs = [("Action", action), ("Version", version)]
    }

    /// Setting nil leaves the parameter out.
    subscript(_ key: String) -> String? {
        get { pairs.first { $0.key == key }?.value }
        set {
            pairs.removeAll { $0.key == key }
            if let newValue { pairs.append((key, newValue)) }
        }
    }

    mutating func list(_ key: String, _ values: some Sequence<String>) {
        for (index, value) in values.enumerated() { self["\(key).\(index + 1)"] = value }
    }

    /// `Filter.n.Name` and `Filter.n.Value.m`.
    mutating func filters(_ filters: [(name: String, values: [String])]) {
        for (index, filter) in filters.enumerated() {
            self["Filter.\(index + 1).Name"] = filter.name
            list("Filter.\(index + 1).Value", filter.values)
        }
    }

    /// As HTML forms are written, and as AWS's own clients write them: a space is a plus.
    var text: String { pairs.map { "\(Self.encoded($0.key))=\(Self.encoded($0.value))" }.joined(separator: "&") }

    private static func encoded(_ text: String) -> String { percentEncoded(text).replacing("%20", with: "+") }

    var body: [UInt8] { Array(text.utf8) }

    static func == (a: AWSQuery, b: AWSQuery) -> Bool { a.text == b.text }

    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
