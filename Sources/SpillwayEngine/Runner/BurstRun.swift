package import SpillwayCore
internal import Synchronization

/// The job half of a run: ship, start, follow, collect, on every node of a burst that is up.
///
/// It owns no machine: provisioning comes before it and teardown after it, through the ``Executor``.
package struct BurstRun: Sendable {
    package struct Settings: Sendable {
        package var keys: KeyStore
        /// What is shipped; asked for only when something is.
        package var files: @Sendable () throws -> [ShippedFile]
        /// Resolved from their sources when first needed.
        package var secrets: @Sendable () throws -> [JobSpec.Variable]
        package var allowOutside: Bool
        /// A rehearsal may leave out what cannot be rehearsed.
        package var skipSetup: Bool
        /// How long a machine may take from power-on until it answers SSH.
        package var patience: Duration

        package init(
            keys: KeyStore, files: @escaping @Sendable () throws -> [ShippedFile],
            secrets: @escaping @Sendable () throws -> [JobSpec.Variable], allowOutside: Bool = false,
            skipSetup: Bool = false, patience: Duration = .seconds(600)
        ) {
            self.keys = keys
            self.files = files
            self.secrets = secrets
            self.allowOutside = allowOutside
            self.skipSetup = skipSetup
            self.patience = patience
        }
    }

    /// What a person, a signal or another command may ask meanwhile.
    package enum Request: Sendable, Hashable {
        /// Leave the job running and come back with `wait`.
        case detach
        /// End the job, collect, tear down.
        case tearDown
        /// Stop where it stands: another command goes on from there.
        case handOver
    }

    package enum Ending: Sendable, Hashable {
        case detached
        case handedOver
        case finished([JobRecord])
    }

    private let site: BurstSite
    private let run: RunRecord
    private let nodes: [NodeJob]

    /// Throws `ssh.keys-lost` when this folder cannot log in, and `run.not-up` when a node has no server.
    package init(
        _ session: BurstSession, run: RunRecord, connector: any RemoteConnector, settings: Settings
    ) async throws {
        site = session.site
        self.run = run
        var nodes: [NodeJob] = []
        for node in 0..<run.nodes {
            guard let server = await session.site.journal.server(of: run, node: node) else {
                throw Diagnostic(
                    "run.not-up", "The burst is not up", detail: "Node \(node) of run \(run.id) has no server.",
                    remedy: "Run it again: it goes on where it stopped.", exit: .partial)
            }
            let link = try NodeLink.to(
                server, of: run, user: session.site.provider.traits.loginUser, keys: settings.keys,
                connector: connector, patience: settings.patience)
            nodes.append(
                NodeJob(
                    site: session.site, run: run, node: node, link: link, connector: connector, settings: settings,
                    folder: session.folder))
        }
        self.nodes = nodes
    }

    /// Ships and starts what was not started before, follows it to the end or the deadline, and collects. `asked` gives one
    /// request after the other and is heard all along; with `detach` this returns once the job runs on every node.
    package func carryOut(
        detach: Bool, asked: @escaping @Sendable () async -> Request
    ) async throws -> Ending {
        let leaves = Atomic(detach)
        let launched = try await hearing(asked) {
            guard $0 == .detach else { return false }
            leaves.store(true, ordering: .relaxed)
            return true
        } while: {
            try await launch()
        }
        switch launched {
        case .handOver: return .handedOver
        case .tearDown, .detach: try await end(.cancelled)
        case nil:
            if leaves.load(ordering: .relaxed) { return .detached }
            site.emit(.phase(.run, .started, detail: ""))
            if let left = try await follow(asked) { return left }
            site.emit(.phase(.run, .done, detail: ""))
        }
        return try await collect(asked)
    }

    package func close() async {
        for node in nodes { await node.link.close() }
    }

    // MARK: Stages

    /// Returns when the job runs on all nodes.
    private func launch() async throws {
        var run = await site.journal.state.run ?? run
        if run.phase == .up || run.phase == .provisioning {
            run.phase = .running
            try await site.journal.record(.revised(run))
        }
        for result in await concurrently(nodes, { try await $0.launch() }) { try result.get() }
    }

    /// Returns when the job is over on all nodes, by whatever cause; how this ends instead when it is left alone.
    private func follow(_ asked: @escaping @Sendable () async -> Request) async throws -> Ending? {
        let cut = run.expires.seconds - Budget.room(in: run.source.spec.budget.maxDuration.value).count / 2
        switch await race(asked: asked, cut: Timestamp(seconds: cut)) {
        case .all(let results):
            for result in results { _ = try result.get() }
        case .asked(.detach): return .detached
        case .asked(.handOver): return .handedOver
        case .asked(.tearDown): try await end(.cancelled)
        case .deadline: try await end(.deadline)
        }
        return nil
    }

    private func end(_ why: JobRecord.Ending) async throws {
        for result in await concurrently(nodes, { try await $0.end(why) }) { try result.get() }
    }

    private func collect(_ asked: @escaping @Sendable () async -> Request) async throws -> Ending {
        var run = await site.journal.state.run ?? run
        if run.phase == .running {
            run.phase = .collecting
            try await site.journal.record(.revised(run))
        }
        let room = Budget.room(in: run.source.spec.budget.maxDuration.value)
        let left = max(10, (run.expires - site.ambient.now()).count - room.count / 4)
        let records = Mutex<[JobRecord]>([])
        let request = try await hearing(asked) { [site] in
            guard $0 == .tearDown else { return false }
            site.emit(.note("Collecting; everything is removed right after."))
            return true
        } while: {
            let collected = try await concurrently(nodes) { try await $0.collect(within: .seconds(left)) }
                .map { try $0.get() }
            records.withLock { $0 = collected }
        }
        switch request {
        case .handOver: return .handedOver
        case .detach: return .detached
        case .tearDown, nil: return .finished(records.withLock { $0 })
        }
    }

    // MARK: Parts

    private enum Stop: Sendable {
        case all([Result<JobRecord, any Error>])
        case asked(Request)
        case deadline
    }

    /// Runs `body` to its end, and gives nil, or until a request comes that `goesOn` does not let pass: then `body` is
    /// cancelled, and has ended when this returns.
    private func hearing(
        _ asked: @escaping @Sendable () async -> Request, passing goesOn: @escaping @Sendable (Request) -> Bool,
        while body: @escaping @Sendable () async throws -> Void
    ) async throws -> Request? {
        try await withThrowingTaskGroup(of: Request?.self) { group in
            group.addTask {
                try await body()
                return nil
            }
            group.addTask {
                while true {
                    let request = await asked()
                    if Task.isCancelled { return nil }
                    if !goesOn(request) { return request }
                }
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            while let result = await group.nextResult() { _ = result }
            return first
        }
    }

    private func race(asked: @escaping @Sendable () async -> Request, cut: Timestamp) async -> Stop {
        await withTaskGroup(of: Stop?.self) { group in
            group.addTask { .all(await concurrently(nodes, width: nodes.count) { try await self.followed($0) }) }
            group.addTask {
                let request = await asked()
                return Task.isCancelled ? nil : .asked(request)
            }
            group.addTask {
                while site.ambient.now() < cut {
                    let left = (cut - site.ambient.now()).count
                    do { try await site.ambient.sleep(.seconds(min(30, max(1, left)))) } catch { return nil }
                }
                return .deadline
            }
            var stop: Stop = .deadline
            while let first = await group.next() {
                guard let first else { continue }
                stop = first
                break
            }
            group.cancelAll()
            return stop
        }
    }

    private func followed(_ node: NodeJob) async throws -> JobRecord {
        do {
            return try await node.follow()
        } catch let lost as NodeJob.InstanceLost {
            site.emit(.note("Node \(node.node): \(lost.detail)."))
            return try await node.finished(.lost, exit: nil, at: nil)
        }
    }
}
