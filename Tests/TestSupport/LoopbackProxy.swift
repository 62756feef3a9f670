import Foundation

/// A TCP relay on 127.0.0.1 that can hold back what the server says, or cut the connection after so many bytes.
package final class LoopbackProxy: Sendable {
    package enum Direction: Sendable { case up, down }

    private struct State {
        var holding = false
        var held = 0
        var cut: (direction: Direction, left: Int)?
        var sockets: [Int32] = []
    }

    private let listener: LoopbackListener
    private let target: Int
    private let state = Locked(State())

    package var port: Int { listener.port }

    package init(to target: Int) throws {
        self.target = target
        listener = try LoopbackListener(backlog: 8)
        let (listener, state) = (listener, state)
        Thread {
            while let client = listener.accept() {
                guard let server = LoopbackListener.connect(to: target) else {
                    close(client)
                    continue
                }
                state.withLock { $0.sockets += [client, server] }
                Thread { Self.pump(from: client, to: server, .up, state) }.start()
                Thread { Self.pump(from: server, to: client, .down, state) }.start()
            }
        }.start()
    }

    deinit { end() }

    /// Ends all connections and takes no more.
    package func end() {
        listener.end()
        state.withLock { state in
            state.holding = false
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// From now on the client hears nothing, until ``release()``.
    package func hold() { state.withLock { ($0.holding, $0.held) = (true, 0) } }

    package func release() { state.withLock { $0.holding = false } }

    /// How much the server said since ``hold()``.
    package var heldBytes: Int { state.withLock { $0.held } }

    /// Cuts the connection once `bytes` more have gone that way.
    package func cut(_ direction: Direction, after bytes: Int) { state.withLock { $0.cut = (direction, bytes) } }

    private static func pump(from: Int32, to: Int32, _ direction: Direction, _ state: Locked<State>) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var kept: [UInt8] = []
        while true {
            if !kept.isEmpty {
                guard state.withLock({ $0.holding }) else {
                    guard sendAll(kept, to) else { break }
                    kept = []
                    continue
                }
                var entry = pollfd(fd: from, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, 5) > 0 else { continue }
            }
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            let (holds, cuts) = state.withLock { state -> (Bool, Bool) in
                if let cut = state.cut, cut.direction == direction {
                    state.cut = (direction, cut.left - count)
                    if cut.left <= count { return (false, true) }
                }
                let holds = state.holding && direction == .down
                if holds { state.held += count }
                return (holds, false)
            }
            if cuts { break }
            if holds || !kept.isEmpty {
                kept += buffer[..<count]
            } else if !sendAll(Array(buffer[..<count]), to) {
                break
            }
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }

    private static func sendAll(_ bytes: [UInt8], _ socket: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
