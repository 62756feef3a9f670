import ArgumentParser
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Follows a run that was left, collects, destroys; ends with the receipt.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var burst: BurstOptions

    @Flag(help: "Exit with the job's own status unless Spillway itself failed.")
    var jobExit = false

    func run() async throws {
        let signals = SignalWatch()
        let invocation = Invocation(global)
        let known = try burst.find(invocation)
        let run = try known.run()
        let cloud = try await known.cloud(invocation)
        let session = try known.open("wait", invocation, cloud)
        let flow = RunFlow(
            invocation: invocation, session: session, connector: SSHConnector(), cloud: cloud, signals: signals,
            stateDir: known.stateDir)
        let ending = try await invocation.output.following {
            try await session.closing {
                let state = await session.site.journal.state
                guard !state.jobs.isEmpty else { throw notStarted(known, run, state) }
                return try await flow.resume(state.run ?? run, state.jobs, detach: false)
            }
        }
        try RunReport(output: invocation.output, burst: known.name, jobExit: jobExit).show(ending)
    }

    private func notStarted(_ known: KnownBurst, _ run: RunRecord, _ state: BurstState) -> Diagnostic {
        Diagnostic(
            "run.not-started", "No job was started", detail: "Run \(run.id) has machines and no job.",
            remedy: "Run it, or remove it:", command: "spillway destroy \(known.name)",
            exists: Inventory(state.live.map(\.resource), rates: run.rates).sentence)
    }
}
