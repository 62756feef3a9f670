/// A parsed YAML or JSON document with the position of every node; what the spec is decoded from.
package indirect enum DocumentNode: Hashable, Sendable {
    /// `quoted` is true for a scalar in quotes or a block: it is text whatever it looks like.
    case scalar(String, quoted: Bool, SourceLocation)
    case sequence([DocumentNode], SourceLocation)
    case mapping([Entry], SourceLocation)

    package struct Entry: Hashable, Sendable {
        package var key: String
        package var keyLocation: SourceLocation
        package var value: DocumentNode

        package init(key: String, keyLocation: SourceLocation, value: DocumentNode) {
            self.key = key
            self.keyLocation = keyLocation
            self.value = value
        }
    }

    package var location: SourceLocation {
        switch self {
        case .scalar(_, _, let location), .sequence(_, let location), .mapping(_, let location): location
        }
    }
}
