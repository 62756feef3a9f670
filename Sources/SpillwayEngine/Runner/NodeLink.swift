package import SpillwayCore
internal import Synchronization

/// The SSH session to one node: opened when needed, kept while it lasts, opened anew when it broke.
package actor NodeLink {
    package nonisolated let node: Int
    private let connector: any RemoteConnector
    private var patience: Duration
    /// Set from a follower's callback, which cannot wait: the next ``open()`` makes a new session.
    private nonisolated let isBroken = Atomic<Bool>(false)
    package private(set) var target: RemoteTarget
    private var host: (any RemoteHost)?

    package init(node: Int, target: RemoteTarget, connector: any RemoteConnector, patience: Duration) {
        self.node = node
        self.target = target
        self.connector = connector
        self.patience = patience
    }

    /// The session that is open, or a new one within `patience`. Throws ``RemoteFailure``.
    package func open() async throws(RemoteFailure) -> any RemoteHost {
        if isBroken.exchange(false, ordering: .relaxed) { await close() }
        if let host { return host }
        let opened = try await connector.connect(to: target, timeout: patience)
        // It answered once; from now on silence says something about the instance, not about its boot.
        patience = min(patience, .seconds(30))
        if let host {
            await opened.close()
            return host
        }
        host = opened
        return opened
    }

    package nonisolated func markBroken() { isBroken.store(true, ordering: .relaxed) }

    /// Goes on with `fresh`, a session that somebody else opened.
    package func use(_ fresh: any RemoteHost) { host = fresh }

    package func close() async {
        let last = host
        host = nil
        await last?.close()
    }

    /// From now on only `keys` are accepted.
    package func pin(_ keys: [HostKey]) { target.hostKeys = keys }
}

extension NodeLink {
    /// The link to `server` as its run has pinned it. Throws `ssh.keys-lost` when this folder has no key for it.
    package static func to(
        _ server: CloudResource, of run: RunRecord, user: String, keys: KeyStore, connector: any RemoteConnector,
        patience: Duration = .seconds(600)
    ) throws(Diagnostic) -> NodeLink {
        let node = server.tags?.node ?? 0
        guard let client = try keys.load(.client, run: run.id), let first = try keys.load(.host, run: run.id) else {
            throw Diagnostic(
                "ssh.keys-lost", "The keys of this run are gone",
                detail: "The state folder holds no keys for run \(run.id), so its instances cannot be reached.",
                remedy: "Remove the burst; its results cannot be fetched.",
                command: "spillway destroy \(run.source.spec.name.value)", exit: .error)
        }
        guard let address = server.ipv4 else {
            throw Diagnostic(
                "ssh.no-address", "The instance has no public address", detail: "\(server.id) shows no IPv4 address.",
                remedy: "Run it again; if it stays so, remove the burst.",
                command: "spillway destroy \(run.source.spec.name.value)")
        }
        let target = RemoteTarget(
            address: address, port: run.source.port, user: user,
            hostKeys: run.pinned[node] ?? [first.publicKey], clientKey: client)
        return NodeLink(node: node, target: target, connector: connector, patience: patience)
    }
}
