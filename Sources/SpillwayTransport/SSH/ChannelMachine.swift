internal import CSSH2
internal import SpillwayCore

/// Moves one ``ExecChannel`` through its life on the session's thread, one step that cannot wait at a time.
final class ChannelMachine {
    enum Stage {
        case opening, starting, running, leaving, done
    }

    let channel: ExecChannel
    private(set) var stage = Stage.opening
    private var raw: OpaquePointer?
    private var piece: [UInt8] = []
    private var written = 0
    private var inputEnded = false
    private var outputEnded = false

    /// libssh2 tops up by itself below 3/4 of the window a channel was opened with. A small one keeps it from doing so
    /// on each read, whatever lies unread in memory; ``topUp()`` then gives the real window and bounds what is held.
    private static let openingWindow: UInt32 = 32 * 1024
    private static let unsentLimit = 512 * 1024
    private static let bufferSize = 64 * 1024

    init(_ channel: ExecChannel) { self.channel = channel }

    /// True when something moved. Throws libssh2's code when the session is lost.
    func advance(in session: borrowing LibSSH2, over wire: Wire, buffer: UnsafeMutableRawBufferPointer)
        throws(SessionLoss)
        -> Bool
    {
        switch stage {
        case .opening: return try open(in: session)
        case .starting: return try start(in: session)
        case .running:
            if channel.isCancelled {
                stage = .leaving
                return true
            }
            let wrote = try feed(in: session, over: wire)
            let read = try collect(in: session, over: wire, buffer: buffer)
            let ended = try conclude(in: session)
            return wrote || read || ended
        case .leaving: return try leave(in: session)
        case .done: return false
        }
    }

    private func open(in session: borrowing LibSSH2) throws(SessionLoss) -> Bool {
        raw = libssh2_channel_open_ex(
            session.raw, "session", 7, Self.openingWindow, UInt32(LIBSSH2_CHANNEL_PACKET_DEFAULT), nil, 0)
        guard raw == nil else {
            stage = channel.isCancelled ? .leaving : .starting
            return true
        }
        let code = libssh2_session_last_errno(session.raw)
        if code == LIBSSH2_ERROR_EAGAIN { return false }
        guard code == LIBSSH2_ERROR_CHANNEL_FAILURE else { throw SessionLoss(session.lastError) }
        refuse("the host opens no further channel: \(session.lastError)")
        return true
    }

    private func start(in session: borrowing LibSSH2) throws(SessionLoss) -> Bool {
        let command = channel.command
        switch LibSSH2.Step(libssh2_channel_process_startup(raw, "exec", 4, command, UInt32(command.utf8.count))) {
        case .again: return false
        case .done:
            topUp()
            stage = .running
        case .failed(LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED):
            channel.finish(.failure(RemoteFailure(.remoteIO, "the host refuses to run commands for this user")))
            stage = .leaving
        case .failed: throw SessionLoss(session.lastError)
        }
        return true
    }

    /// Writes input while the far side and our own buffer take it.
    private func feed(in session: borrowing LibSSH2, over wire: Wire) throws(SessionLoss) -> Bool {
        var moved = false
        while !inputEnded, wire.unsent < Self.unsentLimit {
            if written == piece.count {
                switch channel.takeInput() {
                case .none: return moved
                case .piece(let next): (piece, written) = (next, 0)
                case .ended:
                    libssh2_channel_send_eof(raw)
                    inputEnded = true
                    return true
                }
                continue
            }
            let count = piece.withUnsafeBytes { bytes in
                libssh2_channel_write_ex(
                    raw, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self).advanced(by: written),
                    bytes.count - written)
            }
            if count == 0 || count == Int(LIBSSH2_ERROR_EAGAIN) { break }
            guard count > 0 else { throw SessionLoss(session.lastError) }
            written += count
            moved = true
        }
        return moved
    }

    /// Reads both streams while the task has room for more.
    private func collect(
        in session: borrowing LibSSH2, over wire: Wire, buffer: UnsafeMutableRawBufferPointer
    ) throws(SessionLoss) -> Bool {
        var moved = false
        defer { wire.grant = .max }
        while channel.hasRoom {
            // One packet with one byte of data is 64 bytes on the wire: with that grant no two can come in at once.
            wire.grant = channel.keepsOrder && wire.incoming.count <= 16 * 1024 ? 64 : .max
            let waiting = wire.incoming.count
            let out = try read(stream: 0, in: session, buffer: buffer)
            let err = try read(stream: SSH_EXTENDED_DATA_STDERR, in: session, buffer: buffer)
            moved = moved || out || err
            if !out, !err, wire.incoming.count == waiting { break }
        }
        if moved { topUp() }
        return moved
    }

    private func read(
        stream: Int32, in session: borrowing LibSSH2, buffer: UnsafeMutableRawBufferPointer
    ) throws(SessionLoss) -> Bool {
        let chars = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
        let count = libssh2_channel_read_ex(raw, stream, chars, min(buffer.count, Self.bufferSize))
        if count == 0 || count == Int(LIBSSH2_ERROR_EAGAIN) { return false }
        guard count > 0 else { throw SessionLoss(session.lastError) }
        let bytes = [UInt8](UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
        channel.deliver(stream == 0 ? .stdout(bytes) : .stderr(bytes))
        return true
    }

    /// Lets the far side send until the window is full again, counting what libssh2 holds unread.
    private func topUp() {
        var unread: UInt = 0
        let open = libssh2_channel_window_read_ex(raw, &unread, nil)
        let promised = Int(open) + Int(unread)
        guard promised <= channel.window * 3 / 4 else { return }
        libssh2_channel_receive_window_adjust2(raw, UInt(channel.window - promised), 1, nil)
    }

    /// After the last output: waits for the close, which comes after the exit status.
    private func conclude(in session: borrowing LibSSH2) throws(SessionLoss) -> Bool {
        guard libssh2_channel_eof(raw) == 1 else { return false }
        switch LibSSH2.Step(libssh2_channel_wait_closed(raw)) {
        case .again: return false
        case .failed: throw SessionLoss(session.lastError)
        case .done:
            channel.finish(.success(exit(in: session)))
            stage = .leaving
            return true
        }
    }

    private func exit(in session: borrowing LibSSH2) -> RemoteExit {
        var name: UnsafeMutablePointer<CChar>?
        var count = 0
        libssh2_channel_get_exit_signal(raw, &name, &count, nil, nil, nil, nil)
        defer { if let name { libssh2_free(session.raw, name) } }
        let signal = name.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: count), as: UTF8.self) }
        return RemoteExit(status: libssh2_channel_get_exit_status(raw), signal: signal)
    }

    private func leave(in session: borrowing LibSSH2) throws(SessionLoss) -> Bool {
        if raw != nil, case .again = LibSSH2.Step(libssh2_channel_free(raw)) { return false }
        raw = nil
        stage = .done
        return true
    }

    private func refuse(_ why: String) {
        channel.finish(.failure(RemoteFailure(.remoteIO, why)))
        stage = .done
    }
}

/// The session is of no more use; why.
struct SessionLoss: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
