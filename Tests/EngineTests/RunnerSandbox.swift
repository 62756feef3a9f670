import Foundation
import SpillwayCore
import SpillwayEngine
import Synchronization

/// A home of its own for the job of one test. Jobs run as the caller, whoever that is: no account is ever made here.
struct RunnerSandbox {
    let home: String
    let runID: String
    let host: LocalHost

    var job: RemoteJob { RemoteJob(runID: runID, host: host) }
    var folder: String { "\(home)/.spillway/\(runID)" }

    func spec(
        _ command: String, setup: String? = nil, env: [JobSpec.Variable] = [], secrets: [JobSpec.Variable] = [],
        timeout: Int64? = nil, remaining: Int64? = 120, grace: Int64 = 1,
        notice: String? = nil
    ) -> JobSpec {
        JobSpec(
            runID: runID, workdir: "work", setup: setup, command: command, asRoot: true, env: env, secrets: secrets,
            timeout: timeout.map { Seconds($0) }, remaining: remaining.map { Seconds($0) }, grace: Seconds(grace),
            notice: notice, account: JobSpec.Account(home: home))
    }

    /// Prepares, starts and follows a job to its end.
    func run(_ spec: JobSpec) async throws -> Ran {
        _ = try await job.prepare(spec)
        _ = try await job.start(spec)
        return try await follow()
    }

    func follow() async throws -> Ran {
        let log = CapturedLog()
        let follower = JobFollower(runID: runID, name: "test", connect: { host })
        let status = try await follower.follow(from: LogOffsets()) { log.take($0) }
        return Ran(status: status, out: log.out, err: log.err)
    }

    struct Ran {
        var status: JobStatus
        var out: [UInt8]
        var err: [UInt8]

        var text: String { String(decoding: out, as: UTF8.self) }
        var errorText: String { String(decoding: err, as: UTF8.self) }
    }
}

/// What a follower handed out, both streams apart.
final class CapturedLog: Sendable {
    private let kept = Mutex((out: [UInt8](), err: [UInt8](), breaks: 0))

    var out: [UInt8] { kept.withLock { $0.out } }
    var err: [UInt8] { kept.withLock { $0.err } }
    var count: Int { kept.withLock { $0.out.count + $0.err.count } }
    var breaks: Int { kept.withLock { $0.breaks } }

    func take(_ event: JobFollower.Event) {
        kept.withLock { kept in
            switch event {
            case .output(.stdout(let bytes)): kept.out += bytes
            case .output(.stderr(let bytes)): kept.err += bytes
            case .disconnected: kept.breaks += 1
            case .connected: break
            }
        }
    }
}

/// Gives `body` a sandbox and ends every process of its job afterwards, whatever happens.
func withRunnerSandbox(_ body: (RunnerSandbox) async throws -> Void) async throws {
    let id = UUID().uuidString.lowercased()
    let home = FileManager.default.temporaryDirectory.appending(path: "spillway-runner-\(id)").path
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    let sandbox = RunnerSandbox(home: home, runID: "t-\(id)", host: LocalHost(home: home))
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(sandbox))
    } catch {
        result = .failure(error)
    }
    _ = try? await sandbox.job.cancel()
    while let status = try? await sandbox.job.status(), status.phase == .setup || status.phase == .running {
        try await Task.sleep(for: .milliseconds(20))
    }
    try? FileManager.default.removeItem(atPath: home)
    try result.get()
}

/// Polls until `condition` holds; a test that never gets there is ended by its own time limit.
func untilTrue(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
}

/// The keys that an exchange pinned, in order.
final class CapturedPins: Sendable {
    private let kept = Mutex<[HostKey]>([])

    var all: [HostKey] { kept.withLock { $0 } }

    func add(_ key: HostKey) { kept.withLock { $0.append(key) } }
}
