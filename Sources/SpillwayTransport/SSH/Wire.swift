internal import CSSH2
internal import Glibc

/// The socket of one session and its bytes on their way in and out; confined to the session's thread.
///
/// libssh2 never sees the socket. It writes into memory without limit, so that a half-sent packet of one channel can
/// never stand in another's way (libssh2 refuses to send while it has one), and it is the session's loop that looks at
/// ``unsent`` before it writes more. It reads from memory in portions that the loop grants.
final class Wire {
    let socket: Int32
    private(set) var incoming = ByteQueue()
    private var outgoing = ByteQueue()
    /// The first bytes from the far side, for the text of a failed handshake.
    private(set) var opening: [UInt8] = []
    private(set) var lastReceived = ContinuousClock.now
    /// Why nothing more will come; bytes that came before it are still to be read.
    private(set) var ending: String?
    /// How many bytes libssh2 may take until the next grant.
    var grant = Int.max
    private var scratch = [UInt8](repeating: 0, count: 1 << 18)

    static let incomingLimit = 1 << 20

    init(socket: Int32) { self.socket = socket }

    deinit { close(socket) }

    var unsent: Int { outgoing.count }
    var wantsMore: Bool { ending == nil && incoming.count < Self.incomingLimit }

    var pollEvents: Int16 {
        (wantsMore ? Int16(POLLIN) : 0) | (outgoing.isEmpty || ending != nil ? 0 : Int16(POLLOUT))
    }

    /// Takes what the socket has, up to the limit; true when something came or it ended.
    func fill() -> Bool {
        var changed = false
        while wantsMore {
            let count = recv(socket, &scratch, scratch.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                scratch.withUnsafeBytes { incoming.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                if opening.count < 4096 { opening += scratch[..<min(count, 4096 - opening.count)] }
                lastReceived = .now
                changed = true
                if count < scratch.count { break }
            } else if count == 0 {
                end("the far side closed the connection")
                return true
            } else if errno == EINTR {
                continue
            } else if errno == EAGAIN {
                break
            } else {
                end(SystemError.text(errno))
                return true
            }
        }
        return changed
    }

    /// Gives the socket what it takes; true when something went out.
    func flush() -> Bool {
        var changed = false
        while !outgoing.isEmpty, ending == nil {
            let socket = socket
            let count = outgoing.withUnread {
                send(socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                outgoing.drop(count)
                changed = true
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                end(SystemError.text(errno))
            }
        }
        return changed
    }

    func end(_ reason: String) {
        if ending == nil { ending = reason }
    }

    /// Makes every read of libssh2 report a lost connection, so that freeing the session waits for nobody.
    func abandon() {
        end("the session was closed")
        incoming.drop(incoming.count)
        outgoing.drop(outgoing.count)
        grant = .max
    }

    /// Lends this object to libssh2 for the life of `session`; the caller keeps it alive longer than that.
    func attach(to session: OpaquePointer) {
        libssh2_session_abstract(session)?.pointee = Unmanaged.passUnretained(self).toOpaque()
        cs_set_receive(session) { _, buffer, length, _, abstract in
            guard let wire = Wire.from(abstract), let buffer else { return -Int(EBADF) }
            return wire.give(buffer, length)
        }
        cs_set_send(session) { _, buffer, length, _, abstract in
            guard let wire = Wire.from(abstract), let buffer else { return -Int(EBADF) }
            wire.outgoing.append(UnsafeRawBufferPointer(start: buffer, count: length))
            return length
        }
    }

    private static func from(_ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Wire? {
        guard let raw = abstract?.pointee else { return nil }
        return Unmanaged<Wire>.fromOpaque(raw).takeUnretainedValue()
    }

    private func give(_ buffer: UnsafeMutableRawPointer, _ length: Int) -> Int {
        let count = min(length, incoming.count, grant)
        guard count > 0 else { return incoming.isEmpty && ending != nil ? 0 : -Int(EAGAIN) }
        incoming.withUnread { unread in
            if let base = unread.baseAddress { buffer.copyMemory(from: base, byteCount: count) }
        }
        incoming.drop(count)
        if grant != .max { grant -= count }
        return count
    }
}
