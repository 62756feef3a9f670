internal import Glibc
internal import SpillwayCore

/// `<burst>.lock`, open. Closing it, by ``keep()`` never being called, lets the flock go.
struct LockFile: ~Copyable {
    private let descriptor: Int32
    private let path: String

    init(_ burst: String, in folder: StateFolder) throws(Diagnostic) {
        let name = try Self.name(burst)
        self.init(descriptor: try Self.open(name, in: folder), path: folder.root.path(of: name))
    }

    /// As the kernel names the file among its locks; nil when it cannot be asked.
    var inode: UInt64? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// What stands in the file, without a lock and without write permission.
    static func peek(_ burst: String, in folder: StateFolder) throws(Diagnostic) -> LockHolder? {
        let name = try name(burst)
        do {
            guard let bytes = try folder.root.read(name) else { return nil }
            return try? StateJSON.decode(LockHolder.self, bytes)
        } catch {
            throw StateFailure.system(error, doing: "read the lock of \(burst)", exists: StateFailure.untouched)
        }
    }

    private static func open(_ name: String, in folder: StateFolder) throws(Diagnostic) -> Int32 {
        do {
            return try folder.root.openFile(name, O_RDWR | O_CREAT)
        } catch {
            throw StateFailure.system(error, doing: "open the lock \(name)", exists: StateFailure.untouched)
        }
    }

    private static func name(_ burst: String) throws(Diagnostic) -> String {
        guard StateNames.isBurst(burst) else { throw StateFailure.badName(burst, what: "burst") }
        return "\(burst).lock"
    }

    /// False when another process holds it.
    borrowing func take() throws(Diagnostic) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            default: throw failure(SystemFailure("flock", path))
            }
        }
        return true
    }

    /// nil when the file is empty, or cut off by the death of who was writing it.
    borrowing func holder() throws(Diagnostic) -> LockHolder? {
        lseek(descriptor, 0, SEEK_SET)
        do {
            let bytes = try Directory.readAll(descriptor, path: path)
            return try? StateJSON.decode(LockHolder.self, bytes)
        } catch {
            throw failure(error)
        }
    }

    borrowing func write(_ holder: LockHolder?) throws(Diagnostic) {
        do throws(SystemFailure) {
            guard ftruncate(descriptor, 0) == 0 else { throw SystemFailure("truncate", path) }
            lseek(descriptor, 0, SEEK_SET)
            if let holder, let line = try? StateJSON.line(holder) {
                try Directory.writeAll(line, to: descriptor, path: path)
            }
            guard fsync(descriptor) == 0 else { throw SystemFailure("fsync", path) }
        } catch {
            throw failure(error)
        }
    }

    /// What `state lock` wrote.
    borrowing func held(byHand holder: LockHolder, burst: String) -> Diagnostic {
        Diagnostic(
            "state.locked-by-hand", "this burst was locked by hand",
            detail: "\(burst) was locked on \(holder.host) since \(holder.since): \(holder.operation).",
            remedy: "If whoever locked it is done, break the lock.", command: "spillway state unlock \(holder.id)",
            exists: StateFailure.untouched, exit: .locked)
    }

    /// A second descriptor of the same lock, which outlives this value.
    consuming func keep() -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }

    borrowing func held(by holder: LockHolder?, burst: String, identity: HostIdentity) -> Diagnostic {
        let summary = "another spillway is at work on this burst"
        guard let holder else {
            return Diagnostic(
                "state.locked", summary, detail: "\(burst) was locked a moment ago (\(path)).",
                remedy: "Wait until it has finished, then run the same command again.",
                command: "spillway status \(burst)", exists: StateFailure.untouched, exit: .locked)
        }
        let detail =
            "\"\(holder.operation)\" has locked \(burst) on \(holder.host) (process \(holder.pid)) "
            + "since \(holder.since)."
        guard identity.shares(holder) else {
            return Diagnostic(
                "state.locked", summary,
                detail: detail + " Whether it still runs cannot be seen from \(identity.host).",
                remedy: "If you know that it does not run any more, break the lock.",
                command: "spillway state unlock \(holder.id)", exists: StateFailure.untouched, exit: .locked)
        }
        return Diagnostic(
            "state.locked", summary, detail: detail,
            remedy: "Wait until it has finished. If it hangs, end it: its lock goes with it and nothing is forgotten.",
            command: "kill \(holder.pid)", exists: StateFailure.untouched, exit: .locked)
    }

    private borrowing func failure(_ failure: SystemFailure) -> Diagnostic {
        StateFailure.system(failure, doing: "lock \(path)", exists: StateFailure.untouched)
    }
}
