/// `Filter.n.Name` and `Filter.n.Value.m`: an item passes when each filter has a value that fits. `*` and `?` stand for
/// any text and any character, `\*` and `\?` for themselves.
struct Filters {
    typealias Fields<Item> = [String: (Item) -> [String]]

    private let filters: [(name: String, values: [String])]

    init(_ query: EC2Query) throws {
        filters = try query.members("Filter").map { filter in
            (try filter.required("Name"), filter.list("Value"))
        }
    }

    /// Throws for a filter that the action does not have.
    func apply<Item>(
        _ items: [Item], tags: ((Item) -> [String: String])?, _ fields: Fields<Item>
    ) throws -> [Item] {
        var items = items
        for filter in filters {
            guard let read = Self.field(filter.name, tags, fields) else {
                throw EC2Error.invalid("The filter '\(filter.name)' is invalid")
            }
            items = items.filter { item in
                read(item).contains { value in filter.values.contains { Self.matches(value, $0) } }
            }
        }
        return items
    }

    private static func field<Item>(
        _ name: String, _ tags: ((Item) -> [String: String])?, _ fields: Fields<Item>
    ) -> ((Item) -> [String])? {
        if let tags {
            if name == "tag-key" { return { Array(tags($0).keys) } }
            if name.hasPrefix("tag:") {
                let key = String(name.dropFirst("tag:".count))
                return { tags($0)[key].map { [$0] } ?? [] }
            }
        }
        return fields[name]
    }

    static func matches(_ text: String, _ pattern: String) -> Bool {
        matches(Array(text.utf8)[...], Array(pattern.utf8)[...])
    }

    private static func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        if first == UInt8(ascii: "*") {
            return (0...text.count).contains { matches(text.dropFirst($0), rest) }
        }
        if first == UInt8(ascii: "\\"), let escaped = rest.first {
            return text.first == escaped && matches(text.dropFirst(), rest.dropFirst())
        }
        guard let byte = text.first, first == byte || first == UInt8(ascii: "?") else { return false }
        return matches(text.dropFirst(), rest)
    }
}
