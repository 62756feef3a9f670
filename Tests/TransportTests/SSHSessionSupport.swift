import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport

/// A session with a server of its own.
func withSession<Value>(
    settings: [String] = [], environment: [String: String] = [:], timing: SSHConnector.Timing = .init(),
    _ body: (any RemoteHost, SSHDProcess) async throws -> Value
) async throws -> Value {
    let connector = SSHConnector(timing: timing)
    let key = connector.makeKey(comment: "test")
    return try await withSSHD(authorizedKeys: [key.publicKey.line], settings: settings, environment: environment) {
        server in
        let session = try await connector.connect(to: target(server, key), timeout: .seconds(20))
        do {
            let value = try await body(session, server)
            await session.close()
            return value
        } catch {
            await session.close()
            throw error
        }
    }
}

func target(_ server: SSHDProcess, _ key: KeyPair, hostKey: HostKey? = nil, grace: Duration = .zero) -> RemoteTarget {
    RemoteTarget(
        address: "127.0.0.1", port: server.port, user: server.user,
        hostKeys: [hostKey ?? HostKey(line: server.hostKeyLine)].compactMap { $0 }, clientKey: key,
        authenticationGrace: grace)
}

enum OutputStream { case stdout, stderr }

func text(_ output: [RemoteOutput], _ stream: OutputStream) -> String {
    let bytes = output.flatMap { piece -> [UInt8] in
        switch (piece, stream) {
        case (.stdout(let bytes), .stdout), (.stderr(let bytes), .stderr): bytes
        default: []
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// The failure of `body`, or nil when it succeeds.
func remoteFailure(_ body: () async throws -> Void) async throws -> RemoteFailure? {
    do {
        try await body()
        return nil
    } catch let failure as RemoteFailure {
        return failure
    }
}

/// Files of many shapes: empty, odd sizes, larger than a piece, long and non-ASCII names, an executable.
struct SampleTree {
    let files: [String: [UInt8]]
    let shipped: [ShippedFile]

    var bytes: Int64 { files.values.reduce(0) { $0 + Int64($1.count) } }

    init(below folder: URL) throws {
        let root = folder.appending(path: "source-\(UUID().uuidString)")
        let long = String(repeating: "long-", count: 30) + "name"
        files = [
            "empty": [], "one": [1], "block": [UInt8](repeating: 7, count: 512),
            "deep/er/odd.bin": (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 31) },
            "big": (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) },
            "naïve/fïle ☃.txt": Array("snow\n".utf8),
            "deep/\(long)/\(long)": [9, 9],
            "run.sh": Array("#!/bin/sh\n".utf8),
        ]
        var shipped: [ShippedFile] = []
        for (path, content) in files {
            let place = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content).write(to: place)
            shipped.append(
                ShippedFile(
                    localPath: place.path, remotePath: path,
                    kind: .file(size: Int64(content.count), executable: path.hasSuffix(".sh"))))
        }
        self.shipped = shipped
    }
}

struct ToolFailure: Error {
    let tool: String
    let text: String
}

/// Runs a program to its end and gives what it printed; throws when it fails.
@discardableResult
func run(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus == 0 else { throw ToolFailure(tool: path, text: text) }
    return text
}
