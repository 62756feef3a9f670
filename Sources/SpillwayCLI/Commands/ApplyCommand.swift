import ArgumentParser
import FoundationEssentials
import SpillwayCore
import SpillwayEngine

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Provisions what the spec asks for, and nothing else.",
        discussion: "Given a plan that `plan --out` wrote, it does that or nothing: a stale plan is refused (7).")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var spec: SpecOptions
    @OptionGroup var confirm: ConfirmOptions

    @Argument(help: "A plan written by `plan --out`.")
    var plan: String?

    func run() async throws {
        let signals = SignalWatch()
        let invocation = Invocation(global)
        let output = invocation.output
        let saved = try plan.map(SavedPlan.read)
        let file = try SpecFile.load(spec.file, options: invocation.decoding(spec))
        let stateDir = invocation.stateDir(beside: file.folder)
        try saved?.refuseOffline()
        let order = ProviderOrder(invocation: invocation, file: file, stateDir: stateDir)
        let state: BurstState?
        if let saved, let name = ProviderName(rawValue: saved.document.plan.provider),
            file.spec.providers.value.count > 1
        {
            state = try await apply(file.narrowed(to: name), [], saved, stateDir, invocation, signals)
        } else {
            state = try await order.firstWithCapacity {
                try await apply($0, $1, saved, stateDir, invocation, signals)
            }
        }
        guard let state else { return }
        if output.json {
            try output.result(BurstStatus(state, now: invocation.ambient.now()))
        } else {
            output.result(Inventory(state.live.map(\.resource), rates: state.run?.rates).sentence)
        }
    }

    /// nil when it was not to be done.
    private func apply(
        _ file: SpecFile, _ spent: [Money], _ saved: SavedPlan?, _ stateDir: String, _ invocation: Invocation,
        _ signals: SignalWatch
    ) async throws -> BurstState? {
        let output = invocation.output
        let choice = CloudChoice(invocation: invocation, stateDir: stateDir, spec: file.spec)
        let cloud = try await choice.open(file.spec.providers.value[0])
        let burst = try OpenBurst.open(
            file, operation: "apply", invocation: invocation, cloud: cloud, stateDir: stateDir,
            spent: spent, emit: { output.show($0) })
        return try await output.following {
            try await burst.session.closing { () async throws -> BurstState? in
                let live = try await burst.plan()
                try saved?.check(against: live.plan)
                if !output.json { output.result(PlanView(plan: live.plan).text) }
                guard
                    try Prompt(output: output).confirm(
                        "Do this?", assumed: confirm.yes || saved != nil || live.plan.isEmpty)
                else { return nil }
                _ = try await Interruption(signals: signals, session: burst.session, output: output).guarding {
                    try await burst.apply(live)
                }
                return await burst.session.site.journal.state
            }
        }
    }
}

/// A plan that was written down, and may have gone stale since.
struct SavedPlan {
    let document: PlanDocument

    static func read(_ path: String) throws(Diagnostic) -> SavedPlan {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Diagnostic(
                "plan.not-found", "There is no such plan", detail: "No file \(path).",
                remedy: "Write one:", command: "spillway plan --out \(path)", exists: "Nothing was created.",
                exit: .usage)
        }
        guard let document = try? StateJSON.decode(PlanDocument.self, bytes),
            document.plan.formatVersion == Plan.formatVersion, document.plan.digest == document.digest
        else {
            throw Diagnostic(
                "plan.damaged", "This is not a plan of this version", detail: "\(path) does not decode, or was edited.",
                remedy: "Plan again:", command: "spillway plan --out \(path)", exists: "Nothing was created.",
                exit: .stalePlan)
        }
        return SavedPlan(document: document)
    }

    func refuseOffline() throws(Diagnostic) {
        guard !document.plan.basis.live else { return }
        throw Diagnostic(
            "plan.offline", "An offline plan cannot be applied", detail: "It was made without looking at the cloud.",
            remedy: "Plan without --offline.", exists: "Nothing was created.", exit: .stalePlan)
    }

    /// Throws `plan.stale` (7), naming which input moved.
    func check(against now: Plan) throws(Diagnostic) {
        var moved = document.plan.basis.moved(to: now.basis)
        if moved.isEmpty, document.plan.steps != now.steps { moved = ["what exists in the cloud"] }
        guard !moved.isEmpty else { return }
        throw Diagnostic(
            "plan.stale", "The plan is stale",
            detail: "Since it was made, \(moved.joined(separator: " and ")) changed.",
            remedy: "Plan again, look, and apply that.", exists: "Nothing was changed by this command.",
            exit: .stalePlan)
    }
}
