package import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What a `spillway` that has ended left behind.
package struct SpillwayResult: Sendable, CustomStringConvertible {
    /// Its exit code; -9 when it was killed with SIGKILL.
    package let status: Int32
    package let stdout: String
    package let stderr: String

    package var all: String { stdout + stderr }
    package var lines: [String] { stdout.split(separator: "\n").map(String.init) }
    package var description: String { "exit \(status)\n--- stdout\n\(stdout)\n--- stderr\n\(stderr)" }

    /// The last line of the result as JSON.
    package func last<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data((lines.last ?? "").utf8))
    }
}

/// A running `spillway`, built with the tests: the real binary, with its streams in files.
package final class SpillwayProcess: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// No command of a test needs this long, on any machine: one that does hangs.
    private static let deadline = Duration.seconds(300)

    package let pid: Int32
    package let stdoutFile: URL
    package let stderrFile: URL
    private let exits: AsyncStream<Int32>
    /// False once it was waited for: its id may be somebody else's from then on.
    private let running = Locked(true)

    package static var executable: URL { get throws { try BuiltBinary.find("spillway") } }

    /// `command` is what starts the binary, which stands in its place as `spillway`: `["unshare", "-n", "spillway"]`.
    init(_ command: [String], in folder: URL, environment: [String: String]) throws {
        let streams = folder.deletingLastPathComponent().appending(path: "streams")
        try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
        let name = UUID().uuidString
        stdoutFile = streams.appending(path: name + ".out")
        stderrFile = streams.appending(path: name + ".err")
        try Data().write(to: stdoutFile)
        try Data().write(to: stderrFile)
        let binary = try Self.executable.path
        let arguments = ["env", "-C", folder.path] + command.map { $0 == "spillway" ? binary : $0 }
        pid = try Self.spawn(arguments, environment, stdout: stdoutFile.path, stderr: stderrFile.path)
        let (exits, exit) = AsyncStream<Int32>.makeStream()
        self.exits = exits
        Thread { [pid, running] in
            var information = siginfo_t()
            // First without reaping, so that nobody signals an id that is free already.
            while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
            var status: Int32 = 0
            running.withLock { running in
                running = false
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            }
            exit.yield(status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f))
            exit.finish()
        }.start()
    }

    /// By hand, because `Process` lets a child have the blocked signals of whatever thread it was started on.
    private static func spawn(
        _ arguments: [String], _ environment: [String: String], stdout: String, stderr: String
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, stdout, O_WRONLY | O_APPEND, 0)
        posix_spawn_file_actions_addopen(&actions, 2, stderr, O_WRONLY | O_APPEND, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSIGDEF and POSIX_SPAWN_SETSIGMASK.
        posix_spawnattr_setflags(&attributes, 0x04 | 0x08)
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var argv = arguments.map { strdup($0) }
        argv.append(nil)
        var envp = environment.map { strdup("\($0.key)=\($0.value)") }
        envp.append(nil)
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, argv, envp)
        guard result == 0 else { throw Failure(description: "cannot start \(arguments): errno \(result)") }
        return pid
    }

    /// Of its streams so far.
    package var output: String { text(stdoutFile) + text(stderrFile) }

    package var isRunning: Bool { running.value }

    package func send(_ signal: Int32) {
        running.withLock { running in
            if running { kill(pid, signal) }
        }
    }

    /// Waits for its end; one that does not end is killed, and that is an error.
    package func result() async throws -> SpillwayResult {
        let status = await withTaskGroup(of: Int32?.self) { group in
            group.addTask { [exits] in
                for await status in exits { return status }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: Self.deadline)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let status else {
            send(SIGKILL)
            throw Failure(description: "spillway did not end:\n\(output)")
        }
        return SpillwayResult(status: status, stdout: text(stdoutFile), stderr: text(stderrFile))
    }

    private func text(_ file: URL) -> String {
        (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// Asks until `condition` holds. Throws when it never does.
package func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(240)
    while try await !condition() {
        guard ContinuousClock.now < end else {
            throw SpillwayProcess.Failure(description: "waited in vain until \(what)")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
