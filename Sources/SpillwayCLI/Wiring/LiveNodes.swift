import SpillwayCore
import SpillwayEngine
import SpillwayTransport

/// The nodes of a live run, reached without its lock: for looking, never for changing.
struct LiveNodes: Sendable {
    let run: RunRecord
    private let known: KnownBurst

    init(_ known: KnownBurst) throws {
        run = try known.run()
        self.known = known
    }

    /// Throws `burst.not-up` when that node has no server yet.
    func link(_ node: Int) throws -> NodeLink {
        let servers = known.state?.live.map(\.resource).filter { $0.id.kind == .server && $0.tags?.run == run.id } ?? []
        guard let server = servers.first(where: { $0.tags?.node == node }) else {
            throw Diagnostic(
                "burst.not-up", "The burst is not up", detail: "Run \(run.id) has no server for node \(node).",
                remedy: "See how it stands:", command: "spillway status \(known.name)")
        }
        return try NodeLink.to(
            server, of: run, user: Cloud.rules(of: run.source.cloud).traits.loginUser, keys: try known.keys(),
            connector: SSHConnector(), patience: .seconds(30))
    }
}
