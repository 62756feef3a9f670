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
package final class SpillwayProcess: @unchecked Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// No command of a test needs this long, on any machine: one that does hangs.
    private static let deadline = Duration.seconds(300)

    package let pid: Int32
    package let stdoutFile: URL
    package let stderrFile: URL
    // SAFETY: set once in `init`, and `Process` is only asked for its end afterwards, by `exits` below.
    private let process: Process
    private let exits: AsyncStream<Int32>

    /// The executable beside the running test bundle.
    package static var executable: URL {
        get throws {
            let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            let url = bundle.deletingLastPathComponent().appending(path: "spillway")
            guard FileManager.default.isExecutableFile(atPath: url.path) else {
                throw Failure(description: "\(url.path) is missing; build it: swift build --product spillway")
            }
            return url
        }
    }

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
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command.map { $0 == "spillway" ? binary : $0 }
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: stdoutFile)
        process.standardError = try FileHandle(forWritingTo: stderrFile)
        let (exits, exit) = AsyncStream<Int32>.makeStream()
        self.exits = exits
        process.terminationHandler = {
            exit.yield($0.terminationReason == .uncaughtSignal ? -$0.terminationStatus : $0.terminationStatus)
            exit.finish()
        }
        try process.run()
        pid = process.processIdentifier
    }

    /// Of its streams so far.
    package var output: String { text(stdoutFile) + text(stderrFile) }

    package var isRunning: Bool { process.isRunning }

    package func send(_ signal: Int32) { kill(pid, signal) }

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
