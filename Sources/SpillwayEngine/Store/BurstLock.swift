internal import Glibc
package import SpillwayCore
internal import Synchronization

/// The right to change one burst, held until ``release()`` or until the process ends, however it ends.
package final class BurstLock: Sendable {
    package let holder: LockHolder
    /// What the user should know of how it was got: that the holder before died, or was overridden.
    package let notes: [Diagnostic]
    private let file: Mutex<Int32?>

    private init(file: Int32, holder: LockHolder, notes: [Diagnostic]) {
        self.file = Mutex(file)
        self.holder = holder
        self.notes = notes
    }

    deinit { release() }

    /// Takes the lock without waiting, or throws `state.locked` saying who holds it.
    ///
    /// A lock that was left behind on this machine is taken over with a note. One that another machine left is refused,
    /// unless `overridingOtherHosts` (`destroy --now`): a flock need not be seen across machines.
    package static func acquire(
        _ burst: String, in folder: StateFolder, operation: String, identity: HostIdentity, now: Timestamp,
        overridingOtherHosts: Bool = false
    ) throws(Diagnostic) -> BurstLock {
        let lock = try LockFile(burst, in: folder)
        let holder = LockHolder(
            id: folder.nonce(), operation: operation, pid: identity.pid, bootID: identity.bootID, host: identity.host,
            since: now)
        var notes: [Diagnostic] = []
        guard try lock.take() else { throw lock.held(by: try lock.holder(), burst: burst, identity: identity) }
        if let left = try lock.holder() {
            if left.isByHand == true, !overridingOtherHosts { throw lock.held(byHand: left, burst: burst) }
            guard identity.shares(left) || overridingOtherHosts else {
                throw lock.held(by: left, burst: burst, identity: identity)
            }
            notes.append(takenOver(left, burst: burst, identity: identity))
        }
        try lock.write(holder)
        return BurstLock(file: lock.keep(), holder: holder, notes: notes)
    }

    /// `state lock`: keeps every command off until ``unlock(_:id:in:identity:)``. `why` is told to those who are refused.
    package static func lockByHand(
        _ burst: String, in folder: StateFolder, why: String, identity: HostIdentity, now: Timestamp
    ) throws(Diagnostic) -> LockHolder {
        let lock = try LockFile(burst, in: folder)
        guard try lock.take() else { throw lock.held(by: try lock.holder(), burst: burst, identity: identity) }
        if let left = try lock.holder() {
            if left.isByHand == true { throw lock.held(byHand: left, burst: burst) }
            guard identity.shares(left) else { throw lock.held(by: left, burst: burst, identity: identity) }
        }
        let holder = LockHolder(
            id: folder.nonce(), operation: why, pid: identity.pid, bootID: identity.bootID, host: identity.host,
            since: now, isByHand: true)
        try lock.write(holder)
        return holder
    }

    /// Who holds the lock or left it behind; nil when it is free. Changes nothing.
    package static func holder(of burst: String, in folder: StateFolder) throws(Diagnostic) -> LockHolder? {
        try LockFile.peek(burst, in: folder)
    }

    /// `state unlock ID`: clears the lock that `id` names, if its holder is not at work on this machine.
    package static func unlock(
        _ burst: String, id: String, in folder: StateFolder, identity: HostIdentity
    ) throws(Diagnostic) {
        let lock = try LockFile(burst, in: folder)
        let free = try lock.take()
        guard let left = try lock.holder(), left.id == id else {
            throw Diagnostic(
                "state.no-such-lock", "there is no such lock",
                detail: "The lock of \(burst) is \(try lock.holder().map { "\($0.id), not \(id)" } ?? "free").",
                remedy: "Look at it again.", command: "spillway state show \(burst)", exists: StateFailure.untouched)
        }
        guard free else { throw lock.held(by: left, burst: burst, identity: identity) }
        try lock.write(nil)
    }

    /// Empties the file and lets go. Idempotent.
    package func release() {
        file.withLock { file in
            guard let held = file else { return }
            ftruncate(held, 0)
            // Said aloud: a child between fork and exec has this file open as well, and closing would leave it locked.
            flock(held, LOCK_UN)
            close(held)
            file = nil
        }
    }

    private static func takenOver(_ left: LockHolder, burst: String, identity: HostIdentity) -> Diagnostic {
        let why =
            if left.isByHand == true {
                "it was overridden although it was locked by hand"
            } else if !identity.shares(left) {
                "it was overridden although it may still be at work there"
            } else if left.bootID != identity.bootID {
                "the machine was restarted since"
            } else {
                "that process is gone"
            }
        return Diagnostic(
            "state.lock-taken-over", "took over a lock that was left behind",
            detail: "\"\(left.operation)\" had locked \(burst) on \(left.host) (process \(left.pid)) "
                + "since \(left.since); \(why). What it left open is looked up in the cloud first.",
            severity: .note, exit: .done)
    }
}
