import SpillwayCore
import SpillwayEngine

/// A sweep's looking and removing under signals: the first has it finish what is in flight, look once more and say what is
/// left; the second leaves at once.
struct SweepWork: Sendable {
    let runner: SweepRunner
    let signals: SignalWatch

    private var output: Output { runner.invocation.output }

    /// Throws `interrupted` (3) when a signal came: nothing was changed by then.
    func look() async throws -> (sights: [CloudSight], failures: [Diagnostic]) {
        try await withThrowingTaskGroup(of: (sights: [CloudSight], failures: [Diagnostic])?.self) { group in
            group.addTask { await runner.look() }
            group.addTask {
                while let signal = await signals.next() {
                    if signal != .hangUp { return nil }
                }
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let looked = first else { throw stopped }
            return looked
        }
    }

    func remove(_ items: [SweepItem], of sights: [CloudSight]) async throws -> SweepOutcome {
        let interruption = Interruption(signals: signals, output: output) {
            await runner.halt.request()
        } last: {
            Diagnostic(
                "interrupted", "Interrupted", detail: "The state is saved. What was found may exist still.",
                remedy: "To go on where this stopped:", command: "spillway sweep --apply",
                exists: "Found before: \(items.sentence).", exit: .interrupted)
        }
        return try await output.following {
            try await interruption.guarding { try await runner.remove(items, of: sights) }
        }
    }

    private var stopped: Diagnostic {
        Diagnostic(
            "interrupted", "Stopped", detail: "A signal came while it looked.", remedy: "Run it again:",
            command: "spillway sweep", exists: "Nothing was removed; what exists is not known.", exit: .partial)
    }
}
