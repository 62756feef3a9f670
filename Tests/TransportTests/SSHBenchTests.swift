import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

/// Throughput over loopback against OpenSSH's own tools in the same run; `SPILLWAY_BENCH_SSH=1` turns it on.
///
/// It asserts nothing about time: it prints a table. Run it in release, with
/// `SPILLWAY_BENCH_SSH=1 swift test -c release --filter SSHBenchTests`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SPILLWAY_BENCH_SSH"] != nil))
struct SSHBenchTests {
    @Test func `512 MiB and 5,000 small files, both ways`() async throws {
        let connector = SSHConnector()
        let key = connector.makeKey(comment: "bench")
        try await withSSHD(
            authorizedKeys: [key.publicKey.line], settings: ["Subsystem sftp internal-sftp"]
        ) { server in
            let folder = server.folder.path
            let ssh = try OpenSSH(server, key)
            let session = try await connector.connect(to: target(server, key), timeout: .seconds(20))
            for (name, files) in [("512 MiB", try large(folder)), ("5,000 files", try small(folder))] {
                let source = folder + "/" + name
                var best: [String: Duration] = [:]
                for round in 0..<3 {
                    let there = folder + "/there-\(name)-\(round)"
                    try await measure("\(name) up, here", &best) {
                        _ = try await session.upload(files, to: there) { _ in }
                    }
                    let back = folder + "/back-\(name)-\(round)"
                    try FileManager.default.createDirectory(atPath: back, withIntermediateDirectories: true)
                    try await measure("\(name) down, here", &best) {
                        let got = try await session.download(there, to: back, maxBytes: 1 << 40) { _ in }
                        #expect(got.files.count == files.count)
                    }
                    try await measure("\(name) up, tar | ssh", &best) {
                        try ssh.shell(
                            "tar -cf - -C '\(source)' . | $SSH 'mkdir -p \"\(there)-t\" && tar -xpf - -C \"\(there)-t\"'"
                        )
                    }
                    try await measure("\(name) down, ssh | tar", &best) {
                        try ssh.shell(
                            "mkdir '\(back)-t' && $SSH 'tar -cf - -C \"\(there)\" .' | tar -xpf - -C '\(back)-t'")
                    }
                    try await measure("\(name) up, scp -r", &best) { try ssh.scp(source, "$HOST:'\(there)-s'") }
                    try await measure("\(name) down, scp -r", &best) { try ssh.scp("$HOST:'\(there)'", "'\(back)-s'") }
                    for place in [there, there + "-t", there + "-s", back, back + "-t", back + "-s"] {
                        try FileManager.default.removeItem(atPath: place)
                    }
                }
                for (what, time) in best.sorted(by: { $0.key < $1.key }) { print("\(what): \(time) (best of 3)") }
            }
            await session.close()
        }
    }

    private func measure(_ what: String, _ best: inout [String: Duration], _ body: () async throws -> Void) async throws
    {
        let time = try await ContinuousClock().measure { try await body() }
        best[what] = min(best[what] ?? time, time)
    }

    private func large(_ folder: String) throws -> [ShippedFile] {
        try FileManager.default.createDirectory(atPath: folder + "/512 MiB", withIntermediateDirectories: true)
        let place = folder + "/512 MiB/data"
        try run("/bin/sh", ["-c", "head -c 536870912 /dev/urandom >'\(place)'"])
        return [ShippedFile(localPath: place, remotePath: "data", kind: .file(size: 536_870_912, executable: false))]
    }

    private func small(_ folder: String) throws -> [ShippedFile] {
        let root = folder + "/5,000 files"
        return try (0..<5000).map { index in
            let path = "\(index / 100)/\(index)"
            try FileManager.default.createDirectory(
                atPath: root + "/\(index / 100)", withIntermediateDirectories: true)
            try Data(repeating: UInt8(truncatingIfNeeded: index), count: 4096).write(
                to: URL(filePath: "\(root)/\(path)"))
            return ShippedFile(
                localPath: "\(root)/\(path)", remotePath: path, kind: .file(size: 4096, executable: false))
        }
    }

    /// OpenSSH's client with the same key and the same server.
    private struct OpenSSH {
        let options: String
        let host: String
        let port: Int

        init(_ server: SSHDProcess, _ key: KeyPair) throws {
            let file = server.folder.path + "/client_key"
            let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
            #expect(FileManager.default.createFile(atPath: file, contents: Data(key.privateKey.utf8), attributes: mode))
            options = "-q -i \(file) -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
            host = "\(server.user)@127.0.0.1"
            port = server.port
        }

        func shell(_ script: String) throws {
            try run("/bin/sh", ["-ec", "SSH='ssh \(options) -p \(port) \(host)'; \(script)"])
        }

        func scp(_ from: String, _ to: String) throws {
            let from = from.hasPrefix("$") ? from : "'\(from)'"
            try run("/bin/sh", ["-ec", "HOST=\(host); scp \(options) -P \(port) -r \(from) \(to)"])
        }
    }
}
