package import SpillwayCore
internal import Synchronization

/// The job of one run on one instance, reached over a session that may be a new one each time.
///
/// Every call is idempotent and may be repeated after a lost connection.
package struct RemoteJob: Sendable {
    package let runID: String
    package let host: any RemoteHost
    /// The run's folder there, absolute or below the login user's home.
    let folder: String

    /// `base` is where the folders of all runs lie.
    package init(runID: String, host: any RemoteHost, base: String = ".spillway") {
        self.runID = runID
        self.host = host
        folder = "\(base)/\(runID)"
    }

    /// Sends supervisor and spec and makes the job's account ready; says where shipped files and outputs live.
    /// Throws ``RemoteFailure``, or a ``Diagnostic`` when the instance cannot give the job an account.
    package func prepare(_ spec: JobSpec) async throws -> JobHome {
        _ = try await host.upload(spec.files, to: folder, progress: { _ in })
        return try await home()
    }

    /// Where the job lives, on an instance that is prepared already.
    package func home() async throws -> JobHome {
        let answer = try await ask(["prepare"])
        var values: [Substring: String] = [:]
        for line in answer.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[line[..<equals]] = String(line[line.index(after: equals)...])
        }
        guard let home = values["home"], home.hasPrefix("/"), let user = values["user"] else {
            throw unusable(answer)
        }
        return JobHome(path: home, user: user)
    }

    /// Starts the job, or joins the one started before: there is never a second. `prepare` and shipping came first.
    package func start(_ spec: JobSpec) async throws -> JobStatus {
        try await status(answering: ["start"], input: spec.secretsFile)
    }

    package func status() async throws -> JobStatus {
        try await status(answering: ["status"])
    }

    /// Has the job end, whoever else follows it, and returns when it has: after twice the spec's grace at the most. A job
    /// that is not begun never will be. It goes on ending when the connection is lost meanwhile.
    package func cancel() async throws -> JobStatus {
        try await status(answering: ["cancel"])
    }

    /// Streams both logs from `offsets`. Returns when the job is over or the stream ended; see ``JobFollower`` for the
    /// loop that misses nothing. `name` tells this follower from others: a later one of the same name replaces it.
    package func follow(
        from offsets: LogOffsets, name: String, onOutput: @escaping @Sendable (RemoteOutput) -> Void
    ) async throws {
        let gate = Mutex(LogGate())
        let exit = try await host.run(
            supervisor(["follow", String(offsets.out), String(offsets.err), name]), input: nil
        ) { output in
            gate.withLock { gate in
                if let passed = gate.pass(output) { onOutput(passed) }
            }
        }
        let opened = gate.withLock { $0.isOpen }
        guard exit.succeeded, opened else {
            throw RemoteFailure(.cutOff, "following the job's log ended early (\(Self.describe(exit)))")
        }
    }

    private func status(answering words: [String], input: [UInt8]? = nil) async throws -> JobStatus {
        let answer = try await ask(words, input: input)
        guard let status = JobStatus(lines: answer) else { throw unusable(answer) }
        return status
    }

    private func ask(_ words: [String], input: [UInt8]? = nil) async throws -> String {
        let (exit, out, err) = try await host.capture(supervisor(words), input: input)
        guard exit.succeeded else { throw unusable(err.isEmpty ? Self.describe(exit) : err) }
        return out
    }

    private func supervisor(_ words: [String]) -> String {
        ShellQuoting.command(["sh", "\(folder)/supervisor"] + words)
    }

    private func unusable(_ detail: String) -> Diagnostic {
        Diagnostic(
            "job.supervisor-failed", "The instance cannot run the job's supervisor.",
            detail: "\(folder)/supervisor said: \(detail.prefix(2000))",
            remedy: "Use one of the official Debian or Ubuntu images, or look at the instance.", command: "spillway ssh"
        )
    }

    private static func describe(_ exit: RemoteExit) -> String {
        exit.signal.map { "killed by SIG\($0)" } ?? "exit status \(exit.status)"
    }
}

/// Where a job lives on its instance.
package struct JobHome: Sendable, Hashable {
    /// The account's home; `files` and `outputs` of a spec are below it.
    package var path: String
    package var user: String

    package init(path: String, user: String) {
        self.path = path
        self.user = user
    }

    /// `path` of a spec as an absolute path there.
    package func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(self.path)/\(path)"
    }
}
