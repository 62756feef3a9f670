import Glibc
import SpillwayCore

/// One command of the user's own, run through `sh -c`; its stdout is read, its stderr and stdin are ours.
struct ShellCommand {
    struct Output {
        var status: Int32
        var stdout: [UInt8]
    }

    private let command: String
    private let folder: String
    private let environment: [String: String]

    init(_ command: String, folder: String, environment: [String: String]) {
        self.command = command
        self.folder = folder
        self.environment = environment
    }

    func output() throws(Diagnostic) -> Output {
        let child = try ChildProcess.start(
            ["/bin/sh", "-c", "cd -- \"$1\" && eval \"$2\"", "sh", folder, command], environment: environment,
            stderr: nil)
        let bytes = child.readAll()
        return Output(status: child.wait(), stdout: bytes)
    }
}

/// A process started with its stdout on a pipe to us, and no signal of ours blocked in it.
struct ChildProcess {
    let pid: pid_t
    let stdout: Int32

    /// `stderr` is a file to write it to; nil shares ours. `detached` gives it a session of its own.
    static func start(
        _ arguments: [String], environment: [String: String], stderr: String?, detached: Bool = false
    ) throws(Diagnostic) -> ChildProcess {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw failed("pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if detached { posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        if let stderr {
            posix_spawn_file_actions_addopen(&actions, 2, stderr, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSIGMASK, and POSIX_SPAWN_SETSID where it must outlive the terminal.
        posix_spawnattr_setflags(&attributes, detached ? 0x08 | 0x80 : 0x08)
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        var argv = arguments.map { strdup($0) }
        argv.append(nil)
        var envp = environment.map { strdup("\($0.key)=\($0.value)") }
        envp.append(nil)
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw failed(arguments[0], result)
        }
        return ChildProcess(pid: pid, stdout: ends[0])
    }

    /// Up to the first newline, which is not in it, or the end.
    func readLine() -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(stdout, &byte, 1) == 1, byte != 10 { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    func readAll() -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(stdout, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
        }
    }

    /// The exit status, or 128 and the signal.
    func wait() -> Int32 {
        close(stdout)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    private static func failed(_ what: String, _ number: Int32) -> Diagnostic {
        Diagnostic(
            "process.failed", "A process could not be started", detail: "\(what): \(String(cString: strerror(number)))")
    }
}
