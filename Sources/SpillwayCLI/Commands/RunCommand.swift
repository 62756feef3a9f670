import ArgumentParser
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Plans, applies, ships, runs, collects, destroys; ends with a receipt.",
        discussion: "On a burst whose job is running it follows that job: there is never a second one.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var spec: SpecOptions
    @OptionGroup var confirm: ConfirmOptions

    @Flag(help: "Come back when the job is running; `spillway wait` finishes it.")
    var detach = false

    @Flag(help: "Detach although nothing would end the bill if this machine dies.")
    var noKeeper = false

    @Flag(help: "Exit with the job's own status unless Spillway itself failed.")
    var jobExit = false

    @Option(help: ArgumentHelp("When the burst is live: skip, attach (default) or fail.", valueName: "what"))
    var ifRunning = IfRunning.attach

    func run() async throws {
        let signals = SignalWatch()
        let invocation = Invocation(global)
        let file = try SpecFile.load(spec.file, options: invocation.decoding(spec))
        let stateDir = invocation.stateDir(beside: file.folder)
        let burst = file.spec.name.value
        if ifRunning != .attach,
            let live = try RunningBurst(burst, stateDir: stateDir, now: invocation.ambient.now())
        {
            guard ifRunning == .skip else { throw live.refusal }
            return try RunningBurst.Skipped(burst: burst, run: live.run.id).show(
                invocation.output, "run \(live.run.id) is under way.")
        }
        do {
            try await ProviderOrder(invocation: invocation, file: file, stateDir: stateDir).firstWithCapacity {
                try await run($0, spent: $1, stateDir, invocation, signals)
            }
        } catch let refusal as Diagnostic where ifRunning == .skip && refusal.code == "state.locked" {
            try RunningBurst.Skipped(burst: burst).show(invocation.output, refusal.detail)
        }
    }

    private func run(
        _ file: SpecFile, spent: [Money], _ stateDir: String, _ invocation: Invocation, _ signals: SignalWatch
    ) async throws {
        let choice = CloudChoice(invocation: invocation, stateDir: stateDir, spec: file.spec)
        let cloud = try await choice.open(file.spec.providers.value[0])
        let keeper = detach && !noKeeper ? try invocation.keeperInterval(of: cloud, stateDir: stateDir) : nil
        if detach, keeper == nil { try refuseWithoutKeeper(cloud) }
        try await BurstRunner(
            invocation: invocation, file: file, stateDir: stateDir, cloud: cloud, signals: signals, yes: confirm.yes,
            allowOutside: spec.allowOutside, detach: detach,
            keeperInterval: keeper, spent: spent, jobExit: jobExit
        ).run()
    }

    /// Where a guest cannot end its own bill, something must outlive this client.
    private func refuseWithoutKeeper(_ cloud: Cloud) throws {
        guard !cloud.provider.traits.guestCanEndBill, cloud.simulated == nil, !noKeeper
        else {
            return
        }
        throw Diagnostic(
            "run.no-keeper", "Nothing would end the bill",
            detail:
                "On \(cloud.provider.traits.name) a guest cannot end its bill, and no keeper (a scheduled sweep) is "
                + "declared or was seen: if this machine dies, the burst runs on and is paid for.",
            remedy: "Stay attached, declare a keeper in the user config, or accept it with --no-keeper.",
            exists: "Nothing was created.", exit: .refused)
    }
}
