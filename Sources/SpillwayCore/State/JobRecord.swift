/// Where the job of a run stands on one node, as last seen from here.
package struct JobRecord: Codable, Hashable, Sendable {
    package enum Stage: String, Codable, Hashable, Sendable {
        case shipping, started, finished, collected
    }

    /// Why the job ended.
    package enum Ending: String, Codable, Hashable, Sendable {
        /// By itself, with an exit status or a signal.
        case exited
        /// `timeout` of the spec.
        case timedOut = "timed_out"
        /// The burst's deadline.
        case deadline
        case cancelled
        /// The instance vanished.
        case lost
        /// The provider took a spot instance back.
        case preempted
        /// `setup` failed; `run` never started.
        case setupFailed = "setup_failed"
    }

    package var node: Int
    package var stage: Stage
    package var ending: Ending?
    package var exit: RemoteExit?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var up: Transferred
    package var down: Transferred
    /// Outputs of the spec that were not there or not collected, with the reason.
    package var missing: [String]

    package init(
        node: Int = 0, stage: Stage, ending: Ending? = nil, exit: RemoteExit? = nil, startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil, up: Transferred = Transferred(), down: Transferred = Transferred(),
        missing: [String] = []
    ) {
        self.node = node
        self.stage = stage
        self.ending = ending
        self.exit = exit
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.up = up
        self.down = down
        self.missing = missing
    }
}
