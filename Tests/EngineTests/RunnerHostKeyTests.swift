import Foundation
import SpillwayCore
import SpillwayEngine
import SpillwayTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct RunnerHostKeyTests {
    private func exchange(_ remote: RunnerRemote) -> HostKeyExchange {
        HostKeyExchange(
            connector: remote.connector, sleep: { try await Task.sleep(for: $0) },
            keyFile: "\(remote.server.folder.path)/host_key")
    }

    @Test func `the first session replaces the key, and the old one is refused from then on`() async throws {
        try await withRunnerRemote { remote in
            let first = remote.target.hostKeys[0]
            let pins = CapturedPins()
            let host = try await remote.connect()
            let outcome = try await exchange(remote).replace(first, over: host, to: remote.target) { pins.add($0) }
            #expect(outcome.replaced)
            #expect(outcome.note == nil)
            #expect(outcome.key != first)
            #expect(pins.all == [outcome.key])
            #expect(try await outcome.host.text("echo here") == "here\n")
            await outcome.host.close()
            await #expect { try await remote.connect() } throws: {
                ($0 as? RemoteFailure)?.kind == .hostKeyMismatch
            }
            var target = remote.target
            target.hostKeys = [outcome.key]
            let again = try await remote.connector.connect(to: target, timeout: .seconds(10))
            let left = try await again.text("ls \(remote.server.folder.path) | grep host_key")
            #expect(left == "host_key\nhost_key.pub\n")
            await again.close()
        }
    }

    @Test func `a job that runs is not disturbed`() async throws {
        try await withRunnerRemote { remote in
            try await remote.start(remote.spec("echo begun; sleep 1.5; echo done"))
            let host = try await remote.connect()
            let outcome = try await exchange(remote).replace(
                remote.target.hostKeys[0], over: host, to: remote.target
            ) { _ in }
            var target = remote.target
            target.hostKeys = [outcome.key]
            let log = CapturedLog()
            let (connector, reached) = (remote.connector, target)
            let follower = JobFollower(
                runID: remote.runID, name: "t", base: remote.base,
                connect: { try await connector.connect(to: reached, timeout: .seconds(10)) })
            _ = try await follower.follow(from: LogOffsets()) { log.take($0) }
            #expect(log.out == Array("begun\ndone\n".utf8))
            await outcome.host.close()
        }
    }

    @Test func `a session that shows the new key already only confirms it`() async throws {
        try await withRunnerRemote { remote in
            let first = remote.target.hostKeys[0]
            let host = try await remote.connect()
            let new = try await exchange(remote).replace(first, over: host, to: remote.target) { _ in }
            let outcome = try await exchange(remote).replace(first, over: new.host, to: remote.target) { _ in
                Issue.record("pinned again")
            }
            #expect(outcome.replaced)
            #expect(outcome.key == new.key)
            await new.host.close()
        }
    }

    @Test func `an instance that cannot make a key keeps its first one, with a note`() async throws {
        try await withRunnerRemote { remote in
            let host = try await remote.connect()
            let exchange = HostKeyExchange(
                connector: remote.connector, sleep: { _ in }, keyFile: "\(remote.server.folder.path)/missing/key")
            let outcome = try await exchange.replace(remote.target.hostKeys[0], over: host, to: remote.target) { _ in
                Issue.record("pinned a key that is not in use")
            }
            #expect(!outcome.replaced)
            #expect(outcome.key == remote.target.hostKeys[0])
            #expect(outcome.note?.hasPrefix("The first host key stays pinned: ") == true)
            await host.close()
        }
    }
}
