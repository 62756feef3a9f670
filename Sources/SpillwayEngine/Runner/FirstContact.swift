package import SpillwayCore

/// The keys of a run: made and on disk before the first create, so that a crash after it can still log in.
package struct FirstContact: Sendable {
    private let keys: KeyStore
    private let connector: any RemoteConnector

    package init(keys: KeyStore, connector: any RemoteConnector) {
        self.keys = keys
        self.connector = connector
    }

    /// What each node is booted with, the same for all where `isShared`. Called again for the same run it uses the same
    /// keys.
    ///
    /// Where a guest that goes off ends no bill it stays up for `grace` after the deadline, its job long ended: a sweep that
    /// comes late can still fetch what it made.
    package func userData(
        for run: RunRecord, isShared: Bool = false, grace: Seconds = Seconds(0)
    ) throws(Diagnostic) -> @Sendable (_ node: Int) -> String {
        let client = try pair(.client, run: run.id)
        let host = try pair(.host, run: run.id)
        let burst = run.source.spec.name.value
        let data = { @Sendable (hostname: String?) in
            CloudInit(
                hostname: hostname, hostKey: host, clientKey: client.publicKey, deadline: run.expires + grace,
                longest: Seconds(run.source.spec.budget.maxDuration.value.count + grace.count)
            ).userData
        }
        if isShared {
            let shared = data(nil)
            return { _ in shared }
        }
        return { node in data("\(burst)-\(node)") }
    }

    private func pair(_ role: KeyStore.Role, run: String) throws(Diagnostic) -> KeyPair {
        if let pair = try keys.load(role, run: run) { return pair }
        let pair = connector.makeKey(comment: "spillway-\(role.rawValue)-\(run)")
        try keys.save(pair, role, run: run)
        return pair
    }
}
