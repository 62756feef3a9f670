/// What a spec may say already, although the machinery for it comes later; each with what to write meanwhile.
package enum Feature: String, CaseIterable, Hashable, Sendable {
    case aws, severalProviders, spot

    /// The keys and values that ask for it, as the user would write them.
    package var notation: String {
        switch self {
        case .aws: "provider: aws"
        case .severalProviders: "a list of providers"
        case .spot: "resources.spot other than false"
        }
    }

    package var instead: String {
        switch self {
        case .aws, .severalProviders: "Write `provider: scaleway` or `provider: local`."
        case .spot: "Write `spot: false`, or leave the key out."
        }
    }
}

/// Which features this version has the machinery for: data, so that a test or a later version can lift one.
package struct Capabilities: Hashable, Sendable {
    package var features: Set<Feature>

    package init(_ features: Set<Feature>) { self.features = features }

    package static let current = Capabilities([.aws, .spot])
    package static let all = Capabilities(Set(Feature.allCases))
}
