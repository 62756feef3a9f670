internal import FoundationEssentials

/// A field that must be there but may be `null`: an `Optional` would also pass when the field is missing.
struct Nullable<Wrapped: Decodable & Sendable>: Decodable, Sendable {
    let value: Wrapped?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        value = container.decodeNil() ? nil : try container.decode(Wrapped.self)
    }
}

/// Why a body did not decode, naming the field as a path: "server.volumes.0.id is missing".
func explain(_ error: any Error) -> String {
    func path(_ keys: [any CodingKey], _ last: (any CodingKey)? = nil) -> String {
        let all = keys + (last.map { [$0] } ?? [])
        return all.isEmpty
            ? "the body" : all.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
    guard let error = error as? DecodingError else { return "the body is not JSON" }
    switch error {
    case .keyNotFound(let key, let context): return "\(path(context.codingPath, key)) is missing"
    case .valueNotFound(_, let context): return "\(path(context.codingPath)) is null"
    case .typeMismatch(let type, let context): return "\(path(context.codingPath)) is not a \(type)"
    case .dataCorrupted(let context):
        return context.codingPath.isEmpty
            ? "the body is not JSON, or is cut off" : "\(path(context.codingPath)): \(context.debugDescription)"
    @unknown default: return "the body is not what was expected"
    }
}
