internal import Glibc
internal import SpillwayCore
internal import Synchronization

/// How tasks talk to the thread that owns a session: commands, and a descriptor its `poll` wakes on.
final class SessionMailbox: Sendable {
    private struct State {
        var opening: [ExecChannel] = []
        var closing = false
        var isSignalled = false
        /// Set when the thread has ended; nothing posted after it is ever seen.
        var ended: RemoteFailure?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// Readable when there is something to look at.
    let descriptor: Int32
    private let signal: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (descriptor, signal) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(signal)
    }

    // MARK: the tasks' side

    /// The failure that ended the session, when it has ended; the channel is then not taken.
    func open(_ channel: ExecChannel) -> RemoteFailure? {
        let ended = state.withLock { state in
            if state.ended == nil { state.opening.append(channel) }
            return state.ended
        }
        wake()
        return ended
    }

    func requestClose() {
        state.withLock { $0.closing = true }
        wake()
    }

    func wake() {
        let mustWrite = state.withLock { state in
            defer { state.isSignalled = true }
            return !state.isSignalled
        }
        guard mustWrite else { return }
        var byte: UInt8 = 1
        _ = write(signal, &byte, 1)
    }

    func waitUntilEnded() async {
        await withCheckedContinuation { continuation in
            let over = state.withLock { state in
                if state.ended == nil { state.waiters.append(continuation) }
                return state.ended != nil
            }
            if over { continuation.resume() }
        }
    }

    // MARK: the thread's side

    var isClosing: Bool { state.withLock { $0.closing } }

    func take() -> [ExecChannel] {
        state.withLock { state in
            // All of them: a wake marks itself before it writes, so its byte may come after the look it was for.
            var bytes: UInt64 = 0
            _ = read(descriptor, &bytes, 8)
            state.isSignalled = false
            defer { state.opening = [] }
            return state.opening
        }
    }

    func end(_ failure: RemoteFailure) {
        let (opening, waiters) = state.withLock { state in
            state.ended = failure
            defer { (state.opening, state.waiters) = ([], []) }
            return (state.opening, state.waiters)
        }
        for channel in opening { channel.finish(.failure(failure)) }
        for waiter in waiters { waiter.resume() }
    }
}
