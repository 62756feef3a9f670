internal import Glibc
package import SpillwayCore

/// The process of this machine that holds a burst's lock.
///
/// Three witnesses have to agree: the lock file names its process and the boot it is of, and the kernel says that this very
/// process holds the flock on this very file. A process id that was given to somebody else in the meantime holds no such
/// lock, so nobody else is ever told anything.
package struct LockOwner: Sendable, Hashable {
    package let holder: LockHolder
    private let burst: String
    private let folder: StateFolder
    private let identity: HostIdentity

    /// nil when the lock is free, or when its holder cannot be reached from here: on another host, or in a container
    /// with process ids of its own.
    package static func of(
        _ burst: String, in folder: StateFolder, identity: HostIdentity
    ) throws(Diagnostic) -> LockOwner? {
        guard let holder = try BurstLock.holder(of: burst, in: folder), holder.bootID == identity.bootID,
            holder.isByHand != true, holder.pid != identity.pid, !identity.bootID.isEmpty
        else { return nil }
        let owner = LockOwner(holder: holder, burst: burst, folder: folder, identity: identity)
        return try owner.isThere() ? owner : nil
    }

    package static func == (one: LockOwner, other: LockOwner) -> Bool { one.holder == other.holder }
    package func hash(into hasher: inout Hasher) { hasher.combine(holder) }

    /// Asks it to finish its calls in flight, record them, and let go. False when it has gone.
    package func askToHandOver() throws(Diagnostic) -> Bool { try send(SIGUSR1) }

    /// Ends it on the spot. What it left open is looked up in the cloud by the next command.
    package func kill() throws(Diagnostic) -> Bool { try send(SIGKILL) }

    private func send(_ signal: Int32) throws(Diagnostic) -> Bool {
        guard try isThere() else { return false }
        return Glibc.kill(holder.pid, signal) == 0
    }

    private func isThere() throws(Diagnostic) -> Bool {
        guard let inode = try LockFile(burst, in: folder).inode else { return false }
        return Self.holds(holder.pid, inode: inode, in: Self.locks())
    }

    /// `locks` is `/proc/locks`: "1: FLOCK  ADVISORY  WRITE 14992 fe:00:16222364 0 EOF". What waits has an arrow.
    static func holds(_ pid: Int32, inode: UInt64, in locks: String) -> Bool {
        locks.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.count >= 6 && words[1] == "FLOCK" && words[4] == String(pid)
                && words[5].split(separator: ":").last.flatMap { UInt64($0) } == inode
        }
    }

    private static func locks() -> String {
        let file = open("/proc/locks", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        return (try? Directory.readAll(file, path: "/proc/locks")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
