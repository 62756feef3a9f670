package import SpillwayCore

/// Brings the outputs of one node home, whole and verified, whether its job has ended or not.
package struct OutputFetching: Sendable {
    private let run: RunRecord
    private let node: Int
    private let link: NodeLink
    private let allowOutside: Bool
    private let sleep: @Sendable (Duration) async throws -> Void

    package init(
        run: RunRecord, node: Int, link: NodeLink, allowOutside: Bool = false,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.run = run
        self.node = node
        self.link = link
        self.allowOutside = allowOutside
        self.sleep = sleep
    }

    package func fetch(
        within limit: Duration? = nil, progress: @escaping @Sendable (Transferred, Int64?) -> Void
    ) async throws -> Collected {
        let home = try await RemoteJob(runID: run.id, host: try await link.open()).home()
        let retry = SessionRetry(connect: { try await link.open() }, sleep: sleep, onLoss: { _ in link.markBroken() })
        let collector = Collector(
            home: home, run: run.nodes > 1 ? "\(run.id)-\(node)" : run.id, folder: run.source.folder,
            allowOutside: allowOutside, retry: retry, sleep: sleep)
        return try await collector.collect(outputs, within: limit, progress: progress)
    }

    /// With several nodes each has a folder of its own below the target, so that none overwrites another's.
    private var outputs: [Output] {
        let outputs = run.source.spec.outputs
        guard run.nodes > 1 else { return outputs }
        return outputs.map { output in
            var output = output
            output.to.value += "/node-\(node)"
            output.intoFolder = true
            return output
        }
    }
}
