import SpillwayCore
import Synchronization

/// The job of a run on one node, from the first session to the results at home. Every step can be done again: what an
/// earlier process did is read from the journal and from the instance, not assumed.
struct NodeJob: Sendable {
    let site: BurstSite
    let run: RunRecord
    let node: Int
    let link: NodeLink
    let connector: any RemoteConnector
    let settings: BurstRun.Settings
    let folder: StateFolder

    private var spec: Spec { run.source.spec }

    // MARK: Launch

    /// Ships and starts, unless that was done before. Returns when the job is running.
    func launch() async throws {
        if let record = await record(), record.stage != .shipping { return }
        site.emit(.phase(.connect, .started, detail: label))
        _ = try await link.open()
        try await exchangeHostKey()
        site.emit(.phase(.connect, .done, detail: label))
        let brief = try brief()
        let record = try await retrying { host in try await start(brief, over: host) }
        try await site.journal.record(.job(record))
    }

    /// Ships, unless a job is there already, and starts or joins it. May be done again over another session.
    private func start(_ brief: JobSpec, over host: any RemoteHost) async throws -> JobRecord {
        let job = RemoteJob(runID: run.id, host: host)
        let home = try await job.prepare(brief)
        var record = JobRecord(node: node, stage: .shipping)
        if try await job.status().phase == .absent {
            try await site.journal.record(.job(record))
            record.up = try await ship(to: home, over: host)
        }
        let status = try await job.start(brief)
        for note in status.notes { site.emit(.note(label.isEmpty ? note : "\(label): \(note)")) }
        record.stage = .started
        record.startedAt = status.startedAt ?? site.ambient.now()
        return record
    }

    /// A connection lost on the way is made anew.
    private var retrying: SessionRetry {
        SessionRetry(
            connect: { try await link.open() }, sleep: site.ambient.sleep,
            onLoss: { failure in
                link.markBroken()
                site.emit(.note("Connection lost\(place): \(failure.detail). Trying again."))
            })
    }

    /// The key of the first contact was in the user data: the instance makes its own, and the first is forgotten.
    private func exchangeHostKey() async throws {
        let target = await link.target
        guard let first = try settings.keys.load(.host, run: run.id)?.publicKey, target.hostKeys.contains(first) else {
            return
        }
        let exchange = HostKeyExchange(connector: connector, sleep: site.ambient.sleep)
        let outcome = try await exchange.replace(first, over: try await link.open(), to: target) { new in
            try await site.journal.pin(new == first ? [first] : [new, first], node: node)
        }
        if outcome.replaced {
            try await site.journal.pin([outcome.key], node: node)
            await link.pin([outcome.key])
            await link.use(outcome.host)
        }
        if let note = outcome.note { site.emit(.note(note)) }
        if let server = await site.journal.server(of: run, node: node) {
            try await site.provider.clearUserData(server.id, log: site.journal)
        }
    }

    private func ship(to home: JobHome, over host: any RemoteHost) async throws -> Transferred {
        let files = try settings.files()
        guard !files.isEmpty else { return Transferred() }
        let total = files.reduce(Int64(0)) { sum, file in
            if case .file(let size, _) = file.kind { sum + size } else { sum }
        }
        site.emit(.phase(.ship, .started, detail: label))
        let sent = try await host.upload(files, to: home.path) { sent in
            site.emit(.transfer(.up, sent, of: total))
        }
        site.emit(.phase(.ship, .done, detail: label))
        return sent
    }

