import Foundation
import Glibc
import SpillwayCore
import Testing

@testable import SpillwayEngine

/// Nobody but the holder of a lock is ever told to stop.
@Suite struct LockOwnerTests {
    let scratch: ScratchFolder
    let folder: StateFolder

    init() throws {
        scratch = try ScratchFolder()
        folder = try scratch.open()
    }

    /// The lock of `render` as `pid` of `boot` would have written it.
    private func write(pid: Int32, boot: String, isByHand: Bool? = nil) throws {
        let holder = LockHolder(
            id: "a1", operation: "run", pid: pid, bootID: boot, host: HostIdentity.current().host,
            since: Sample.time(0), isByHand: isByHand)
        try scratch.write("state/render.lock", try StateJSON.line(holder))
    }

    private func owner() throws -> LockOwner? { try LockOwner.of("render", in: folder, identity: .current()) }

    /// Holds the flock of the file it is given until its input ends; a SIGUSR1 it confirms, and ends, unless it is deaf.
    private static let script = """
        import fcntl, os, signal, sys
        signal.signal(signal.SIGUSR1, lambda *_: (os.write(1, b"told\\n"), os._exit(0)))
        if sys.argv[2] == "deaf": signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
        lock = open(sys.argv[1], "r+")
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.write(1, b"lock\\n")
        sys.stdin.read()
        """

    /// Runs `body` with a process that holds the flock, and with what reads its next line.
    private func withHolder(
        deaf: Bool = false, _ body: (_ pid: Int32, _ says: () -> String) async throws -> Void
    ) async throws {
        try scratch.write("state/render.lock", [])
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script, scratch.path("state/render.lock"), deaf ? "deaf" : ""]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        func says() -> String {
            String(decoding: output.fileHandleForReading.readData(ofLength: 5), as: UTF8.self)
        }
        defer {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
        #expect(says() == "lock\n")
        try await body(process.processIdentifier, says)
    }

    @Test func `the process that holds the flock and stands in the file is found, and told`() async throws {
        try await withHolder { pid, says in
            try write(pid: pid, boot: HostIdentity.current().bootID)
            let owner = try #require(try owner())
            #expect(try owner.askToHandOver())
            #expect(says() == "told\n")
            #expect(says() == "", "it has ended")
            #expect(try self.owner() == nil)
            #expect(try !owner.askToHandOver() && !owner.kill(), "whoever gets its number next is left alone")
        }
    }

    @Test func `a process that only has the number of the holder is not the holder`() async throws {
        try await withHolder { pid, _ in
            let boot = HostIdentity.current().bootID
            // Our parent lives, and holds no such lock.
            try write(pid: getppid(), boot: boot)
            #expect(try owner() == nil)
            try write(pid: pid, boot: "another boot")
            #expect(try owner() == nil)
            try write(pid: pid, boot: boot, isByHand: true)
            #expect(try owner() == nil)
        }
    }

    @Test func `who does not let go is named, with what ends it; or is ended`() async throws {
        try await withHolder(deaf: true) { pid, says in
            try write(pid: pid, boot: HostIdentity.current().bootID)
            let ambient = Ambient(
                now: { Sample.time(0) }, sleep: { _ in try await Task.sleep(for: .milliseconds(1)) },
                random: ScratchFolder.random)
            func handOver(kills: Bool) -> HandOver {
                HandOver(ambient: ambient, patience: Seconds(0), kills: kills, emit: { _ in })
            }
            let answer = try await handOver(kills: false).request(in: folder)
            #expect(answer.wasAnybody && answer.remaining.map(\.command) == ["kill \(pid)"])
            #expect(answer.remaining.first?.exists?.contains("not known") == true)
            _ = try await handOver(kills: true).request(in: folder)
            #expect(says() == "", "it has ended")
            #expect(try await !handOver(kills: false).request(in: folder).wasAnybody)
        }
    }

    @Test func `a free lock, one of our own and a missing one have nobody to tell`() throws {
        #expect(try owner() == nil)
        try write(pid: getppid(), boot: HostIdentity.current().bootID)
        #expect(try owner() == nil)
        try scratch.write("state/render.lock", [])
        let lock = try BurstLock.acquire(
            "render", in: folder, operation: "run", identity: .current(), now: Sample.time(0))
        #expect(try owner() == nil)
        lock.release()
    }

    @Test func `the kernel's list is read by process and file, and who waits holds nothing`() {
        let locks = """
            1: FLOCK  ADVISORY  WRITE 14992 fe:00:16222364 0 EOF
            2: POSIX  ADVISORY  WRITE 77 fe:00:5 0 EOF
            3: FLOCK  ADVISORY  WRITE 4 fe:00:9 0 EOF
            3: -> FLOCK  ADVISORY  WRITE 5 fe:00:9 0 EOF
            """
        #expect(LockOwner.holds(14992, inode: 16_222_364, in: locks))
        #expect(!LockOwner.holds(14992, inode: 5, in: locks))
        #expect(!LockOwner.holds(77, inode: 5, in: locks), "another kind of lock")
        #expect(LockOwner.holds(4, inode: 9, in: locks) && !LockOwner.holds(5, inode: 9, in: locks))
    }
}
