import TestSupport

/// The clouds whose protocol is put to the test, each as `cloudsim` speaks it.
enum CloudUnderTest: String, Sendable, CaseIterable {
    case scaleway

    /// Requests of the API that change something.
    var changes: SimulatedFault.Match {
        switch self {
        case .scaleway: .init(method: "POST|PUT|PATCH|DELETE", path: "^/(instance|block)/")
        }
    }

    var requests: SimulatedFault.Match {
        switch self {
        case .scaleway: .init(path: "^/(instance|block)/")
        }
    }

    /// Whether the servers of a burst have addresses of their own, which are listed apart.
    var hasSeparateAddresses: Bool { self == .scaleway }
}
