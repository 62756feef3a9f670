/// Swift's names as JSON's and back: `stateID` is `state_id`, `goneAt` is `gone_at`.
///
/// A key that begins with an underscore, as Swift gives to unnamed payloads, stays as it is.
struct SnakeCase: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    static func toSnake(_ name: String) -> String {
        var out = ""
        var previousIsUpper = true
        for character in name {
            if character.isUppercase, !previousIsUpper { out.append("_") }
            out += character.lowercased()
            previousIsUpper = character.isUppercase
        }
        return out
    }

    static func fromSnake(_ key: String) -> String {
        let words = key.split(separator: "_", omittingEmptySubsequences: false)
        guard words.count > 1, words[0] != "" else { return key }
        return words.dropFirst().reduce(into: String(words[0])) { name, word in
            name += word == "id" ? "ID" : word.prefix(1).uppercased() + word.dropFirst()
        }
    }
}
