/// The exit codes of product.md §3: `main` exits with them and `--help` lists them from here.
package enum ExitCode: Int32, Codable, Hashable, Sendable, CaseIterable {
    case done = 0
    case error = 1
    case changesPending = 2
    case partial = 3
    case refused = 4
    case noCapacity = 5
    case locked = 6
    case stalePlan = 7
    case leftovers = 8
    case usage = 64
    case jobFailed = 100
    case jobTimedOut = 101
    case cancelled = 102
    case instanceLost = 103
    case outputsMissing = 104
    case interrupted = 130

    package var meaning: String {
        switch self {
        case .done: "done, or nothing to do"
        case .error: "error"
        case .changesPending: "changes pending (plan --detailed-exitcode)"
        case .partial: "partial: some changes made, state saved, run again"
        case .refused: "refused by a cap or policy, nothing created"
        case .noCapacity: "no capacity or quota"
        case .locked: "locked by another spillway"
        case .stalePlan: "stale plan"
        case .leftovers: "leftovers: something that may cost money is not confirmed gone"
        case .usage: "usage or spec"
        case .jobFailed: "job failed"
        case .jobTimedOut: "job ended by timeout, deadline or cap"
        case .cancelled: "cancelled"
        case .instanceLost: "instance lost"
        case .outputsMissing: "outputs missing or not collected"
        case .interrupted: "interrupted twice: state saved, resources may remain"
        }
    }

    /// Which of several codes to exit with: 8, 3, 103, 104, 102, 101, 100, then any other, then 0.
    package static func gravest(_ codes: [ExitCode]) -> ExitCode {
        let order: [ExitCode] = [
            .leftovers, .partial, .instanceLost, .outputsMissing, .cancelled, .jobTimedOut, .jobFailed,
        ]
        return order.first(where: codes.contains) ?? codes.first(where: { $0 != .done }) ?? .done
    }
}
