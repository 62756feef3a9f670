package import Foundation
import Glibc
import Synchronization

/// A small HTTP/1.1 server on 127.0.0.1 that misbehaves on demand; a thread per connection, ended by ``stop()``.
package final class HTTPTestServer: Sendable {
    package struct Request: Sendable {
        package var method: String
        package var path: String
        /// Names in lower case.
        package var headers: [String: String]
        package var body: [UInt8]
        /// Counts from 1 in the order of acceptance.
        package var connection: Int
    }

    package enum Reply: Sendable {
        case answer(Int, headers: [String: String] = [:], body: String = "")
        /// These bytes as they are, then the end of the connection.
        case raw([UInt8])
        /// The head, then the pieces with a pause before each; stops early when the client leaves.
        case drip([[UInt8]], pause: TimeInterval)
        /// Nothing, until the client leaves or the server stops.
        case silence
        /// An answer after which the connection is closed without a word of it in the headers.
        case answerThenClose(Int, body: String)
    }

    package struct Counts: Sendable, Hashable {
        package var accepted = 0
        package var open = 0
        package var peakOpen = 0
        package var requests = 0
        package var inHandler = 0
        package var peakInHandler = 0
        /// Requests whose client left before the reply was through.
        package var abandoned = 0
    }

    package typealias Handler = @Sendable (Request) -> Reply

    package let port: Int
    private let listener: Int32
    private let state = HTTPTestServerState()

    package init(_ handler: @escaping Handler) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw POSIXFailure(call: "socket", number: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 512) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else {
            defer { close(listener) }
            throw POSIXFailure(call: "bind", number: errno)
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        let state = state
        Thread.detachNewThread { Self.accept(listener, state, handler) }
    }

    deinit { stop() }

    package var url: String { "http://127.0.0.1:\(port)" }
    package var counts: Counts { state.counts }

    /// Ends every connection; idempotent.
    package func stop() {
        // The accepting thread wakes from this, and it alone closes the descriptor.
        shutdown(listener, Int32(SHUT_RDWR))
        state.stop()
    }

    /// Ends the connections that are open now; new ones are taken on.
    package func dropConnections() { state.dropConnections() }

    private static func accept(_ listener: Int32, _ state: HTTPTestServerState, _ handler: @escaping Handler) {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED || errno == EMFILE { continue }
                break
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            guard let number = state.opened(descriptor) else {
                close(descriptor)
                continue
            }
            Thread.detachNewThread {
                HTTPTestConnection(descriptor: descriptor, number: number, state: state).serve(handler)
                state.closed(descriptor)
            }
        }
        close(listener)
    }
}

package struct POSIXFailure: Error {
    package var call: String
    package var number: Int32
}
