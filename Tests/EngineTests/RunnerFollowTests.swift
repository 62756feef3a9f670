import Foundation
import SpillwayCore
import SpillwayEngine
import SpillwayTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct RunnerFollowTests {
    @Test func `a job goes on and its log stays exact while its connections are killed`() async throws {
        try await withRunnerRemote { remote in
            try await remote.start(
                remote.spec("for i in $(seq 1 400); do echo out $i; echo err $i >&2; sleep 0.005; done; exit 5"))
            let killer = Task {
                var random = SeededRandom(seed: 7)
                for _ in 0..<12 {
                    try await Task.sleep(for: .milliseconds(Int(random.next() % 220)))
                    remote.server.signalSessions(SIGKILL)
                }
            }
            let log = CapturedLog()
            let status = try await remote.follower.follow(from: LogOffsets()) { log.take($0) }
            killer.cancel()
            #expect(status.exit == RemoteExit(status: 5))
            #expect(String(decoding: log.out, as: UTF8.self) == (1...400).map { "out \($0)\n" }.joined())
            #expect(String(decoding: log.err, as: UTF8.self) == (1...400).map { "err \($0)\n" }.joined())
            #expect(log.breaks > 0)
        }
    }

    @Test func `a hundred megabytes come through cut connections without a byte lost or doubled`() async throws {
        try await withRunnerRemote { remote in
            try await remote.start(remote.spec("seq 1 13000000 | tee \"$HOME/copy\" | head -c 100000000; sleep 0.1"))
            let tally = CapturedLog()
            let killer = Task {
                for at in [5_000_000, 20_000_000, 60_000_000] {
                    try await untilTrue { tally.count >= at }
                    remote.server.signalSessions(SIGKILL)
                }
            }
            let status = try await remote.follower.follow(from: LogOffsets()) { tally.take($0) }
            killer.cancel()
            #expect(status.ending == .exited)
            #expect(tally.count == 100_000_000)
            let host = try await remote.connect()
            let sum = try await host.text("head -c 100000000 \(remote.home)/copy | sha256sum | cut -c1-64")
            await host.close()
            #expect(LibCrypto.sha256(tally.out).hex + "\n" == sum)
        }
    }

    @Test func `following goes on at the byte that is asked for`() async throws {
        try await withRunnerSandbox { box in
            let spec = box.spec("printf 0123456789; printf abcdef >&2")
            let whole = try await box.run(spec)
            #expect(whole.text == "0123456789")
            let log = CapturedLog()
            let follower = JobFollower(runID: box.runID, name: "again", connect: { box.host })
            _ = try await follower.follow(from: LogOffsets(out: 7, err: 6)) { log.take($0) }
            #expect(log.out == Array("789".utf8))
            #expect(log.err.isEmpty)
        }
    }

    @Test func `a connection cut after every few bytes still makes progress to the end`() async throws {
        try await withRunnerSandbox { box in
            let spec = box.spec("seq 1 200; seq 1 100 >&2")
            _ = try await box.job.prepare(spec)
            _ = try await box.job.start(spec)
            let brittle = LocalHost(home: box.home, breaksAfter: 40)
            let whole = box.host
            let log = CapturedLog()
            let follower = JobFollower(
                runID: box.runID, name: "brittle",
                connect: { log.count < 900 ? brittle : whole },
                sleep: { _ in })
            let status = try await follower.follow(from: LogOffsets()) { log.take($0) }
            #expect(status.exit == RemoteExit(status: 0))
            #expect(String(decoding: log.out, as: UTF8.self) == (1...200).map { "\($0)\n" }.joined())
            #expect(String(decoding: log.err, as: UTF8.self) == (1...100).map { "\($0)\n" }.joined())
            #expect(log.breaks > 10)
        }
    }

    @Test func `a wrong host key ends the following at once`() async throws {
        let follower = JobFollower(
            runID: "x", name: "x", connect: { throw RemoteFailure(.hostKeyMismatch, "not the pinned one") },
            sleep: { _ in Issue.record("tried again") })
        await #expect(throws: RemoteFailure(.hostKeyMismatch, "not the pinned one")) {
            _ = try await follower.follow(from: LogOffsets()) { _ in }
        }
    }

    @Test func `a login shell that prints at its start adds nothing to the log`() async throws {
        try await withRunnerSandbox { box in
            let host = LocalHost(home: box.home, greeting: "echo welcome; echo warning: locale >&2")
            let job = RemoteJob(runID: box.runID, host: host)
            let spec = box.spec("echo one; echo two >&2")
            _ = try await job.prepare(spec)
            _ = try await job.start(spec)
            let log = CapturedLog()
            let follower = JobFollower(runID: box.runID, name: "noisy", connect: { host })
            _ = try await follower.follow(from: LogOffsets()) { log.take($0) }
            #expect(log.out == Array("one\n".utf8))
            #expect(log.err == Array("two\n".utf8))
        }
    }
}

/// SplitMix64: the same numbers on every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
