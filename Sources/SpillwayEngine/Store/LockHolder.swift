internal import Glibc
package import SpillwayCore

/// What a lock file says of whoever holds it. It informs; flock decides.
package struct LockHolder: Codable, Hashable, Sendable {
    /// Random: what `state unlock` is given, so that nobody breaks another lock than the one they looked at.
    package var id: String
    /// "run render", in the user's words.
    package var operation: String
    package var pid: Int32
    package var bootID: String
    package var host: String
    package var since: Timestamp
    /// Set by `state lock`: it outlives its process, and holds until it is broken by its id.
    package var isByHand: Bool?

    package init(
        id: String, operation: String, pid: Int32, bootID: String, host: String, since: Timestamp,
        isByHand: Bool? = nil
    ) {
        self.id = id
        self.operation = operation
        self.pid = pid
        self.bootID = bootID
        self.host = host
        self.since = since
        self.isByHand = isByHand
    }

    /// Who has it, where and since when: a sentence's beginning.
    package var words: String {
        isByHand == true
            ? "Locked by hand (\(operation)) on \(host) since \(since)"
            : "\"\(operation)\", process \(pid) on \(host), since \(since)"
    }
}

/// This machine and process, as a lock names them.
package struct HostIdentity: Hashable, Sendable {
    package var host: String
    package var bootID: String
    package var pid: Int32

    package init(host: String, bootID: String, pid: Int32) {
        self.host = host
        self.bootID = bootID
        self.pid = pid
    }

    package static func current() -> HostIdentity {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return HostIdentity(host: host, bootID: boot(), pid: getpid())
    }

    /// flock is one truth for all who share a kernel, as containers do, and for all boots of one machine.
    func shares(_ holder: LockHolder) -> Bool {
        host == holder.host || (!bootID.isEmpty && bootID == holder.bootID)
    }

    private static func boot() -> String {
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        guard let bytes = try? Directory.readAll(file, path: "boot_id") else { return "" }
        return String(decoding: bytes.filter { $0 > 32 }, as: UTF8.self)
    }
}
