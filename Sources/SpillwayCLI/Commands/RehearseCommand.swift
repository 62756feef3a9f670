import ArgumentParser
import FoundationEssentials
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "The whole run against a simulated cloud on this machine: real HTTP, real SSH, no cost.",
        discussion: "Without -f it rehearses the built-in template hello. What cannot be rehearsed is listed.")

    @OptionGroup var global: GlobalOptions

    @Option(name: [.customShort("f"), .customLong("file")], help: ArgumentHelp("The spec.", valueName: "spec"))
    var file: String?

    @Option(help: ArgumentHelp("Use the simulated cloud that runs at this URL.", valueName: "url"))
    var cloud: String?

    @Option(help: ArgumentHelp("Seconds from power-on to SSH.", valueName: "s"))
    var bootDelay: Double = 0.5

    @Flag(help: "Leave setup out: a simulated machine has this machine's programs and no packages of its own.")
    var skipSetup = false

    @Flag(help: "Let files and outputs point outside the spec's folder.")
    var allowOutside = false

    @OptionGroup var confirm: ConfirmOptions

    @Flag(help: "Exit with the job's own status unless Spillway itself failed.")
    var jobExit = false

    func run() async throws {
        let signals = SignalWatch()
        let invocation = Invocation(global)
        let path = try file ?? builtIn(invocation)
        let written = try SpecFile.load(path, options: invocation.decoding(allowOutside: allowOutside))
        let spec = try await ProviderOrder(
            invocation: invocation, file: written, stateDir: invocation.stateDir(beside: written.folder), offline: true
        ).files()[0]
        let stateRoot = invocation.stateDir(beside: spec.folder)
        let stateDir = stateRoot + "/rehearsal"
        _ = try StateFolder.open(stateRoot, random: invocation.ambient.random)
        for note in limits(of: spec.spec) { invocation.output.show(.note(note)) }
        let simulated =
            if let cloud {
                try await SimulatedCloud.at(cloud, invocation)
            } else {
                try SimulatedCloud.running(
                    in: absolute(stateDir), options: ["--boot-delay", String(bootDelay)],
                    environment: invocation.environment)
            }
        defer { simulated.stop() }
        try await BurstRunner(
            invocation: invocation, file: spec, stateDir: stateDir, stateRoot: stateRoot,
            cloud: spec.spec.providers.value.first == .aws
                ? Cloud.simulatedAWS(simulated, invocation, spec: spec.spec) : Cloud.simulated(simulated, invocation),
            signals: signals, yes: confirm.yes, allowOutside: allowOutside, skipSetup: skipSetup, jobExit: jobExit
        ).run()
    }

    /// The template hello, written below the state folder.
    private func builtIn(_ invocation: Invocation) throws -> String {
        let stateDir = invocation.stateDir()
        _ = try StateFolder.open(stateDir, random: invocation.ambient.random)
        try TemplateWriting.named("hello").refresh(stateDir + "/hello")
        return stateDir + "/hello/spillway.yaml"
    }

    /// What a simulated machine cannot show.
    private func limits(of spec: Spec) -> [String] {
        var limits: [String] = []
        if spec.setup != nil, !skipSetup {
            limits.append("Not rehearsed: packages. setup runs on this machine's programs; --skip-setup leaves it out.")
        }
        if spec.resources.gpu != nil || spec.resources.instanceType?.value.contains("L4") ?? false {
            limits.append("Not rehearsed: GPUs.")
        }
        return limits
    }
}
