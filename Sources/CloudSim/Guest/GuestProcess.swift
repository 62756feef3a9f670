import Foundation
import Glibc
import Synchronization

/// The one long-lived sandbox of a powered machine. Each has a thread of its own for as long as it lives: the kernel
/// ends a child with the *thread* that started it, and a thread of a pool may go at any time.
final class GuestProcess: Sendable {
    enum Event: Sendable {
        case line(String)
        case ended
    }

    private struct State {
        var monitor: pid_t?
        /// The first process inside, as the host counts: ending it ends everything in the sandbox.
        var first: pid_t?
        var control: Int32?
        var isDoomed = false
    }

    private let state = Mutex(State())
    let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init(command: [String], console: URL) throws {
        (events, continuation) = AsyncStream.makeStream()
        var control: [Int32] = [-1, -1]
        var events: [Int32] = [-1, -1]
        guard pipe(&control) == 0, pipe(&events) == 0 else { throw UserDataError("no pipe: errno \(errno)") }
        let (input, output, source) = (control[0], events[1], events[0])
        // From here on lines can be said: the pipe keeps them until the first process reads.
        state.withLock { [said = control[1]] in $0.control = said }
        let thread = Thread { [self] in
            run(command, console: console.path, input: input, output: output, source: source)
        }
        thread.name = "guest"
        thread.stackSize = 256 * 1024
        thread.start()
    }

    /// Says something to the first process; lost when it is not there any more.
    func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        state.withLock { state in
            if let control = state.control { _ = write(control, bytes, bytes.count) }
        }
    }

    /// Ends every process of the sandbox; `ended` follows when none is left.
    func end() {
        state.withLock { state in
            state.isDoomed = true
            guard let monitor = state.monitor else { return }
            if let first = state.first, Self.parent(of: first) == monitor {
                kill(first, SIGKILL)
            } else {
                kill(monitor, SIGKILL)
            }
        }
    }

    private func run(_ command: [String], console: String, input: Int32, output: Int32, source: Int32) {
        let log = open(console, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let (result, pid) = Self.spawn(command, input: input, output: output, errors: log)
        for file in [input, output, log] { close(file) }
        if result == 0 {
            let isDoomed = state.withLock { state in
                state.monitor = pid
                return state.isDoomed
            }
            if isDoomed { kill(pid, SIGKILL) }
            read(from: source)
        } else {
            continuation.yield(.line("failed cannot start \(command[0]): errno \(result)"))
        }
        close(source)
        state.withLock { state in
            if let control = state.control { close(control) }
            state.control = nil
            guard let monitor = state.monitor else { return }
            kill(monitor, SIGKILL)
            var status: Int32 = 0
            while waitpid(monitor, &status, 0) == -1 && errno == EINTR {}
            (state.monitor, state.first) = (nil, nil)
        }
        continuation.yield(.ended)
        continuation.finish()
    }

    private func read(from file: Int32) {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == -1 && errno == EINTR { continue }
            if count <= 0 { return }
            pending += buffer[..<count]
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                take(String(decoding: pending[..<end], as: UTF8.self))
                pending.removeFirst(end + 1)
            }
        }
    }

    /// bubblewrap first writes `"child-pid": N` to the same pipe.
    private func take(_ line: String) {
        if let range = line.firstRange(of: "\"child-pid\":") {
            let digits = line[range.upperBound...].filter(\.isNumber)
            state.withLock { $0.first = pid_t(digits) }
        } else if !line.isEmpty, line != "{", line != "}" {
            continuation.yield(.line(line))
        }
    }

    private static func parent(of pid: pid_t) -> pid_t? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("PPid:") })
        else { return nil }
        return line.split(separator: "\t").last.flatMap { pid_t($0) }
    }

    private static func highestOpenFile() -> Int32 {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.max() ?? 768
    }

    private static func spawn(_ command: [String], input: Int32, output: Int32, errors: Int32) -> (Int32, pid_t) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        posix_spawn_file_actions_adddup2(&actions, 1, 3)
        // Sockets of the server must not live on in machines. Closing what is not open does no harm, so that the margin
        // covers what other threads open meanwhile.
        for file in 4..<(highestOpenFile() + 256) { posix_spawn_file_actions_addclose(&actions, file) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own: Ctrl-C at the terminal must not reach the machines. Signals as if freshly logged in.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags) | 0x80)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=\(GuestScripts.path)"), nil]
        defer { (arguments + environment).forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &environment)
        return (result, pid)
    }
}
