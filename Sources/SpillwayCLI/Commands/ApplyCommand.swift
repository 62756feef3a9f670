import ArgumentParser
import SpillwayCore
import SpillwayEngine

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Provisions what the spec asks for, and nothing else.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var spec: SpecOptions
    @OptionGroup var confirm: ConfirmOptions

    func run() async throws {
        let invocation = Invocation(global)
        let file = try SpecFile.load(spec.file)
        let stateDir = invocation.stateDir(beside: file.folder)
        let cloud = try CloudChoice(invocation: invocation, stateDir: stateDir).open(file.spec.providers.value[0])
        let burst = try OpenBurst.open(
            file, operation: "apply", invocation: invocation, cloud: cloud, stateDir: stateDir,
            emit: { event in
                invocation.output.show(event)
            })
        try await burst.session.closing {
            let live = try await burst.plan()
            invocation.output.result(PlanView(plan: live.plan).text)
            _ = try await burst.apply(live)
            let state = await burst.session.site.journal.state
            invocation.output.result(Inventory(state.live.map(\.resource), rates: state.run?.rates).sentence)
        }
    }
}
