import Foundation
import SpillwayCore
import SpillwayEngine
import SpillwayTransport
import TestSupport

/// A real sshd with a job's folders in its scratch folder, and sessions to it through libssh2.
struct RunnerRemote {
    let server: SSHDProcess
    let target: RemoteTarget
    let runID: String
    let connector = SSHConnector()

    var base: String { "\(server.folder.path)/.spillway" }
    var home: String { "\(server.folder.path)/home" }

    func connect() async throws -> any RemoteHost {
        try await connector.connect(to: target, timeout: .seconds(20))
    }

    func spec(_ command: String) -> JobSpec {
        JobSpec(
            runID: runID, workdir: "work", command: command, asRoot: true, remaining: Seconds(300), grace: Seconds(1),
            account: JobSpec.Account(home: home))
    }

    func start(_ spec: JobSpec) async throws {
        let host = try await connect()
        let job = RemoteJob(runID: runID, host: host, base: base)
        _ = try await job.prepare(spec)
        _ = try await job.start(spec)
        await host.close()
    }

    var follower: JobFollower {
        JobFollower(
            runID: runID, name: "test", base: base, connect: { try await connect() },
            sleep: { _ in try await Task.sleep(for: .milliseconds(20)) })
    }

    var retry: SessionRetry {
        SessionRetry(connect: { try await connect() }, sleep: { try await Task.sleep(for: $0) })
    }
}

func withRunnerRemote(_ body: (RunnerRemote) async throws -> Void) async throws {
    let key = SSHConnector().makeKey(comment: "test")
    try await withSSHD(authorizedKeys: [key.publicKey.line]) { server in
        guard let hostKey = HostKey(line: server.hostKeyLine) else { throw CocoaError(.fileReadCorruptFile) }
        let target = RemoteTarget(
            address: "127.0.0.1", port: server.port, user: server.user, hostKeys: [hostKey], clientKey: key)
        let remote = RunnerRemote(server: server, target: target, runID: "t-\(UUID().uuidString.lowercased())")
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(remote))
        } catch {
            result = .failure(error)
        }
        // The job owes nothing to its connection: it has to be ended by itself.
        if let host = try? await remote.connect() {
            let job = RemoteJob(runID: remote.runID, host: host, base: remote.base)
            _ = try? await job.cancel()
            while let status = try? await job.status(), !status.isOver, status.phase != .absent {
                try await Task.sleep(for: .milliseconds(20))
            }
            await host.close()
        }
        try result.get()
    }
}
