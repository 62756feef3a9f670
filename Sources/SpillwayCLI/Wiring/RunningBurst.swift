import ArgumentParser
import SpillwayCore
import SpillwayEngine

/// What `run` does on a burst that is live already.
enum IfRunning: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// End well, and say nothing with --quiet: for schedules.
    case skip
    /// Go on with it, to its end.
    case attach
    case fail
}

/// A burst that is live as its state tells, read without a lock. One that is past its deadline is no longer: it is to be
/// finished, not waited for.
struct RunningBurst {
    let burst: String
    let run: RunRecord
    private let inventory: Inventory

    init?(_ burst: String, stateDir: String, now: Timestamp) throws {
        guard let folder = try StateFolder.existing(stateDir),
            let state = try FileStateStore(folder, burst: burst).load(), let run = state.run, run.phase != .ended,
            now < run.expires
        else { return nil }
        self.burst = burst
        self.run = run
        inventory = Inventory(state.live.map(\.resource), rates: run.rates)
    }

    var refusal: Diagnostic {
        Diagnostic(
            "run.live", "The burst is live already",
            detail: "Run \(run.id) of \(burst) is under way, until \(run.expires) at the latest.",
            remedy: "Follow it to its end:", command: "spillway wait \(burst)", exists: inventory.sentence,
            exit: .refused)
    }

    /// What `--if-running skip` says.
    struct Skipped: Encodable {
        var burst: String
        /// nil when another command holds the lock and has begun no run yet.
        var run: String?
        var skipped = true

        func show(_ output: Output, _ why: String) throws {
            if output.json { return try output.result(self) }
            output.show(.note("\(burst) is skipped: \(why)"))
        }
    }
}
