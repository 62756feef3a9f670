internal import Glibc
package import SpillwayCore

/// One state folder: what this machine knows of its bursts. See docs/state-format.md for what lies where.
package final class StateFolder: Sendable {
    package let path: String
    /// Random, made once: resources carry it in their tags, so that a sweep knows whose they are.
    package let id: String
    let root: Directory
    private let random: @Sendable (Int) -> [UInt8]

    private init(root: Directory, id: String, random: @escaping @Sendable (Int) -> [UInt8]) {
        self.root = root
        path = root.path
        self.id = id
        self.random = random
    }

    /// Opens the folder for writing, making what is missing. `random` gives that many unguessable bytes.
    ///
    /// Refuses a folder of another user, one that others may write to and one that cannot be written to.
    package static func open(
        _ path: String, random: @escaping @Sendable (Int) -> [UInt8]
    ) throws(Diagnostic) -> StateFolder {
        try refusing(path) { () throws(SystemFailure) in
            if mkdir(path, 0o700) != 0, errno != EEXIST { throw SystemFailure("mkdir", path) }
        }
        let root = try checked(path)
        let nonce = random(8).hex
        try refusing(path) { () throws(SystemFailure) in
            guard faccessat(root.descriptor, ".", W_OK, AT_EACCESS) == 0 else { throw SystemFailure("access", path) }
            fchmod(root.descriptor, 0o700)
            // Keys and logs lie here: nothing of it is ever to be committed by accident.
            _ = try root.create(".gitignore", with: Array("*\n".utf8), temporary: ".gitignore.\(nonce).tmp")
        }
        let id: String
        if let recorded = try root.recordedID() {
            id = recorded
        } else {
            // The folder's own name has to outlast a power cut, too, before anything in it is relied on.
            try refusing(path) { () throws(SystemFailure) in try Directory(path: path + "/..").sync() }
            id = try root.makeID(nonce)
        }
        return StateFolder(root: root, id: id, random: random)
    }

    /// Opens the folder for reading alone: makes nothing and changes nothing. nil when it holds no state.
    package static func existing(
        _ path: String, random: @escaping @Sendable (Int) -> [UInt8] = { _ in [] }
    ) throws(Diagnostic) -> StateFolder? {
        guard access(path, F_OK) == 0 || errno != ENOENT else { return nil }
        let root = try checked(path)
        guard let id = try root.recordedID() else { return nil }
        return StateFolder(root: root, id: id, random: random)
    }

    /// Unguessable, in hexadecimal: for lock ids and temporary names.
    func nonce() -> String { random(8).hex }

    /// The bursts this folder knows, sorted; files that are not ours are passed over.
    package func bursts() throws(Diagnostic) -> [String] {
        try StateFolder.refusing(path) { () throws(SystemFailure) in try root.bursts() }
    }

    /// The bursts that have a lock file, sorted: free ones too, and those that nothing was recorded of yet.
    package func lockable() throws(Diagnostic) -> [String] {
        try StateFolder.refusing(path) { () throws(SystemFailure) in
            try root.names().compactMap { $0.hasSuffix(".lock") ? String($0.dropLast(5)) : nil }
                .filter(StateNames.isBurst)
        }
    }

    private static func checked(_ path: String) throws(Diagnostic) -> Directory {
        let root: Directory
        do {
            root = try Directory(path: path)
        } catch {
            throw error.code == ENOTDIR
                ? StateFailure.notAFolder(path)
                : StateFailure.system(error, doing: "open the state folder", exists: StateFailure.untouched)
        }
        try root.check()
        return root
    }

    static func refusing<Value>(
        _ path: String, _ body: () throws(SystemFailure) -> Value
    ) throws(Diagnostic) -> Value {
        do {
            return try body()
        } catch {
            throw StateFailure.system(error, doing: "use the state folder \(path)", exists: StateFailure.untouched)
        }
    }
}

extension Directory {
    /// Ours alone, or refused.
    func check() throws(Diagnostic) {
        let status: stat
        do {
            status = try self.status
        } catch {
            throw StateFailure.system(error, doing: "look at \(path)", exists: StateFailure.untouched)
        }
        guard status.st_uid == geteuid() else {
            throw StateFailure.otherOwner(path, owner: status.st_uid, we: geteuid())
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw StateFailure.writableByOthers(path, mode: status.st_mode)
        }
    }

    func bursts() throws(SystemFailure) -> [String] {
        let stems = try names().compactMap { name in
            [".json", ".journal.jsonl"].first(where: name.hasSuffix).map { name.dropLast($0.count) }
        }
        return Set(stems.filter(StateNames.isBurst).map(String.init)).sorted()
    }
}
