import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct SSHRobustnessTests {
    @Test func `stdout and stderr come in the order of their packets, though all come at once`() async throws {
        let connector = SSHConnector()
        let key = connector.makeKey(comment: "test")
        try await withSSHD(authorizedKeys: [key.publicKey.line]) { server in
            let proxy = try LoopbackProxy(to: server.port)
            defer { proxy.end() }
            var place = target(server, key)
            place.port = proxy.port
            let session = try await connector.connect(to: place, timeout: .seconds(20))
            let gate = server.folder.appending(path: "gate").path
            let wait = "while [ ! -e \(gate)$i ]; do sleep 0.005; done"
            let script =
                "i=0; while [ $i -lt 12 ]; do \(wait); if [ $((i % 2)) = 0 ]; then echo o; else echo e >&2; fi; "
                + "i=$((i+1)); done"
            let pieces = Locked<[String]>([])
            async let exit = session.run("echo begin; \(script)", input: nil) { piece in
                pieces.withLock {
                    $0 += String(decoding: piece.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
                }
            }
            while pieces.value.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            proxy.hold()
            for step in 0..<12 {
                let before = proxy.heldBytes
                _ = FileManager.default.createFile(atPath: "\(gate)\(step)", contents: nil)
                while proxy.heldBytes == before { try await Task.sleep(for: .milliseconds(1)) }
            }
            proxy.release()
            #expect(try await exit.succeeded)
            #expect(pieces.value == ["begin"] + (0..<6).flatMap { _ in ["o", "e"] })
            await session.close()
        }
    }

    @Test func `output is there before the command ends`() async throws {
        try await withSession { session, server in
            let gate = server.folder.appending(path: "gate").path
            let exit = try await session.run("echo ready; while [ ! -e \(gate) ]; do sleep 0.01; done", input: nil) {
                _ in
                // Without this the command would never end.
                _ = FileManager.default.createFile(atPath: gate, contents: nil)
            }
            #expect(exit.succeeded)
        }
    }

    @Test func `eight commands share a session`() async throws {
        try await withSession { session, _ in
            let sizes = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 1...8 {
                    group.addTask {
                        let count = Locked(0)
                        let exit = try await session.run("head -c \(index)000000 /dev/zero; exit \(index)", input: nil)
                        {
                            piece in count.withLock { $0 += piece.bytes.count }
                        }
                        return exit.status == Int32(index) ? count.value : -1
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(sizes == Set((1...8).map { $0 * 1_000_000 }))
        }
    }

    @Test func `a command can be ended through the session that follows it`() async throws {
        try await withSession { session, server in
            let pidFile = server.folder.appending(path: "pid").path
            async let followed = session.run("echo $$ >\(pidFile); exec sleep 60", input: nil) { _ in }
            let stopped = try await session.run(
                "while [ ! -s \(pidFile) ]; do sleep 0.01; done; kill -TERM $(cat \(pidFile))", input: nil
            ) { _ in }
            #expect(stopped.succeeded)
            #expect(try await followed.signal == "TERM")
        }
    }

    @Test func `the exit status counts although the output ended long before`() async throws {
        try await withSession { session, _ in
            let exit = try await session.run("exec >&- 2>&-; sleep 0.2; exit 3", input: nil) { _ in }
            #expect(exit == RemoteExit(status: 3))
        }
    }

    @Test func `a command that does not read its input ends all the same`() async throws {
        try await withSession { session, _ in
            let exit = try await session.run("exit 4", input: [UInt8](repeating: 1, count: 20_000_000)) { _ in }
            #expect(exit.status == 4)
        }
    }

    @Test func `cancelling the task ends the command's channel and leaves the session of use`() async throws {
        try await withSession { session, _ in
            let started = Locked(false)
            let task = Task { () async throws in
                _ = try await session.run("echo x; sleep 60", input: nil) { _ in started.withLock { $0 = true } }
            }
            while !started.value { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            let failure = try await remoteFailure { try await task.value }
            #expect(failure?.kind == .cancelled)
            #expect(try await session.run("exit 2", input: nil) { _ in }.status == 2)
        }
    }

    @Test func `closing the session ends what is under way, and more than once is fine`() async throws {
        try await withSession { session, _ in
            let started = Locked(false)
            let task = Task { () async throws in
                _ = try await session.run("echo x; sleep 60", input: nil) { _ in started.withLock { $0 = true } }
            }
            while !started.value { try await Task.sleep(for: .milliseconds(5)) }
            await session.close()
            await session.close()
            #expect(try await remoteFailure { try await task.value }?.kind == .cancelled)
            let after = try await remoteFailure { _ = try await session.run("true", input: nil) { _ in } }
            #expect(after?.kind == .cancelled)
        }
    }

    @Test func `a connection that is cut is reported, now and for later commands`() async throws {
        try await withSession { session, server in
            let failure = try await remoteFailure {
                _ = try await session.run("echo x; sleep 60", input: nil) { _ in server.signalSessions(SIGKILL) }
            }
            #expect(failure?.kind == .cutOff)
            let after = try await remoteFailure { _ = try await session.run("true", input: nil) { _ in } }
            #expect(after?.kind == .cutOff)
        }
    }

    @Test func `a host that freezes is noticed by its silence`() async throws {
        try await withSession(timing: .init(keepalive: .milliseconds(300))) { session, server in
            let failure = try await remoteFailure {
                _ = try await session.run("echo x; sleep 60", input: nil) { _ in server.signalSessions(SIGSTOP) }
            }
            #expect(failure?.kind == .cutOff)
            #expect(failure?.detail.contains("no sign of life") == true)
        }
    }

    @Test func `a host that answers keepalives is kept, command or not`() async throws {
        let settings = ["ClientAliveInterval 1", "ClientAliveCountMax 2"]
        try await withSession(settings: settings, timing: .init(keepalive: .milliseconds(300))) { session, _ in
            try await Task.sleep(for: .seconds(5))
            #expect(try await session.run("sleep 2; exit 6", input: nil) { _ in }.status == 6)
        }
    }

    @Test func `a host that renegotiates its keys in between loses nothing`() async throws {
        try await withSession(settings: ["RekeyLimit 1M"]) { session, _ in
            let count = Locked(0)
            let exit = try await session.run("head -c 20000000 /dev/zero", input: nil) { piece in
                count.withLock { $0 += piece.bytes.count }
            }
            #expect(exit.succeeded)
            #expect(count.value == 20_000_000)
            let output = Locked<[RemoteOutput]>([])
            _ = try await session.run("wc -c", input: [UInt8](repeating: 1, count: 20_000_000)) { piece in
                output.withLock { $0.append(piece) }
            }
            #expect(text(output.value, .stdout) == "20000000\n")
        }
    }

    @Test func `a host that allows no further command says so, and the one that runs goes on`() async throws {
        try await withSession(settings: ["MaxSessions 1"]) { session, server in
            let gate = server.folder.appending(path: "gate").path
            let started = Locked(false)
            let first = Task { () async throws in
                try await session.run("echo x; while [ ! -e \(gate) ]; do sleep 0.01; done; exit 5", input: nil) { _ in
                    started.withLock { $0 = true }
                }
            }
            while !started.value { try await Task.sleep(for: .milliseconds(5)) }
            let failure = try await remoteFailure { _ = try await session.run("true", input: nil) { _ in } }
            #expect(failure?.kind == .remoteIO)
            #expect(failure?.detail.contains("no further channel") == true)
            _ = FileManager.default.createFile(atPath: gate, contents: nil)
            #expect(try await first.value.status == 5)
        }
    }

    @Test func `a slow reader holds the far side back instead of filling memory`() async throws {
        try await withSession { session, server in
            let mark = server.folder.appending(path: "mark").path
            let isFirst = Locked(true)
            let exit = try await session.run("head -c 60000000 /dev/zero; touch \(mark)", input: nil) { _ in
                let first = isFirst.withLock { first in
                    defer { first = false }
                    return first
                }
                guard first else { return }
                Thread.sleep(forTimeInterval: 0.5)
                #expect(!FileManager.default.fileExists(atPath: mark))
            }
            #expect(exit.succeeded)
        }
    }
}
