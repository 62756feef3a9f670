package import SpillwayCore
internal import Synchronization

/// One remote command, seen from both sides: a task writes its input and reads its output, the session's thread moves
/// both over the wire. Each direction holds a bounded number of bytes, so neither side can outrun the other.
final class ExecChannel: Sendable {
    private struct State {
        var input: [[UInt8]] = []
        var inputBytes = 0
        var inputEnded = false
        /// The far side has ended or no longer listens: what is written is of no use.
        var inputRefused = false
        var output: [RemoteOutput] = []
        var outputBytes = 0
        var ending: Result<RemoteExit, RemoteFailure>?
        var reader: CheckedContinuation<Void, Never>?
        var writer: CheckedContinuation<Void, Never>?
    }

    let command: String
    /// Bytes the far side may send ahead of the reader.
    let window: Int
    /// Keep stdout and stderr in the order of their packets, at some cost per byte.
    let keepsOrder: Bool
    private let state: Mutex<State>
    private let mailbox: SessionMailbox

    static let inputLimit = 1 << 20
    static let outputLimit = 1 << 20

    init(command: String, window: Int, keepsOrder: Bool, input: [UInt8]?, mailbox: SessionMailbox) {
        self.command = command
        self.window = window
        self.keepsOrder = keepsOrder
        self.mailbox = mailbox
        var state = State()
        if let input, !input.isEmpty {
            state.input = [input]
            state.inputBytes = input.count
        }
        state.inputEnded = input != nil
        self.state = Mutex(state)
    }

    // MARK: the task's side

    /// Queues `bytes`, waiting for room; false when the far side takes no more.
    func write(_ bytes: [UInt8]) async throws(RemoteFailure) -> Bool {
        while true {
            let isFull = state.withLock { $0.inputBytes >= Self.inputLimit && $0.ending == nil && !$0.inputRefused }
            guard isFull else { break }
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    let waits = state.inputBytes >= Self.inputLimit && state.ending == nil && !state.inputRefused
                    if waits { state.writer = continuation }
                    return !waits
                }
                if goesOn { continuation.resume() }
            }
        }
        let (taken, failure): (Bool, RemoteFailure?) = state.withLock { state in
            if case .failure(let failure) = state.ending { return (false, failure) }
            guard state.ending == nil, !state.inputRefused else { return (false, nil) }
            state.input.append(bytes)
            state.inputBytes += bytes.count
            return (true, nil)
        }
        if let failure { throw failure }
        if taken { mailbox.wake() }
        return taken
    }

    func endInput() {
        state.withLock { $0.inputEnded = true }
        mailbox.wake()
    }

    /// What has come since the last call, in order; nil when the command has ended and all was read.
    func read() async throws(RemoteFailure) -> [RemoteOutput]? {
        while true {
            let (batch, wasFull, ending) = state.withLock { state in
                defer { (state.output, state.outputBytes) = ([], 0) }
                return (state.output, state.outputBytes >= Self.outputLimit, state.ending)
            }
            if case .failure(let failure) = ending, failure.kind == .cancelled { throw failure }
            if wasFull { mailbox.wake() }
            if !batch.isEmpty { return batch }
            switch ending {
            case .failure(let failure): throw failure
            case .success: return nil
            case nil: break
            }
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    let waits = state.output.isEmpty && state.ending == nil
                    if waits { state.reader = continuation }
                    return !waits
                }
                if goesOn { continuation.resume() }
            }
        }
    }

    /// Reads to the end, giving each piece to `body`; the exit of the command.
    func drain(_ body: (RemoteOutput) -> Void) async throws(RemoteFailure) -> RemoteExit {
        while let batch = try await read() { batch.forEach(body) }
        guard case .success(let exit) = state.withLock({ $0.ending }) else {
            throw RemoteFailure(.cutOff, "the remote command's end was not reported")
        }
        return exit
    }

    /// Ends both directions for the tasks at once; the thread closes the channel when it gets to it.
    func cancel() {
        finish(
            .failure(RemoteFailure(.cancelled, "the remote command was cancelled here; it may still be running there")))
        mailbox.wake()
    }

    // MARK: the thread's side

    var isCancelled: Bool {
        state.withLock {
            if case .failure = $0.ending { true } else { false }
        }
    }

    var hasRoom: Bool { state.withLock { $0.outputBytes < Self.outputLimit } }

    func deliver(_ piece: RemoteOutput) {
        let reader = state.withLock { state in
            state.output.append(piece)
            state.outputBytes += piece.bytes.count
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    enum Input {
        case piece([UInt8])
        case ended
        case none
    }

    func takeInput() -> Input {
        let (input, writer): (Input, CheckedContinuation<Void, Never>?) = state.withLock { state in
            guard !state.input.isEmpty else { return (state.inputEnded ? .ended : .none, nil) }
            let piece = state.input.removeFirst()
            state.inputBytes -= piece.count
            guard state.inputBytes < Self.inputLimit else { return (.piece(piece), nil) }
            defer { state.writer = nil }
            return (.piece(piece), state.writer)
        }
        writer?.resume()
        return input
    }

    func finish(_ ending: Result<RemoteExit, RemoteFailure>) {
        let (reader, writer) = state.withLock { state in
            if state.ending == nil { state.ending = ending }
            (state.input, state.inputBytes, state.inputRefused) = ([], 0, true)
            defer { (state.reader, state.writer) = (nil, nil) }
            return (state.reader, state.writer)
        }
        reader?.resume()
        writer?.resume()
    }
}

extension RemoteOutput {
    package var bytes: [UInt8] {
        switch self {
        case .stdout(let bytes), .stderr(let bytes): bytes
        }
    }
}
