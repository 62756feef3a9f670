package import SpillwayCore

/// Replaces the host key of the first contact, which user data carried and metadata may still show, by one that was
/// made on the instance and never left it.
///
/// It survives a crash at any point: the new key is recorded before it is used, and until it has been seen in use both
/// are accepted. From then on only the new one is: the caller forgets the first key when `replaced` is true.
package struct HostKeyExchange: Sendable {
    package struct Outcome: Sendable {
        /// The session to go on with: a new one where the key was replaced, else the one given.
        package var host: any RemoteHost
        /// What to pin from now on.
        package var key: HostKey
        package var replaced: Bool
        /// Why the first key was kept, in a sentence.
        package var note: String?
    }

    private let connector: any RemoteConnector
    private let sleep: @Sendable (Duration) async throws -> Void
    /// nil lets the instance's sshd say where its key lies.
    private let keyFile: String?

    package init(
        connector: any RemoteConnector, sleep: @escaping @Sendable (Duration) async throws -> Void,
        keyFile: String? = nil
    ) {
        self.connector = connector
        self.sleep = sleep
        self.keyFile = keyFile
    }

    /// `host` is a verified session to `target`, whose first key is `first`. `pin` makes the new key durable; it is
    /// called before the instance uses it. A session that already shows another key than `first` only confirms it.
    package func replace(
        _ first: HostKey, over host: any RemoteHost, to target: RemoteTarget,
        pin: (HostKey) async throws -> Void
    ) async throws -> Outcome {
        guard host.hostKey == first else {
            _ = try await call("keep", over: host)
            return Outcome(host: host, key: host.hostKey, replaced: true)
        }
        let made = try await call("make", over: host)
        guard made.exit.succeeded, let new = HostKey(line: made.out), new.algorithm == first.algorithm, new != first
        else {
            return kept(host, "the instance could not make a key of its own: \(made.err.prefix(300))")
        }
        try await pin(new)
        let used = try await call("use", over: host)
        var why = used.exit.succeeded ? "" : ": \(used.err.prefix(300))"
        if used.exit.succeeded {
            if let fresh = try await meet(new, target) {
                _ = try await call("keep", over: fresh)
                await host.close()
                return Outcome(host: fresh, key: new, replaced: true)
            }
            why = ": it went on showing the old one"
        }
        _ = try await call("back", over: host)
        try await pin(first)
        return kept(host, "the instance's sshd did not take its new key\(why)")
    }

    /// A session in which the instance shows `new`; nil when it goes on showing the old key. A server that reads its
    /// keys anew is still the old one for a moment, which here is no mismatch to be alarmed by.
    private func meet(_ new: HostKey, _ target: RemoteTarget) async throws -> (any RemoteHost)? {
        var target = target
        target.hostKeys = [new]
        for _ in 0..<200 {
            do {
                return try await connector.connect(to: target, timeout: .seconds(10))
            } catch {
                guard error.kind == .hostKeyMismatch else { throw error }
                try await sleep(.milliseconds(20))
            }
        }
        return nil
    }

    private func call(
        _ verb: String, over host: any RemoteHost
    ) async throws(RemoteFailure) -> (exit: RemoteExit, out: String, err: String) {
        let words = ["sh", "-c", HostKeyScript.text, "sh", verb, keyFile ?? ""]
        return try await host.capture(ShellQuoting.command(words))
    }

    private func kept(_ host: any RemoteHost, _ note: String) -> Outcome {
        Outcome(host: host, key: host.hostKey, replaced: false, note: "The first host key stays pinned: \(note).")
    }
}
