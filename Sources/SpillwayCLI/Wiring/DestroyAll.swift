import SpillwayCore
import SpillwayEngine

/// The panic button: everything of this owner, by state and by tags, in every zone of every cloud.
struct DestroyAll: Sendable {
    let invocation: Invocation
    /// No other host's lock stops it.
    let now: Bool
    let yes: Bool

    private var output: Output { invocation.output }

    func run() async throws {
        let owner = try invocation.knownOwner()
        let stateDir = invocation.stateDir()
        let runner = SweepRunner(
            invocation: invocation, stateDir: stateDir, owner: owner,
            opened: try await SweepClouds(invocation, stateDir: stateDir), options: .init(everything: true),
            overridingOtherHosts: now)
        let (sights, failures) = await runner.look()
        let found = sights.flatMap(\.candidates)
        let view = SweepView(owner: owner, found: found, kept: sights.flatMap(\.kept))
        if !output.json { output.result(view.text) }
        for failure in failures { output.show(failure) }
        let sure = try Prompt(output: output).confirm("Remove all of this?", assumed: yes || found.isEmpty)
        guard sure else { return }
        var outcome = try await output.following { try await runner.remove(found, of: sights) }
        outcome.failures += failures.filter { failure in !outcome.failures.contains { $0.code == failure.code } }
        if output.json {
            try output.result(view.document(outcome))
        } else {
            output.result(view.ending(outcome, at: invocation.ambient.now()))
        }
        try outcome.finish(output, command: "spillway destroy --all")
    }
}
