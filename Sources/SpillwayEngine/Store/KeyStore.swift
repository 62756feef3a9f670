internal import Glibc
package import SpillwayCore

/// The SSH keys of a run: `keys/<run>/client`, `host` and their `.pub`, on disk before the instance that has them.
package struct KeyStore: Sendable {
    /// Whose key it is.
    package enum Role: String, CaseIterable, Sendable {
        /// What we log in with.
        case client
        /// What the instance shows at first contact.
        case host
    }

    private let folder: StateFolder

    package init(_ folder: StateFolder) { self.folder = folder }

    /// Durable when it returns. Saving again replaces.
    package func save(_ pair: KeyPair, _ role: Role, run: String) throws(Diagnostic) {
        try files(run, "save the \(role.rawValue) key of run \(run)") { root throws(SystemFailure) in
            let keys = try root.makeSubfolder("keys").makeSubfolder(run)
            try keys.replace(role.rawValue, with: Array(pair.privateKey.utf8))
            try keys.replace("\(role.rawValue).pub", with: Array("\(pair.publicKey.line)\n".utf8))
        }
    }

    /// nil when there is none, or only half of it.
    package func load(_ role: Role, run: String) throws(Diagnostic) -> KeyPair? {
        try files(run, "read the \(role.rawValue) key of run \(run)") { root throws(SystemFailure) in
            guard let keys = try root.subfolder("keys")?.subfolder(run), let secret = try keys.read(role.rawValue),
                let open = try keys.read("\(role.rawValue).pub"),
                let publicKey = HostKey(line: String(decoding: open, as: UTF8.self))
            else { return nil }
            return KeyPair(privateKey: String(decoding: secret, as: UTF8.self), publicKey: publicKey)
        }
    }

    /// Where the private half lies, for a command line to show; it may not exist.
    package func path(_ role: Role, run: String) -> String { "\(folder.path)/keys/\(run)/\(role.rawValue)" }

    /// The runs that still have keys, sorted.
    package func runs() throws(Diagnostic) -> [String] {
        try files("all", "list the keys") { root throws(SystemFailure) in
            guard let keys = try root.subfolder("keys") else { return [] }
            return try keys.names().filter(StateNames.isRun)
        }
    }

    /// After teardown. Idempotent.
    package func remove(run: String) throws(Diagnostic) {
        try files(run, "remove the keys of run \(run)") { root throws(SystemFailure) in
            guard let keys = try root.subfolder("keys"), let own = try keys.subfolder(run) else { return }
            for name in try own.names() { try own.remove(name) }
            try keys.remove(run, folder: true)
            try keys.sync()
        }
    }

    private func files<Value>(
        _ run: String, _ doing: String, _ body: (Directory) throws(SystemFailure) -> Value
    ) throws(Diagnostic) -> Value {
        guard StateNames.isRun(run) else { throw StateFailure.badName(run, what: "run") }
        do {
            return try body(folder.root)
        } catch {
            throw StateFailure.system(error, doing: doing)
        }
    }
}
