import ArgumentParser
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

struct DestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy", abstract: "Removes everything of a burst and verifies that it is gone.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var spec: SpecOptions
    @OptionGroup var confirm: ConfirmOptions

    @Argument(help: "The burst; without it, that of the spec.")
    var name: String?

    func run() async throws {
        let invocation = Invocation(global)
        let file = try SpecFile.load(spec.file)
        let stateDir = invocation.stateDir(beside: file.folder)
        let cloud = try CloudChoice(invocation: invocation, stateDir: stateDir).open(file.spec.providers.value[0])
        let folder = try StateFolder.open(stateDir, random: invocation.ambient.random)
        let session = try BurstSession.open(
            file.spec.name.value, in: folder, operation: "destroy", provider: cloud.provider,
            owner: try invocation.owner(), ambient: invocation.ambient, emit: { invocation.output.show($0) })
        try await session.closing {
            let observed = try await session.observe(zones: file.spec.zones.map(\.value))
            try await Executor(session.site).destroy(observed)
        }
        invocation.output.result("Destroyed. Verified gone.")
    }
}
