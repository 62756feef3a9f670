package import Foundation

/// A real OpenSSH server on 127.0.0.1, run by the current user, with its files in a folder of its own.
package final class SSHDProcess: Sendable {
    package let port: Int
    package let user: String
    /// "ssh-ed25519 AAAA…"
    package let hostKeyLine: String
    /// A scratch folder that lives as long as the server.
    package let folder: URL
    private let process: Locked<Started?>

    private struct Started {
        let shell: Process
        /// Closing it ends the server, and so does the death of this process.
        let lifeline: FileHandle
    }

    package init(
        authorizedKeys: [String], hostKeyType: String, settings: [String], environment: [String: String]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sshd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        user = NSUserName()
        port = try Self.freePort()
        process = Locked(nil)
        let hostKey = folder.appending(path: "host_key").path
        try Self.run("/usr/bin/ssh-keygen", ["-q", "-t", hostKeyType, "-N", "", "-C", "", "-f", hostKey])
        let line = try String(contentsOfFile: hostKey + ".pub", encoding: .utf8)
        hostKeyLine = line.split(separator: " ").prefix(2).joined(separator: " ").trimmingCharacters(in: .newlines)
        let keys = folder.appending(path: "authorized_keys").path
        try (authorizedKeys.joined(separator: "\n") + "\n").write(toFile: keys, atomically: true, encoding: .utf8)
        let config = [
            "Port \(port)", "ListenAddress 127.0.0.1", "HostKey \(hostKey)", "AuthorizedKeysFile \(keys)",
            "PidFile none",
            "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "StrictModes no",
            "PermitRootLogin yes", "LogLevel VERBOSE", "MaxStartups 100", "PrintMotd no",
            // bash reads ~/.bashrc for a remote command unless it takes itself for a nested shell, and that file of the
            // person who runs the tests may do anything; what a killed session leaves of it would be ours to answer for.
            "SetEnv "
                + environment.merging(["HOME": folder.path, "SHLVL": "2"]) { given, _ in given }
                .map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " "),
        ]
        // The first value of a setting wins.
        try (settings + config).joined(separator: "\n").appending("\n")
            .write(to: folder.appending(path: "sshd_config"), atomically: true, encoding: .utf8)
    }

    package func start() throws {
        if getuid() == 0 {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        let config = folder.appending(path: "sshd_config").path
        let log = folder.appending(path: "log").path
        shell.arguments = [
            "-c", "\"$@\" </dev/null & server=$!; cat >/dev/null; kill -9 $server; wait", "sh",
            "/usr/sbin/sshd", "-D", "-f", config, "-E", log,
        ]
        let (far, lifeline) = try Self.lifeline()
        shell.standardInput = far
        try shell.run()
        process.withLock { $0 = Started(shell: shell, lifeline: lifeline) }
    }

    /// Ends the server and every session of it.
    package func stop() {
        guard
            let started = process.withLock({ started in
                defer { started = nil }; return started
            })
        else { return }
        // The sessions first, while the listener is there to reap them.
        for _ in 0..<100 {
            let sessions = ProcessTree.children(of: started.shell.processIdentifier).flatMap(ProcessTree.descendants)
            if sessions.isEmpty { break }
            for pid in sessions { kill(pid, SIGKILL) }
            usleep(2000)
        }
        try? started.lifeline.close()
        started.shell.waitUntilExit()
    }

    /// Every session's processes, not the listener: what a cut connection or a frozen machine looks like from here.
    package func signalSessions(_ signal: Int32) {
        guard let shell = process.withLock({ $0?.shell.processIdentifier }) else { return }
        for listener in ProcessTree.children(of: shell) {
            for pid in ProcessTree.descendants(of: listener) { kill(pid, signal) }
        }
    }

    package var log: String {
        (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? ""
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// A port that nobody listens on now.
    package static func freePort() throws -> Int {
        let listener = try LoopbackListener()
        return listener.port
    }

    /// Two ends that no other child inherits: a server started meanwhile would keep this one alive, and it that one.
    private static func lifeline() throws -> (far: FileHandle, near: FileHandle) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw CocoaError(.fileWriteUnknown)
        }
        let (far, near) = (ends[0], ends[1])
        return (
            FileHandle(fileDescriptor: far, closeOnDealloc: true),
            FileHandle(fileDescriptor: near, closeOnDealloc: true)
        )
    }

    private static func run(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }
}

/// Runs `body` with a server that accepts `authorizedKeys` and runs commands in `environment`, and ends the server whatever happens.
package func withSSHD<Value>(
    authorizedKeys: [String], hostKeyType: String = "ed25519", settings: [String] = [],
    environment: [String: String] = [:], started: Bool = true,
    _ body: (SSHDProcess) async throws -> Value
) async throws -> Value {
    let server = try SSHDProcess(
        authorizedKeys: authorizedKeys, hostKeyType: hostKeyType, settings: settings, environment: environment)
    defer { server.stop() }
    if started { try server.start() }
    return try await body(server)
}
