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
    let stateDir: String
    var allowOutside = false
    var skipSetup = false

    enum Ending {
        case detached(RunRecord)
        case done(JobOutcome, Receipt)
        /// `on_failure: keep`: the job failed and its machines stay until the deadline.
        case kept(JobOutcome, RunRecord)
    }

    /// Ships and starts what was not started before; then follows to the end unless `detach`.
    func carryOn(_ run: RunRecord, detach: Bool) async throws -> Ending {
        let spec = run.source.spec
        let shipping = ShippingChoice(
            spec: spec, folder: run.source.folder, stateDir: stateDir, allowOutside: allowOutside)
        let secrets = SecretSources(
            secrets: spec.secrets, folder: run.source.folder, environment: invocation.environment)
        let job = try await BurstRun(
            session, run: run, connector: connector,
            settings: .init(
                keys: session.keys, files: { try shipping.files() }, secrets: { try secrets.resolve() },
                allowOutside: allowOutside, skipSetup: skipSetup))
        do {
            let guarded = Interruption(signals: signals, session: session, output: invocation.output)
            try await guarded.guarding { try await job.launch() }
            if detach {
                await job.close()
                return .detached(run)
            }
            let ending = try await job.finish { await asked() }
            await job.close()
            guard case .finished(let records) = ending else { return .detached(run) }
            return try await tearDown(run, JobOutcome(records))
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
        let output = invocation.output
        output.show(.phase(.destroy, .started, detail: ""))
        let session = session
        try await Interruption(signals: signals, session: session, output: output).guarding {
            let observed = try await session.observe(zones: [run.zone])
            try await Executor(session.site).destroy(observed)
        }
        output.show(.phase(.destroy, .done, detail: ""))
        let receipt = try await writeReceipt(run, outcome)
        try session.keys.remove(run: run.id)
        return .done(outcome, receipt)
    }

    private func spec(_ run: RunRecord) -> Spec { run.source.spec }

    private func writeReceipt(_ run: RunRecord, _ outcome: JobOutcome) async throws -> Receipt {
        let state = await session.site.journal.state
        let receipt = Receipt(
            state: state, run: state.run ?? run, outcome: outcome.word.rawValue, jobExit: outcome.jobExit,
            missing: outcome.missing,
            verifiedGoneAt: invocation.ambient.now())
        try ReceiptStore(session.folder).save(
            run: run.id, json: try StateJSON.document(receipt), text: receipt.text)
        return receipt
    }

    /// What a signal asks while the job runs. On a terminal Ctrl-C asks; no answer in ten seconds goes on.
    private func asked() async -> BurstRun.Request {
        var interrupts = 0
        while let signal = await signals.next() {
            switch signal {
            case .terminate: return .tearDown
            case .hangUp: continue
            case .interrupt:
                interrupts += 1
                let prompt = Prompt(output: invocation.output)
                guard invocation.output.terminal.stdin, !invocation.global.json else { return .tearDown }
                let choice = prompt.choose(
                    "The job is running.",
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
