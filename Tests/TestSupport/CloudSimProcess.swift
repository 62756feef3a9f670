package import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A running `cloudsim serve`, built with the tests, reached as its first line says.
///
/// It ends with `terminate()`, and by itself when the process that started it goes, whatever happens to that one.
package final class CloudSimProcess: @unchecked Sendable {
    /// What `cloudsim` prints first.
    private struct Announcement: Decodable {
        struct Scaleway: Decodable {
            var api_url: String
            var secret_key: String
            var access_key: String
            var project_id: String
        }
        var scaleway: Scaleway
        var ec2: EC2
        var ssh_port: Int
        var pid: Int32
        var address_url: String
    }

    /// How to reach its EC2, STS and SSM.
    package struct EC2: Codable, Sendable {
        package var endpoint_url: String
        package var access_key_id: String
        package var secret_access_key: String
        package var region: String
        package var zones: [String]
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let apiURL: String
    package let secretKey: String
    package let accessKey: String
    package let projectID: String
    package let ec2: EC2
    package let sshPort: Int
    package let addressURL: String
    package let pid: Int32
    /// Everything written to standard error, to be read once it has ended.
    package let standardErrorFile: URL

    // SAFETY: set once in `init`, and `Process` is only asked for its end afterwards, by `exits` below.
    private let process: Process
    /// Its standard input, which keeps it alive, output and errors: closed with it, for `Process` keeps them open for good.
    private let streams: [FileHandle]
    private let exits: AsyncStream<Int32>

    package static var executable: URL { get throws { try BuiltBinary.find("cloudsim") } }

    private init(
        process: Process, streams: [FileHandle], exits: AsyncStream<Int32>, first line: Data, errors: URL
    ) throws {
        let said = try JSONDecoder().decode(Announcement.self, from: line)
        (apiURL, secretKey) = (said.scaleway.api_url, said.scaleway.secret_key)
        (accessKey, projectID, ec2) = (said.scaleway.access_key, said.scaleway.project_id, said.ec2)
        (sshPort, pid, addressURL) = (said.ssh_port, said.pid, said.address_url)
        (self.process, self.streams, self.exits, standardErrorFile) = (process, streams, exits, errors)
    }

    /// Starts `cloudsim serve` with these further arguments and waits for its first line.
    package static func start(_ arguments: [String] = []) async throws -> CloudSimProcess {
        let process = Process()
        process.executableURL = try executable
        process.arguments = ["serve", "--exit-with-input"] + arguments
        let (input, output) = (Pipe(), Pipe())
        let errors = FileManager.default.temporaryDirectory.appending(path: "cloudsim-errors-\(UUID().uuidString)")
        try Data().write(to: errors)
        process.standardInput = input
        process.standardOutput = output
        let errorStream = try FileHandle(forWritingTo: errors)
        process.standardError = errorStream
        let (exits, exit) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = {
            exit.yield($0.terminationStatus)
            exit.finish()
        }
        try process.run()
        let line = await firstLine(of: output.fileHandleForReading)
        guard !line.isEmpty else {
            process.terminate()
            let text = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            throw Failure(description: "cloudsim ended before its first line: \(text)")
        }
        return try CloudSimProcess(
            process: process, streams: [input.fileHandleForWriting, output.fileHandleForReading, errorStream],
            exits: exits, first: line, errors: errors)
    }

    private static func firstLine(of file: FileHandle) async -> Data {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                var line = Data()
                while let byte = try? file.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8) { line += byte }
                continuation.resume(returning: line)
            }
            thread.start()
        }
    }

    /// Ends the cloud and all its machines, and returns its exit code once it is gone.
    @discardableResult
    package func terminate(signal: Int32 = SIGTERM) async -> Int32 {
        kill(pid, signal)
        return await exitCode()
    }

    /// Waits until the cloud has ended by itself.
    package func exitCode() async -> Int32 {
        for await code in exits {
            for stream in streams { try? stream.close() }
            try? FileManager.default.removeItem(at: standardErrorFile)
            return code
        }
        return -1
    }
}

/// Runs `body` with a simulated cloud of its own and ends it afterwards, also when `body` throws.
package func withCloudSim<Result>(
    _ arguments: [String] = [], _ body: (CloudSimProcess) async throws -> Result
) async throws -> Result {
    let cloud = try await CloudSimProcess.start(arguments)
    do {
        let result = try await body(cloud)
        await cloud.terminate()
        return result
    } catch {
        await cloud.terminate()
        throw error
    }
}
