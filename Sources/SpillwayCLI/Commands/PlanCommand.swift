import ArgumentParser
import FoundationEssentials
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what would be made, why, and what it costs at the worst.",
        discussion: "With --offline it needs no network and no credentials and gives the same bytes on every run.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var spec: SpecOptions

    @Flag(help: "From the spec and the dated catalogue in this binary alone.")
    var offline = false

    @Flag(help: "Exit 2 when changes are pending.")
    var detailedExitcode = false

    func run() async throws {
        let invocation = Invocation(global)
        let file = try SpecFile.load(spec.file)
        let planning = BurstPlanning(file: file, rules: Cloud.rules(of: file.spec.providers.value[0]))
        let plan = try planning.offline()
        invocation.output.result(PlanView(plan: plan).text)
        if detailedExitcode, !plan.isEmpty { throw Finished(code: .changesPending) }
    }
}
