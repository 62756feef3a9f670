import ArgumentParser
import FoundationEssentials
import SpillwayCore
import SpillwayEngine

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what would be made, why, and what it costs at the worst.",
        discussion: "It takes no lock and changes nothing. With --offline it needs no network and no credentials and "
            + "gives the same bytes on every run, machine and time zone.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var spec: SpecOptions

    @Flag(help: "From the spec and the dated catalogue in this binary alone.")
    var offline = false

    @Option(help: ArgumentHelp("Also write the plan as Markdown.", valueName: "file"))
    var markdown: String?

    @Option(help: ArgumentHelp("Also write the plan for `apply`.", valueName: "plan"))
    var out: String?

    @Flag(help: "Exit 2 when changes are pending.")
    var detailedExitcode = false

    @Flag(help: "Also ask the provider for the permissions that carrying it out needs; it makes nothing.")
    var preflight = false

    func validate() throws {
        if offline, preflight { throw ValidationError("--preflight asks the provider, and --offline asks nobody.") }
    }

    func run() async throws {
        let invocation = Invocation(global)
        let file = try SpecFile.load(spec.file, options: invocation.decoding(spec))
        for warning in file.warnings { invocation.output.show(warning) }
        let shipping = ShippingChoice(
            spec: file.spec, folder: file.folder, stateDir: invocation.stateDir(beside: file.folder),
            allowOutside: spec.allowOutside)
        let summary =
            shipping.summary(try shipping.plan()) + (offline ? [] : [shipping.roomNote()].compactMap(\.self))
        let settled = try await ProviderOrder(
            invocation: invocation, file: file, stateDir: invocation.stateDir(beside: file.folder), offline: offline
        ).files()[0]
        let planning = BurstPlanning(
            file: settled,
            rules: Cloud.rules(of: settled.spec.providers.value[0], environment: invocation.environment),
            exchangeRates: try invocation.configuration().exchangeRates)
        let cloud = offline ? nil : try await open(planning, invocation)
        let planned =
            if let cloud { try await look(planning, cloud, invocation) } else { try planning.offline() }
        let plan = planned.plan
        let view = PlanView(
            plan: plan, shipping: summary,
            stopIfNow: offline || plan.isEmpty ? nil : plan.hardStop.map { invocation.ambient.now() + $0 })
        try write(plan, view)
        if invocation.output.json {
            try invocation.output.result(PlanDocument(plan, digest: plan.digest))
        } else {
            invocation.output.result(view.text)
        }
        try planning.guardCost(planned)
        if preflight, let cloud { try await ask(cloud, planned, invocation) }
        if detailedExitcode, !plan.isEmpty { throw Finished(code: .changesPending) }
    }

    private func open(_ planning: BurstPlanning, _ invocation: Invocation) async throws -> Cloud {
        let spec = planning.file.spec
        let stateDir = invocation.stateDir(beside: planning.file.folder)
        return try await CloudChoice(invocation: invocation, stateDir: stateDir, spec: spec)
            .open(spec.providers.value[0])
    }

    private func ask(_ cloud: Cloud, _ planned: PlannedBurst, _ invocation: Invocation) async throws {
        guard let offer = planned.desired.offers.first else { return }
        guard let preflight = cloud.preflight else {
            invocation.output.show(
                .note("\(cloud.rules.traits.name) cannot be asked for permissions without using them."))
            return
        }
        let answers = try await preflight.ask(
            zone: offer.zone, type: offer.type, root: offer.root.kind, image: planned.desired.image)
        try answers.check()
        invocation.output.show(.note("Preflight: \(answers.sentence)."))
    }

    /// Looks, without a lock and without resolving what another command left open.
    private func look(
        _ planning: BurstPlanning, _ cloud: Cloud, _ invocation: Invocation
    ) async throws -> PlannedBurst {
        let file = planning.file
        let stateDir = invocation.stateDir(beside: file.folder)
        let folder = try StateFolder.existing(stateDir)
        let state = try folder.flatMap { try FileStateStore($0, burst: file.spec.name.value).load() }
        let owner = try state?.run?.owner ?? invocation.owner()
        let scope = TagScope.burst(owner: owner, burst: file.spec.name.value)
        return try await planning.live(
            cloud: cloud, state: state,
            cache: CatalogueCache(
                stateDir: folder?.path, account: cloud.account, burst: file.spec.name.value),
            now: invocation.ambient.now()
        ) { zones in
            let known = state.map { state in state.isLive ? [state.run?.zone].compactMap(\.self) : [] } ?? []
            return try await cloud.provider.list(
                Set(ResourceKind.allCases), scope: scope, zones: known.isEmpty ? zones : known)
        }
    }

    private func write(_ plan: Plan, _ view: PlanView) throws {
        if let markdown { try FileWriting.write(Array(PlanMarkdown(plan: plan).text.utf8), to: markdown) }
        if let out { try FileWriting.write(try StateJSON.document(PlanDocument(plan, digest: plan.digest)), to: out) }
    }
}

/// A file that the user named.
enum FileWriting {
    static func write(_ bytes: [UInt8], to path: String) throws(Diagnostic) {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Diagnostic(
                "file.unwritable", "A file cannot be written", detail: "\(path): \(error)",
                remedy: "Choose another place, or check permissions and free space.", exists: "Nothing was created.")
        }
    }
}
