import Glibc
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

/// From a burst that is up to its receipt: ship, start, follow, collect, destroy. `run`, `wait` and `rehearse` end here.
struct RunFlow: Sendable {
    let invocation: Invocation
    let session: BurstSession
    let connector: any RemoteConnector
    let cloud: Cloud
    let signals: SignalWatch
    /// None of it is ever shipped.
    let stateDir: String
    var allowOutside = false
    var skipSetup = false

    enum Ending {
        case detached(RunRecord)
        case done(JobOutcome, Receipt)
        /// `on_failure: keep`: the job failed and its machines stay until the deadline.
        case kept(JobOutcome, RunRecord)
    }

    /// A run that fails before its job was started leaves nothing behind, unless `on_failure` is keep. One whose job was
    /// started keeps its machines: what it made may still be fetched, by the same command or by `wait`.
    func tearingDownOnFailure(_ body: () async throws -> Ending?) async throws -> Ending? {
        do {
            return try await body()
        } catch {
            let state = await session.site.journal.state
            let started = state.jobs.contains { $0.stage != .shipping }
            guard let run = state.run, run.phase != .ended, !started, run.source.spec.onFailure == .destroy,
                await session.site.journal.failure == nil, await !session.site.journal.isHalted
            else { throw error }
            let told = await session.explained(error)
            if let diagnostic = told as? Diagnostic { invocation.output.show(diagnostic) }
            _ = try await removeAll(run)
            try session.keys.remove(run: run.id)
            invocation.output.show(.note("Nothing of it exists any more: verified gone."))
            throw Finished(code: (told as? Diagnostic).map { $0.exit == .partial ? .error : $0.exit } ?? .error)
        }
    }

    func secrets(of spec: Spec, folder: String) -> SecretSources {
        SecretSources(secrets: spec.secrets, folder: folder, environment: invocation.environment)
    }

    /// Ships and starts what was not started before; then follows to the end unless `detach`. nil without a run.
    func carryOn(_ run: RunRecord?, detach: Bool) async throws -> Ending? {
        guard let run else { return nil }
        let spec = run.source.spec
        let shipping = ShippingChoice(
            spec: spec, folder: run.source.folder, stateDir: stateDir, allowOutside: allowOutside)
        let secrets = secrets(of: spec, folder: run.source.folder)
        let job = try await BurstRun(
            session, run: run, connector: connector,
            settings: .init(
                keys: session.keys, files: { try shipping.files() }, secrets: { try secrets.resolve() },
                allowOutside: allowOutside, skipSetup: skipSetup, patience: try invocation.sshPatience))
        do {
            let ending = try await job.carryOut(detach: detach) { await asked() }
            await job.close()
            switch ending {
            case .detached: return .detached(run)
            case .finished(let records): return try await tearDown(run, JobOutcome(records))
            case .handedOver:
                await session.site.journal.halt()
                throw Diagnostic(
                    "run.handed-over", "Another command goes on with this burst",
                    detail: "It asked this one to stop. Everything up to here is recorded.", exit: .cancelled)
            }
        } catch {
            await job.close()
            throw error
        }
    }

    /// Removes everything, verifies it, and writes the receipt.
    func tearDown(_ run: RunRecord, _ outcome: JobOutcome) async throws -> Ending {
        if spec(run).onFailure == .keep, outcome.exit != .done, outcome.word != .cancelled {
            return .kept(outcome, run)
        }
        try await removeAll(run)
        let receipt = try await session.writeReceipt(of: run, outcome)
        try session.keys.remove(run: run.id)
        return .done(outcome, receipt)
    }

    private func removeAll(_ run: RunRecord) async throws {
        let output = invocation.output
        output.show(.phase(.destroy, .started, detail: ""))
        let session = session
        try await Interruption(signals: signals, session: session, output: output).guarding {
            let observed = try await session.observe(zones: [run.zone])
            try await Executor(session.site).destroy(observed)
        }
        output.show(.phase(.destroy, .done, detail: ""))
    }

    private func spec(_ run: RunRecord) -> Spec { run.source.spec }

    /// What a signal asks while a job is shipped, runs or is collected. On a terminal Ctrl-C asks; no answer in ten seconds goes on.
    private func asked() async -> BurstRun.Request {
        var interrupts = 0
        while let signal = await signals.next() {
            switch signal {
            case .terminate: return .tearDown
            case .handOver: return .handOver
            case .hangUp: continue
            case .interrupt:
                interrupts += 1
                let prompt = Prompt(output: invocation.output)
                guard invocation.output.terminal.stdin, !invocation.global.json else { return .tearDown }
                let choice = prompt.choose(
                    "The burst is under way.",
                    [("d", "detach, leave it running"), ("t", "tear down now"), ("c", "continue")],
                    limit: .seconds(10))
                switch choice {
                case "d": return .detach
                case "t": return .tearDown
                default:
                    if interrupts > 1 {
                        await Interruption(signals: signals, session: session, output: invocation.output).leave()
                    }
                    invocation.output.show(.note("Going on. Ctrl-C again leaves at once."))
                }
            }
        }
        return .detach
    }
}