    private func brief() throws -> JobSpec {
        guard let command = spec.run?.command.value else {
            throw Diagnostic(
                "spec.missing-key", "Missing key", detail: "The spec has no run.",
                remedy: "Write what to run, or give it after --.", exit: .usage)
        }
        let room = Budget.room(in: spec.budget.maxDuration.value)
        return JobSpec(
            runID: run.id, workdir: spec.files.first?.to.value ?? FileMapping.defaultTarget,
            setup: settings.skipSetup ? nil : spec.setup,
            command: command, asRoot: spec.run?.asRoot ?? false,
            env: spec.env.map { JobSpec.Variable($0.name.value, $0.value) } + [
                JobSpec.Variable("SPILLWAY_BURST", site.burst), JobSpec.Variable("SPILLWAY_RUN", run.id),
                JobSpec.Variable("SPILLWAY_NODE", String(node)), JobSpec.Variable("SPILLWAY_NODES", String(run.nodes)),
            ],
            secrets: try settings.secrets(), timeout: spec.jobTimeout,
            remaining: Seconds(max(1, (run.expires - site.ambient.now() - room).count)),
            notice: run.isSpot ?? false ? site.provider.traits.spotNotice : nil)
    }

    // MARK: Follow

    /// Follows the job to its end, giving its output on. What was followed before is not given again. `ending` is why it
    /// ended where that is known better here than there.
    func follow(as ending: JobRecord.Ending? = nil) async throws -> JobRecord {
        if let record = await record(), record.stage == .finished || record.stage == .collected { return record }
        let out = try LogFile(folder, burst: site.burst, run: logName, .out)
        let err = try LogFile(folder, burst: site.burst, run: logName, .err)
        defer {
            out.close()
            err.close()
        }
        let masks = Mutex((out: SecretMask(secretValues), err: SecretMask(secretValues)))
        let losses = Mutex(0)
        let follower = JobFollower(
            runID: run.id, name: "main", connect: { try await self.connect(losses: losses.withLock { $0 }) },
            sleep: site.ambient.sleep)
        let status = try await follower.follow(from: LogOffsets(out: out.size, err: err.size)) { event in
            switch event {
            case .output(.stdout(let bytes)):
                self.take(masks.withLock { $0.out.mask(bytes) }, .stdout, out)
            case .output(.stderr(let bytes)):
                self.take(masks.withLock { $0.err.mask(bytes) }, .stderr, err)
            case .disconnected(let failure, _):
                self.link.markBroken()
                if losses.withLock({ losses in
                    losses += 1; return losses
                }) == 1 {
                    self.site.emit(
                        .note(
                            "Connection lost\(self.place): \(failure.detail). The job goes on; reconnecting."
                        ))
                }
            case .connected:
                losses.withLock { $0 = 0 }
            }
        }
        masks.withLock { masks in
            take(masks.out.finish(), .stdout, out)
            take(masks.err.finish(), .stderr, err)
        }
        return try await finished(ending ?? status.ending ?? .lost, exit: status.exit, at: status.finishedAt)
    }

    /// Has the job end now; what it wrote so far can still be fetched. One that had ended by itself keeps its own ending.
    /// Best effort: it may be out of reach.
    func end(_ why: JobRecord.Ending) async throws {
        var status: JobStatus?
        if await record()?.stage == .started, let host = try? await link.open() {
            status = try? await RemoteJob(runID: run.id, host: host).cancel()
        }
        let own = status?.ending.flatMap {
            [.exited, .setupFailed, .timedOut, .deadline, .preempted].contains($0) ? $0 : nil
        }
        _ = try await finished(own ?? why, exit: own == nil ? nil : status?.exit, at: status?.finishedAt)
    }

    /// As ``end(_:)``, for a run that nobody follows any more: its logs come home first, unless nothing can mask them.
    /// Throws what keeps the instance out of reach.
    func conclude(_ why: JobRecord.Ending) async throws {
        guard await record()?.stage == .started else { return }
        let job = RemoteJob(runID: run.id, host: try await link.open())
        var status = try await job.status()
        let ending = status.isOver ? nil : why
        if ending != nil { status = try await job.cancel() }
        if spec.secrets.isEmpty || !secretValues.isEmpty {
            _ = try await follow(as: ending)
        } else {
            _ = try await finished(ending ?? status.ending ?? .lost, exit: status.exit, at: status.finishedAt)
        }
    }

