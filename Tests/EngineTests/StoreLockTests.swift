import Foundation
import Glibc
import SpillwayCore
import Testing

@testable import SpillwayEngine

@Suite struct StoreLockTests {
    let scratch: ScratchFolder
    let folder: StateFolder
    let here = HostIdentity(host: "attic", bootID: "boot-1", pid: 4711)
    let elsewhere = HostIdentity(host: "cellar", bootID: "boot-9", pid: 815)

    init() throws {
        scratch = try ScratchFolder()
        folder = try scratch.open()
    }

    func acquire(_ identity: HostIdentity, overriding: Bool = false) throws(Diagnostic) -> BurstLock {
        try BurstLock.acquire(
            "render", in: folder, operation: "run render", identity: identity, now: Sample.time(0),
            overridingOtherHosts: overriding)
    }

    /// What a process that was killed leaves: the text without the flock.
    func leave(_ identity: HostIdentity) throws {
        let lock = try acquire(identity, overriding: true)
        let text = try scratch.bytes("state/render.lock")
        lock.release()
        try scratch.write("state/render.lock", text)
    }

    @Test func `one holds it, the next is told who, since when and what to do`() throws {
        let lock = try acquire(here)
        #expect(lock.notes.isEmpty)
        let diagnostic = #expect(throws: Diagnostic.self) { try acquire(here) }
        #expect(diagnostic?.code == "state.locked")
        #expect(diagnostic?.exit == .locked)
        #expect(
            diagnostic?.detail
                == "\"run render\" has locked render on attic (process 4711) since \(Sample.time(0)).")
        #expect(diagnostic?.command == "kill 4711")
        #expect(diagnostic?.exists == "Nothing was changed.")
        lock.release()
        lock.release()
        #expect(try scratch.bytes("state/render.lock").isEmpty)
        #expect(try acquire(here).notes.isEmpty)
    }

    @Test func `dropping the value lets go`() throws {
        do { _ = try acquire(here) }
        #expect(try acquire(here).notes.isEmpty)
    }

    @Test func `two bursts do not wait for each other`() throws {
        let one = try acquire(here)
        let two = try BurstLock.acquire(
            "other", in: folder, operation: "run other", identity: here, now: Sample.time(0))
        #expect(one.holder.id != two.holder.id)
    }

    @Test func `another process that holds it is seen`() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["flock", scratch.path("state/render.lock"), "sh", "-c", "echo locked; read line"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        #expect(String(decoding: output.fileHandleForReading.readData(ofLength: 7), as: UTF8.self) == "locked\n")
        let diagnostic = #expect(throws: Diagnostic.self) { try acquire(here) }
        #expect(diagnostic?.code == "state.locked")
        #expect(diagnostic?.detail.contains("was locked a moment ago") == true)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(try acquire(here).notes.isEmpty)
    }

    @Test func `what a dead process left on this machine is taken over with a note`() throws {
        try leave(here)
        let lock = try acquire(HostIdentity(host: "attic", bootID: "boot-1", pid: 99))
        #expect(lock.notes.map(\.severity) == [.note])
        #expect(
            lock.notes.first?.detail.contains("(process 4711) since \(Sample.time(0)); that process is gone.") == true)
        #expect(try BurstLock.holder(of: "render", in: folder)?.pid == 99)
    }

    @Test func `it is taken over after a restart of the machine too`() throws {
        try leave(here)
        let lock = try acquire(HostIdentity(host: "attic", bootID: "boot-2", pid: 4711))
        #expect(lock.notes.first?.detail.contains("the machine was restarted since") == true)
    }

    @Test func `a container that was replaced on the same machine takes over`() throws {
        try leave(HostIdentity(host: "3fc1a9", bootID: "boot-1", pid: 1))
        #expect(try acquire(here).notes.count == 1)
    }

    @Test func `another machine's lock stays until it is broken by its id`() throws {
        try leave(elsewhere)
        let holder = try #require(try BurstLock.holder(of: "render", in: folder))
        let diagnostic = #expect(throws: Diagnostic.self) { try acquire(here) }
        #expect(diagnostic?.code == "state.locked")
        #expect(diagnostic?.detail.contains("on cellar (process 815)") == true)
        #expect(diagnostic?.command == "spillway state unlock \(holder.id)")

        let wrong = #expect(throws: Diagnostic.self) {
            try BurstLock.unlock("render", id: "nope", in: folder, identity: here)
        }
        #expect(wrong?.code == "state.no-such-lock")
        #expect(try BurstLock.holder(of: "render", in: folder) == holder)
        try BurstLock.unlock("render", id: holder.id, in: folder, identity: here)
        #expect(try BurstLock.holder(of: "render", in: folder) == nil)
        #expect(try acquire(here).notes.isEmpty)
    }

    @Test func `another machine's lock can be overridden, and that is said`() throws {
        try leave(elsewhere)
        let lock = try acquire(here, overriding: true)
        #expect(lock.notes.first?.detail.contains("it was overridden although it may still be at work there") == true)
    }

    @Test func `a lock whose holder is at work here cannot be broken`() throws {
        let lock = try acquire(here)
        let diagnostic = #expect(throws: Diagnostic.self) {
            try BurstLock.unlock("render", id: lock.holder.id, in: folder, identity: here)
        }
        #expect(diagnostic?.code == "state.locked")
        #expect(try BurstLock.holder(of: "render", in: folder) == lock.holder)
    }

    @Test func `a lock file of garbage is free when nobody holds it`() throws {
        try scratch.write("state/render.lock", Array("{\"id\":\"a".utf8))
        #expect(try acquire(here).notes.isEmpty)
    }

    @Test func `looking makes no file`() throws {
        #expect(try BurstLock.holder(of: "render", in: folder) == nil)
        #expect(!(try scratch.names("state")).contains("render.lock"))
    }

    @Test func `this machine knows itself`() {
        let identity = HostIdentity.current()
        #expect(identity.pid == getpid())
        #expect(!identity.host.isEmpty)
        #expect(identity == HostIdentity.current())
    }
}
