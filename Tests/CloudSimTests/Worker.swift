import Foundation
import TestSupport

@testable import CloudSim

/// A machine of the simulated cloud, powered on with a known host key, reached with the OpenSSH client.
struct Worker: Sendable {
    let api: SimulatedAPI
    let id: String
    let address: String
    let folder: URL
    var user = "root"

    struct Output: Sendable {
        var status: Int32
        var text: String
        var errors: String
    }

    /// The user data of most tests: a host key, and the client's key for root.
    static func userData(in folder: URL, more: String = "") throws -> String {
        let hostKey = try String(contentsOf: folder.appending(path: "host"), encoding: .utf8)
        let clientKey = try String(contentsOf: folder.appending(path: "client.pub"), encoding: .utf8).trimmed
        let indented = hostKey.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        return """
            #cloud-config
            hostname: worker
            ssh_deletekeys: true
            ssh_keys:
              ed25519_private: |
            \(indented)
              ed25519_public: \(try String(contentsOf: folder.appending(path: "host.pub"), encoding: .utf8).trimmed)
            ssh_authorized_keys:
              - \(clientKey)
            bootcmd:
              - [sh, -c, 'mkdir -p -m 700 /root/.ssh; echo "$0" >/root/.ssh/instance_keys', "\(clientKey)"]
            \(more)

            """
    }

    /// A folder with the keys of a client and of a host in it.
    static func keys() async throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "worker-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in ["host", "client"] {
            let path = folder.appending(path: name).path
            _ = try await run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path])
        }
        return folder
    }

    static func start(_ api: SimulatedAPI, userData more: String = "", server: JSON = [:]) async throws -> Worker {
        let folder = try await keys()
        let ip = try await api.createAddress()
        let body = server.merging(["public_ips": [.string(ip.id)]])
        let id = try await api.createServer(body)["id"]?.string ?? ""
        let worker = Worker(api: api, id: id, address: ip.address, folder: folder)
        let path = api.instance + "/servers/\(id)/user_data/cloud-init"
        _ = try await api.send("PATCH", path, text: try userData(in: folder, more: more))
        _ = try await api.act("poweron", on: id)
        return try worker.trusting()
    }

    /// Knows the host by the key of the folder.
    func trusting() throws -> Worker {
        let publicKey = try String(contentsOf: folder.appending(path: "host.pub"), encoding: .utf8)
        let key = publicKey.split(separator: " ").prefix(2).joined(separator: " ")
        try Data("[\(address)]:\(api.cloud.sshPort) \(key)\n".utf8).write(to: folder.appending(path: "known"))
        return self
    }

    /// Runs a command; the host key must be the one in the user data.
    func ssh(_ command: String, options: [String] = []) async throws -> Output {
        let file = { (name: String) in folder.appending(path: name).path }
        let settings = [
            "BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=10",
            "UserKnownHostsFile=\(file("known"))",
        ]
        return try await run(
            "/usr/bin/ssh",
            ["-F", "none", "-i", file("client"), "-p", String(api.cloud.sshPort)]
                + settings.flatMap { ["-o", $0] } + options + ["\(user)@\(address)", command])
    }

    /// Waits until SSH answers.
    func ready() async throws -> Worker {
        while try await ssh("true").status != 0 { try await Task.sleep(for: .milliseconds(20)) }
        return self
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}

/// Runs a program to its end.
func run(_ program: String, _ arguments: [String], input: Data? = nil) async throws -> Worker.Output {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    let (exits, exit) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = {
        exit.yield($0.terminationStatus)
        exit.finish()
    }
    try process.run()
    async let text = drain(output.fileHandleForReading)
    async let said = drain(errors.fileHandleForReading)
    var status: Int32 = -1
    for await code in exits { status = code }
    return await Worker.Output(status: status, text: text, errors: said)
}

private func drain(_ file: FileHandle) async -> String {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: String(decoding: file.readDataToEndOfFile(), as: UTF8.self)) }.start()
    }
}

/// Whether sandboxes can be made where the tests run; where not, the tests of guests say so and pass over.
enum Guests {
    static let verdict = Sandbox(shadows: FileManager.default.temporaryDirectory).verdict()
    static var arePossible: Bool {
        if case .refused(let why) = verdict {
            print("Tests of simulated machines are skipped: \(why)")
            return false
        }
        return true
    }
}