    func finished(_ ending: JobRecord.Ending, exit: RemoteExit?, at: Timestamp?) async throws -> JobRecord {
        var record = await record() ?? JobRecord(node: node, stage: .started)
        guard record.stage == .shipping || record.stage == .started else { return record }
        record.stage = .finished
        record.ending = ending
        record.exit = exit
        record.finishedAt = at ?? site.ambient.now()
        try await site.journal.record(.job(record))
        return record
    }

    /// After a failure the provider is asked: an instance that is gone or off will never answer again.
    private func connect(losses: Int) async throws -> any RemoteHost {
        if losses >= 1, let server = await site.journal.server(of: run, node: node) {
            let shown = try? await site.list([.server], zones: [server.id.zone]).first { $0.id == server.id }
            let gone = shown == nil ? (try? await site.provider.isGone(server.id)) ?? false : false
            if gone || [.stopped, .standby, .failed].contains(shown?.lifecycle) {
                throw InstanceLost(detail: gone ? "the instance is gone" : "the instance is \(shown?.detail ?? "off")")
            }
        }
        return try await link.open()
    }

    struct InstanceLost: Error {
        var detail: String
    }

    private func take(_ bytes: [UInt8], _ stream: Event.Stream, _ log: LogFile) {
        guard !bytes.isEmpty else { return }
        do {
            try log.append(bytes)
        } catch {
            site.emit(.note("\(error.summary): \(error.detail)"))
        }
        site.emit(.output(stream, bytes))
    }

    // MARK: Collect

    /// Fetches and verifies the outputs; what is missing or lost is named in the record.
    func collect(within limit: Duration?) async throws -> JobRecord {
        guard var record = await record(), record.stage != .collected else {
            return await record() ?? JobRecord(node: node, stage: .finished)
        }
        if record.startedAt == nil, record.ending != .lost {
            record.missing = spec.outputs.map { "\($0.from.value): the job was not started" }
        } else if !spec.outputs.isEmpty, record.ending != .lost {
            site.emit(.phase(.collect, .started, detail: label))
            do {
                let fetching = OutputFetching(
                    run: run, node: node, link: link, allowOutside: settings.allowOutside, sleep: site.ambient.sleep)
                // After its notice a machine has two minutes, of which some have gone.
                let left = record.ending == .preempted ? min(limit ?? .seconds(100), .seconds(100)) : limit
                let collected = try await fetching.fetch(within: left) { received, total in
                    site.emit(.transfer(.down, received, of: total))
                }
                record.down = collected.received
                record.missing = collected.lost.map(\.description)
                site.emit(.phase(.collect, .done, detail: label))
            } catch let error as RemoteFailure
                where error.kind != .cancelled && (error.kind != .localIO || site.ambient.now() >= run.expires)
            {
                record.missing = spec.outputs.map { "\($0.from.value): not fetched, \(error.detail)" }
                site.emit(.phase(.collect, .failed, detail: error.detail))
            }
        } else if record.ending == .lost {
            record.missing = spec.outputs.map { "\($0.from.value): the instance was lost" }
        }
        record.stage = .collected
        try await site.journal.record(.job(record))
        return record
    }

    // MARK: Small parts

    private func record() async -> JobRecord? { await site.journal.state.jobs.first { $0.node == node } }

    private var secretValues: [String] { ((try? settings.secrets()) ?? []).map(\.value) }

    private var logName: String { run.nodes > 1 ? "\(run.id)-\(node)" : run.id }

    private var label: String { run.nodes > 1 ? "node \(node)" : "" }

    /// As a clause of a sentence.
    private var place: String { label.isEmpty ? "" : " (\(label))" }
}

extension BurstJournal {
    /// The server of a run's node, as last seen.
    func server(of run: RunRecord, node: Int) -> CloudResource? {
        state.live.map(\.resource).first { $0.id.kind == .server && $0.tags?.run == run.id && $0.tags?.node == node }
    }

    /// Durable before the instance shows another key than the one it showed so far.
    func pin(_ keys: [HostKey], node: Int) throws(Diagnostic) {
        guard var run = state.run else { return }
        run.pinned[node] = keys
        try record(.revised(run))
    }
}
