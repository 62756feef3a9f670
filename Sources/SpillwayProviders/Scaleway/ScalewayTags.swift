internal import SpillwayCore

/// Spillway's tags as Scaleway keeps them: flat strings, written "key=value".
enum ScalewayTags {
    static func encode(_ tags: ResourceTags) -> [String] {
        tags.pairs.map { "\($0.key)=\($0.value)" }
    }

    /// nil for what is not wholly ours. Strings of other people are skipped; a key of ours that stands there twice
    /// with different values makes the resource ambiguous, and what is ambiguous is not ours.
    static func decode(_ tags: [String]) -> ResourceTags? {
        var pairs: [String: String] = [:]
        for tag in tags {
            guard let equals = tag.firstIndex(of: "=") else { continue }
            let key = String(tag[..<equals])
            let value = String(tag[tag.index(after: equals)...])
            if let known = pairs[key], known != value, ResourceTags.Key(rawValue: key) != nil { return nil }
            pairs[key] = value
        }
        return ResourceTags(pairs)
    }

    /// The value of the `tags` query parameter that narrows a listing at the far side.
    /// Whether Scaleway means "all of" or "any of" is not documented: the caller filters again.
    static func filter(_ scope: TagScope) -> String {
        switch scope {
        case .owner(let owner):
            "\(ResourceTags.Key.owner.rawValue)=\(owner)"
        case .burst(let owner, let burst):
            "\(ResourceTags.Key.owner.rawValue)=\(owner),\(ResourceTags.Key.burst.rawValue)=\(burst)"
        }
    }
}
