internal import FoundationEssentials

/// How state is written as JSON: sorted keys always, so that the same value is the same bytes;
/// keys in snake_case, as everywhere a user meets JSON of ours.
package enum StateJSON {
    /// Pretty printed, with a newline at the end: for files that people read.
    package static func document(_ value: some Encodable) throws -> [UInt8] {
        let encoder = encoder()
        encoder.outputFormatting.insert(.prettyPrinted)
        return [UInt8](try encoder.encode(value)) + [newline]
    }

    /// One line with its newline: for journals and event streams.
    package static func line(_ value: some Encodable) throws -> [UInt8] {
        let encoder = encoder()
        return [UInt8](try encoder.encode(value)) + [newline]
    }

    package static func decode<Value: Decodable>(
        _ type: Value.Type, _ bytes: some Collection<UInt8>
    ) throws(Unreadable) -> Value {
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .custom { SnakeCase(SnakeCase.fromSnake($0.last?.stringValue ?? "")) }
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw Unreadable(error, isJSON: (try? JSONDecoder().decode(Anything.self, from: Data(bytes))) != nil)
        }
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .custom { SnakeCase(SnakeCase.toSnake($0.last?.stringValue ?? "")) }
        return encoder
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    /// Why JSON could not be read as what it should be.
    package struct Unreadable: Error, Hashable {
        /// False: it is not JSON at all, as after a write that was cut off.
        package let isJSON: Bool
        package let reason: String

        fileprivate init(_ error: any Error, isJSON: Bool) {
            self.isJSON = isJSON
            reason =
                switch error as? DecodingError {
                case _ where !isJSON: "not valid JSON"
                case .keyNotFound(let key, let context): "\(Self.path(context.codingPath + [key])) is missing"
                case .valueNotFound(_, let context), .typeMismatch(_, let context), .dataCorrupted(let context):
                    "\(Self.path(context.codingPath)): \(context.debugDescription)"
                default: String(describing: error)
                }
        }

        private static func path(_ keys: [any CodingKey]) -> String {
            keys.isEmpty
                ? "the whole"
                : keys.reduce(into: "") { text, key in
                    if let index = key.intValue, key.stringValue.hasPrefix("Index") {
                        text += "[\(index)]"
                    } else {
                        text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
                    }
                }
        }
    }

    static let newline = UInt8(ascii: "\n")
}
