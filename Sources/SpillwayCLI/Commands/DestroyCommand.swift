import ArgumentParser
import SpillwayCore
import SpillwayEngine

struct DestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy", abstract: "Removes everything of a burst and verifies that it is gone.",
        discussion:
            "What the state does not know is found by its tags. Done twice, the second changes nothing. With --all "
            + "commands of this machine that are at work hand over first, and results are fetched, unless --now.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var burst: BurstOptions
    @OptionGroup var confirm: ConfirmOptions

    @Flag(help: "Everything of this owner, by state and by tags, in every zone of every cloud.")
    var all = false

    @Flag(help: "Fetch nothing, and let no lock stop it: not another host's, nor one set by hand.")
    var now = false

    func validate() throws {
        if all, burst.name != nil || burst.file != nil { throw ValidationError("Either one burst or --all.") }
    }

    func run() async throws {
        let invocation = Invocation(global)
        if all { return try await DestroyAll(invocation: invocation, now: now, yes: confirm.yes).run() }
        let signals = SignalWatch()
        let output = invocation.output
        let known = try burst.find(invocation)
        guard known.state != nil || known.file != nil else { throw unknown(known) }
        let cloud = try await known.cloud(invocation)
        let session = try known.open("destroy", invocation, cloud, overridingOtherHosts: now)
        let gone = try await output.following {
            try await session.closing { () async throws -> Bool in
                let observed = try await session.observe(zones: zones(known, cloud))
                let state = await session.site.journal.state
                let plan = try Planner.plan(
                    .init(
                        burst: known.name, traits: cloud.provider.traits, desired: nil, state: state,
                        observed: observed,
                        basis: .init(
                            spec: state.run?.specDigest ?? "", lineage: state.lineage, journalSeq: state.journalSeq,
                            prices: "", tool: ToolVersion.current, account: cloud.account, live: true)))
                if !output.json { output.result(PlanView(plan: plan, verb: "remove").text) }
                guard try Prompt(output: output).confirm("Remove this?", assumed: confirm.yes || plan.isEmpty) else {
                    return false
                }
                try await Interruption(signals: signals, session: session, output: output).guarding {
                    try await Executor(session.site).destroy(observed)
                }
                if let run = state.run { try session.keys.remove(run: run.id) }
                return true
            }
        }
        guard gone else { return }
        try Verified(burst: known.name, at: invocation.ambient.now()).show(output)
    }

    /// Where to look for what the state does not know: the spec's zones, or all there are.
    private func zones(_ known: KnownBurst, _ cloud: Cloud) -> [String] {
        let named = known.file?.spec.zones.map(\.value) ?? []
        return named.isEmpty ? cloud.provider.traits.zones : named
    }

    private func unknown(_ known: KnownBurst) -> Diagnostic {
        Diagnostic(
            "burst.none", "There is no such burst",
            detail: "\(known.stateDir) never saw a burst \(known.name), and there is no spec of it here.",
            remedy: "See what there is:", command: "spillway status --all", exists: "Nothing was changed.", exit: .usage
        )
    }

    private struct Verified: Encodable {
        var burst: String
        var verified_gone_at: Timestamp

        init(burst: String, at: Timestamp) {
            self.burst = burst
            verified_gone_at = at
        }

        func show(_ output: Output) throws {
            if output.json {
                try output.result(self)
            } else {
                output.result("\(burst): nothing exists, verified gone at \(verified_gone_at).")
            }
        }
    }
}
