import SpillwayCore
import SpillwayEngine

/// The panic button: everything of this owner, by state and by tags, in every zone of every cloud.
struct DestroyAll: Sendable {
    let invocation: Invocation
    /// Nothing is collected, no other host's lock stops it, and who does not let go in time is ended.
    let now: Bool
    let yes: Bool

    private var output: Output { invocation.output }

    func run() async throws {
        let signals = SignalWatch()
        let owner = try invocation.knownOwner()
        let stateDir = invocation.stateDir()
        let runner = SweepRunner(
            invocation: invocation, stateDir: stateDir, owner: owner,
            opened: try await SweepClouds(invocation, stateDir: stateDir), options: .init(everything: true),
            overridingOtherHosts: now, collects: !now)
        let work = SweepWork(runner: runner, signals: signals)
        var (sights, failures) = try await work.look()
        var found = sights.flatMap(\.candidates)
        var view = SweepView(
            owner: owner, found: found, kept: sights.flatMap(\.kept), fates: try runner.fates(found, of: sights))
        if !output.json { output.result(view.text) }
        let sure = try Prompt(output: output).confirm("Remove all of this?", assumed: yes || found.isEmpty)
        guard sure else { return }
        let answer = try await takeOver(stateDir)
        if answer.wasAnybody {
            // Whoever was at work may have made or removed something since.
            (sights, failures) = try await work.look()
            found = sights.flatMap(\.candidates)
            view = SweepView(
                owner: owner, found: found, kept: sights.flatMap(\.kept), fates: try runner.fates(found, of: sights))
        }
        var outcome = try await work.remove(found, of: sights)
        outcome.add(failures + answer.remaining)
        if output.json {
            try output.result(view.document(outcome))
        } else {
            output.result(view.ending(outcome, at: invocation.ambient.now()))
        }
        try outcome.finish(
            output, command: now ? "spillway destroy --all --now" : "spillway destroy --all", stateDir: stateDir)
    }

    /// Has the commands of this machine that work in this state folder stop.
    private func takeOver(_ stateDir: String) async throws -> HandOver.Answer {
        let handOver = HandOver(
            ambient: invocation.ambient, patience: now ? Seconds(15) : Seconds(60), kills: now,
            emit: { [output] in output.show($0) })
        var all = HandOver.Answer()
        for path in [stateDir, stateDir + "/sweep"] {
            guard let folder = try StateFolder.existing(path) else { continue }
            let answer = try await handOver.request(in: folder)
            all.wasAnybody = all.wasAnybody || answer.wasAnybody
            all.remaining += answer.remaining
        }
        return all
    }
}
