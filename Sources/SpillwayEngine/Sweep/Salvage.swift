package import SpillwayCore

/// Brings home what a run made that nobody follows any more, before its machines go: as the run itself would at its
/// deadline, but never for longer than a limit. What cannot be had is named, and the machines go all the same.
package struct Salvage: Sendable {
    private let connector: any RemoteConnector
    /// For all nodes of a run together.
    private let limit: Seconds
    /// Nothing is fetched; the receipt says so.
    private let isForgone: Bool
    /// What the run's spec names was allowed, or refused, when the run began.
    private let allowOutside: Bool
    private let secrets: @Sendable (RunRecord) throws -> [JobSpec.Variable]

    package init(
        connector: any RemoteConnector, limit: Seconds = .minutes(10), isForgone: Bool = false,
        allowOutside: Bool = true, secrets: @escaping @Sendable (RunRecord) throws -> [JobSpec.Variable]
    ) {
        self.connector = connector
        self.limit = limit
        self.isForgone = isForgone
        self.allowOutside = allowOutside
        self.secrets = secrets
    }

    /// What the jobs of `run` came to, with everything of them at home that can be; nil when it has no job. A job that
    /// still runs is ended first, because of `why`. Throws when somebody asked to stop, or the state cannot be written.
    func bringHome(
        _ session: BurstSession, run: RunRecord, why: JobRecord.Ending, within most: Seconds
    ) async throws -> JobOutcome? {
        let jobs = await session.site.journal.state.jobs
        guard !jobs.isEmpty else { return nil }
        let left = jobs.filter { $0.stage != .collected }
        if !left.isEmpty, run.phase == .running {
            var run = await session.site.journal.state.run ?? run
            run.phase = .collecting
            try await session.site.journal.record(.revised(run))
        }
        let seconds = Duration.seconds(min(limit.count, max(1, most.count)))
        for result in await concurrently(left, { try await bring($0, session, run, why, within: seconds) }) {
            try result.get()
        }
        return JobOutcome(await session.site.journal.state.jobs)
    }

    private func bring(
        _ record: JobRecord, _ session: BurstSession, _ run: RunRecord, _ why: JobRecord.Ending, within limit: Duration
    ) async throws {
        do {
            if isForgone { throw Lost("collecting was not wanted") }
            if run.phase == .destroying { throw Lost("the run was being removed already") }
            guard record.startedAt != nil else { throw Lost("the job was not started") }
            let node = try await node(record.node, session, run, within: limit)
            do {
                try await bounded(by: limit, session) {
                    let begun = ContinuousClock.now
                    try await node.conclude(why)
                    _ = try await node.collect(within: (limit - (ContinuousClock.now - begun)) * 0.9)
                }
            } catch {
                await node.link.close()
                throw error
            }
            await node.link.close()
        } catch {
            try await session.site.journal.checkGoing()
            try await lose(record.node, session, run, why, Self.words(error))
        }
    }

    private func node(
        _ node: Int, _ session: BurstSession, _ run: RunRecord, within limit: Duration
    ) async throws -> NodeJob {
        guard let server = await session.site.journal.server(of: run, node: node) else {
            throw Lost("the instance is gone")
        }
        guard server.lifecycle == .running else { throw Lost("the instance is \(server.detail)") }
        let link = try NodeLink.to(
            server, of: run, user: session.site.provider.traits.loginUser, keys: session.keys, connector: connector,
            patience: min(.seconds(30), limit))
        var site = session.site
        // What the job wrote goes to its log, not into the words of a sweep.
        site.emit = { [emit = session.site.emit] event in
            if case .output = event { return }
            emit(event)
        }
        return NodeJob(
            site: site, run: run, node: node, link: link, connector: connector,
            settings: .init(
                keys: session.keys, files: { [] }, secrets: { [secrets] in try secrets(run) },
                allowOutside: allowOutside, patience: .seconds(30)),
            folder: session.folder)
    }

    /// Ends `body` when the time is over or somebody asks to stop.
    private func bounded(
        by limit: Duration, _ session: BurstSession, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let (journal, end) = (session.site.journal, ContinuousClock.now + limit)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while ContinuousClock.now < end {
                    try await journal.checkGoing()
                    try await Task.sleep(for: .milliseconds(100))
                }
                throw Lost("not fetched within \(limit)")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func lose(
        _ node: Int, _ session: BurstSession, _ run: RunRecord, _ why: JobRecord.Ending, _ reason: String
    ) async throws {
        let journal = session.site.journal
        var record = await journal.state.jobs.first { $0.node == node } ?? JobRecord(node: node, stage: .started)
        guard record.stage != .collected else { return }
        record.stage = .collected
        record.ending = record.ending ?? why
        record.missing = run.source.spec.outputs.map { "\($0.from.value): \(reason)" }
        try await journal.record(.job(record))
    }

    private struct Lost: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let lost as Lost: lost.reason
        case let lost as NodeJob.InstanceLost: lost.detail
        case let failure as RemoteFailure: "not fetched, \(failure.detail)"
        case let diagnostic as Diagnostic: "not fetched, \(diagnostic.summary)"
        default: "not fetched, \(error)"
        }
    }
}
