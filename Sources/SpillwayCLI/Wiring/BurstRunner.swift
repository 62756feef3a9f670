import SpillwayCore
import SpillwayEngine
import SpillwayTransport

/// The whole of `run`, shared with `rehearse`: open, plan, ask, apply, and what ``RunFlow`` does.
struct BurstRunner: Sendable {
    let invocation: Invocation
    let file: SpecFile
    let stateDir: String
    /// The whole of the state, none of which is ever shipped; a rehearsal's lies below it.
    var stateRoot: String?
    let cloud: Cloud
    let signals: SignalWatch
    var yes = false
    var allowOutside = false
    var skipSetup = false
    var detach = false
    /// Of the keeper that a detached run counts on.
    var keeperInterval: Seconds?
    /// By providers that were tried before and had no capacity.
    var spent: [Money] = []
    var jobExit = false

    private var output: Output { invocation.output }

    func run() async throws {
        let ending = try await output.following { try await finish() }
        try RunReport(output: output, burst: file.spec.name.value, jobExit: jobExit).show(ending)
    }

    private func finish() async throws -> RunFlow.Ending? {
        let shipping = ShippingChoice(
            spec: file.spec, folder: file.folder, stateDir: stateRoot ?? stateDir, allowOutside: allowOutside)
        let shipped = try shipping.plan()
        let shippingLines = shipping.summary(shipped) + [shipping.roomNote()].compactMap(\.self)
        let burst = try OpenBurst.open(
            file, operation: "run", invocation: invocation, cloud: cloud, stateDir: stateDir,
            keeperInterval: keeperInterval, spent: spent, emit: { [output] in output.show($0) })
        let flow = RunFlow(
            invocation: invocation, session: burst.session, connector: burst.connector, cloud: cloud, signals: signals,
            stateDir: stateRoot ?? stateDir, allowOutside: allowOutside, skipSetup: skipSetup)
        return try await burst.session.closing {
            var ending = try await begun(burst, flow)
            if ending == nil { ending = try await fresh(burst, flow, shippingLines) }
            var retrying = Retrying(file.spec.retries)
            while let reason = retrying.reason(after: ending) {
                let spent = retrying.spent.map { "\($0) of the cap" } ?? "Nothing"
                output.show(.note("\(reason); try \(retrying.tries) begins. \(spent) is spent."))
                do {
                    ending = try await fresh(burst, flow, shippingLines, after: retrying.spent) ?? ending
                } catch let refused as Diagnostic where [.refused, .noCapacity].contains(refused.exit) {
                    output.show(.note("It is not tried again: \(refused.detail)"))
                    break
                }
            }
            return ending
        }
    }

    /// From the plan to the end. `spent` is what earlier tries have taken of the cap; nil at the first, which asks.
    private func fresh(
        _ burst: OpenBurst, _ flow: RunFlow, _ shipping: [String], after spent: Money? = nil
    ) async throws -> RunFlow.Ending? {
        let live = try await burst.plan(after: spent)
        if !output.json {
            output.result(
                PlanView(
                    plan: live.plan, shipping: shipping,
                    stopIfNow: invocation.ambient.now() + file.spec.budget.maxDuration.value
                ).text)
        }
        guard
            try Prompt(output: output).confirm("Do this?", assumed: yes || spent != nil || live.plan.isEmpty)
        else { return nil }
        _ = try flow.secrets(of: file.spec, folder: file.folder).resolve()
        return try await flow.tearingDownOnFailure {
            output.show(.phase(.provision, .started, detail: live.plan.summary))
            let run = try await Interruption(signals: signals, session: burst.session, output: output).guarding {
                try await burst.apply(live)
            }
            output.show(.phase(.provision, .done, detail: ""))
            return try await flow.carryOn(run, detach: detach)
        }
    }

    /// A run whose job was started goes on from there, whatever the spec says by now: there is never a second job.
    private func begun(_ burst: OpenBurst, _ flow: RunFlow) async throws -> RunFlow.Ending? {
        let state = await burst.session.site.journal.state
        guard let run = state.run, run.phase != .ended, run.phase != .provisioning, !state.jobs.isEmpty else {
            return nil
        }
        output.show(.note("Run \(run.id) is under way; following it."))
        return try await flow.resume(run, state.jobs, detach: detach)
    }
}

extension RunFlow {
    /// Goes on with a run that was begun by an earlier command.
    func resume(_ run: RunRecord, _ jobs: [JobRecord], detach: Bool) async throws -> Ending? {
        _ = try await session.observe(zones: [run.zone])
        if run.phase == .destroying || jobs.count == run.nodes && jobs.allSatisfy({ $0.stage == .collected }) {
            return try await tearDown(run, JobOutcome(jobs))
        }
        let servers = await session.site.journal.state.live.filter { $0.resource.id.kind == .server }
        guard servers.count >= run.nodes else {
            // An instance went while nobody looked: what it held is lost, what is left is removed.
            let lost = (0..<run.nodes).map { node in
                jobs.first { $0.node == node && $0.stage == .collected }
                    ?? JobRecord(
                        node: node, stage: .collected, ending: .lost,
                        missing: run.source.spec.outputs.map { "\($0.from.value): the instance was lost" })
            }
            for record in lost { try await session.site.journal.record(.job(record)) }
            return try await tearDown(run, JobOutcome(lost))
        }
        return try await carryOn(run, detach: detach)
    }
}
