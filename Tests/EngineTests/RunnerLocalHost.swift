import Foundation
import SpillwayCore
import SpillwayEngine
import Synchronization

/// A ``RemoteHost`` that is this machine: commands run under `sh` in a folder that plays the login user's home.
///
/// `cut()` breaks it the way a lost connection does: what runs loses its output and the call throws `.cutOff`.
final class LocalHost: RemoteHost {
    let home: String
    let shell: String
    /// Cuts the connection after this many bytes of output of one command; nil never.
    let breaksAfter: Int?
    /// What the login shell does before any command.
    let greeting: String

    init(home: String, shell: String = "/bin/sh", breaksAfter: Int? = nil, greeting: String = "") {
        self.home = home
        self.shell = shell
        self.breaksAfter = breaksAfter
        self.greeting = greeting
    }

    var hostKey: HostKey { HostKey(algorithm: "ssh-ed25519", base64: "") }

    func run(
        _ command: String, input: [UInt8]?, onOutput: @escaping @Sendable (RemoteOutput) -> Void
    ) async throws(RemoteFailure) -> RemoteExit {
        let session = LocalCommand(
            shell: shell, command: "\(greeting)\n\(command)", home: home, limit: breaksAfter, onOutput: onOutput)
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    session.start(input: input ?? []) { continuation.resume(with: $0) }
                }
            } onCancel: {
                session.cut()
            }
        } catch let failure as RemoteFailure {
            throw failure
        } catch {
            throw RemoteFailure(.other, "\(error)")
        }
    }

    func upload(
        _ files: [ShippedFile], to directory: String, progress: @escaping @Sendable (Transferred) -> Void
    ) async throws(RemoteFailure) -> Transferred {
        var sent = Transferred()
        do {
            let root = URL(filePath: absolute(directory))
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
            for file in files {
                let target = root.appending(path: file.remotePath)
                try FileManager.default.createDirectory(
                    at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                switch file.kind {
                case .data(let bytes, let executable):
                    try Data(bytes).write(to: target)
                    try FileManager.default.setAttributes(
                        [.posixPermissions: executable ? 0o755 : 0o644], ofItemAtPath: target.path)
                    sent.bytes += Int64(bytes.count)
                case .file(let size, _):
                    try? FileManager.default.removeItem(at: target)
                    try FileManager.default.copyItem(atPath: file.localPath, toPath: target.path)
                    sent.bytes += size
                case .directory:
                    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
                case .symlink(let destination):
                    try? FileManager.default.removeItem(at: target)
                    try FileManager.default.createSymbolicLink(atPath: target.path, withDestinationPath: destination)
                }
                sent.files += 1
                progress(sent)
            }
        } catch {
            throw RemoteFailure(.localIO, "\(error)")
        }
        return sent
    }

    func download(
        _ path: String, to destination: String, maxBytes: Int64, progress: @escaping @Sendable (Transferred) -> Void
    ) async throws(RemoteFailure) -> Downloaded {
        let path = absolute(path)
        let name = URL(filePath: path).lastPathComponent
        let copy = ShellQuoting.command(["cp", "-a", path, "\(destination)/"])
        guard try await run(copy, input: nil, onOutput: { _ in }).succeeded else {
            throw RemoteFailure(.remoteIO, "cp of \(path) failed")
        }
        let log = CapturedLog()
        let hash =
            "cd \(ShellQuoting.quote(destination)) && "
            + "find \(ShellQuoting.quote("./" + name)) -type f -exec sha256sum -z {} + ; :"
        _ = try await run(hash, input: nil) { log.take(.output($0)) }
        let files = log.out.split(separator: 0).map { line in
            ReceivedFile(
                path: String(decoding: line.dropFirst(68), as: UTF8.self), size: 0,
                sha256: String(decoding: line.prefix(64), as: UTF8.self))
        }
        return Downloaded(files: files, bytes: 0)
    }

    func close() async {}

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(home)/\(path)" }
}

/// One shell command with pipes on all three streams, read by threads that block.
private final class LocalCommand: Sendable {
    typealias Ended = @Sendable (Result<RemoteExit, any Error>) -> Void

    private struct State {
        var given = 0
        var done: Ended?
    }

    private let shell: String
    private let command: String
    private let home: String
    private let limit: Int?
    private let onOutput: @Sendable (RemoteOutput) -> Void
    private let state = Mutex(State())

    init(
        shell: String, command: String, home: String, limit: Int?, onOutput: @escaping @Sendable (RemoteOutput) -> Void
    ) {
        self.shell = shell
        self.command = command
        self.home = home
        self.limit = limit
        self.onOutput = onOutput
    }

    func start(input: [UInt8], done: @escaping Ended) {
        state.withLock { $0.done = done }
        let (stdin, out, err) = (Self.pipe(), Self.pipe(), Self.pipe())
        let pid = spawn([stdin.read, out.write, err.write])
        for descriptor in [stdin.read, out.write, err.write] { close(descriptor) }
        guard pid > 0 else { return end(.failure(RemoteFailure(.other, "cannot start \(shell)"))) }
        Thread.detachNewThread {
            _ = input.withUnsafeBytes { send(stdin.write, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            close(stdin.write)
        }
        let group = DispatchGroup()
        group.enter()
        group.enter()
        for (descriptor, wrap) in [(out.read, RemoteOutput.stdout), (err.read, RemoteOutput.stderr)] {
            Thread.detachNewThread { [self] in
                pump(descriptor, wrap)
                close(descriptor)
                group.leave()
            }
        }
        Thread.detachNewThread { [self] in
            group.wait()
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            let signal = status & 0x7f
            end(
                .success(
                    signal == 0 ? RemoteExit(status: (status >> 8) & 0xff) : RemoteExit(status: 0, signal: "\(signal)"))
            )
        }
    }

    /// As a lost connection: nothing more is heard of it, and it finds its pipes closed.
    func cut() { end(.failure(RemoteFailure(.cutOff, "the connection was cut"))) }

    private func end(_ result: Result<RemoteExit, any Error>) {
        state.withLock { $0.done.take() }?(result)
    }

    private func pump(_ descriptor: Int32, _ wrap: @Sendable ([UInt8]) -> RemoteOutput) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            let passed: Int? = state.withLock { state in
                guard state.done != nil else { return nil }
                let passed = min(count, limit.map { max(0, $0 - state.given) } ?? count)
                state.given += passed
                // Under the lock, so that nothing is handed out after the cut.
                if passed > 0 { onOutput(wrap(Array(buffer[..<passed]))) }
                return passed
            }
            guard let passed else { return }
            if passed < count { return cut() }
        }
    }

    private func spawn(_ descriptors: [Int32]) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(index))
        }
        var environment = ProcessInfo.processInfo.environment
        environment["HOME"] = home
        let line = "cd \(ShellQuoting.quote(home)) || exit 99\n\(command)"
        var words = [shell, "-c", line].map { (word: String) in strdup(word) } + [nil]
        var variables = environment.map { (name, value) in strdup("\(name)=\(value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        return posix_spawn(&pid, shell, &actions, nil, &words, &variables) == 0 ? pid : -1
    }

    /// Sockets rather than pipes, as under sshd, and because they can be born closed to other children.
    private static func pipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        return (ends[0], ends[1])
    }
}
