import TestSupport

/// The clouds whose protocol is put to the test, each as `cloudsim` speaks it.
enum CloudUnderTest: String, Sendable, CaseIterable {
    case scaleway, ec2

    /// Requests of the API that change something.
    var changes: SimulatedFault.Match {
        switch self {
        case .scaleway: .init(method: "POST|PUT|PATCH|DELETE", path: "^/(instance|block)/")
        case .ec2: .init(method: "POST", body: "Action=(?!Describe|Get)")
        }
    }

    var requests: SimulatedFault.Match {
        switch self {
        case .scaleway: .init(path: "^/(instance|block)/")
        case .ec2: .init(method: "POST", body: "Action=(?!GetCallerIdentity)")
        }
    }

    /// Whether the servers of a burst have addresses of their own, which are listed apart.
    var hasSeparateAddresses: Bool { self == .scaleway }

    var face: Workplace.Face { self == .scaleway ? .scaleway : .ec2 }

    /// Of `cloudsim`: a sweep after the deadline has its clock set ahead, which EC2's signatures would not bear.
    var options: [String] { self == .scaleway ? [] : ["--clock-skew", "10000000"] }
}
