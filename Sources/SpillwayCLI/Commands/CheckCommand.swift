import ArgumentParser
import SpillwayCore
import SpillwayEngine

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Validates a spec without a cloud, and says what is shipped and what is not.",
        discussion: "Reads nothing outside the spec's folder, resolves no secret, starts no process.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var spec: SpecOptions

    @Argument(help: "The spec, instead of -f.")
    var path: String?

    func run() async throws {
        let invocation = Invocation(global)
        let file = try SpecFile.load(path ?? spec.file, options: invocation.decoding(spec))
        for warning in file.warnings { invocation.output.show(warning) }
        let settled = try await ProviderOrder(
            invocation: invocation, file: file, stateDir: invocation.stateDir(beside: file.folder), offline: true
        ).files()[0]
        let planning = BurstPlanning(
            file: settled,
            rules: Cloud.rules(of: settled.spec.providers.value[0], environment: invocation.environment),
            exchangeRates: try invocation.configuration().exchangeRates)
        try planning.guardCost(try planning.offline())
        let shipping = ShippingChoice(
            spec: file.spec, folder: file.folder, stateDir: invocation.stateDir(beside: file.folder),
            allowOutside: spec.allowOutside)
        let plan = try shipping.plan()
        if invocation.output.json {
            return try invocation.output.result(Checked(file, plan))
        }
        invocation.output.result("\(Escaping.terminal(file.path)): valid")
        guard !file.spec.files.isEmpty else { return }
        invocation.output.result("\(plan.included.count) entries, \(Amounts.bytes(plan.bytes)) to ship")
        for item in plan.leftOut {
            invocation.output.result("left out  \(Escaping.terminal(item.path)): \(item.reason)")
        }
    }

    private struct Checked: Encodable {
        struct LeftOut: Encodable {
            var path: String
            var reason: String
        }

        var spec: String
        var valid = true
        var entries: Int
        var bytes: Int64
        var left_out: [LeftOut]

        init(_ file: SpecFile, _ plan: ShippingPlan) {
            spec = file.path
            entries = plan.included.count
            bytes = plan.bytes
            left_out = plan.leftOut.map { LeftOut(path: $0.path, reason: $0.reason.description) }
        }
    }
}
