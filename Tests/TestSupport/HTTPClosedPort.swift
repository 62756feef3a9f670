import Glibc

/// A port of 127.0.0.1 that lets nobody in for as long as this lives.
package final class HTTPClosedPort: Sendable {
    package enum Manner: Sendable {
        /// Bound without listening: connections are refused at once, and nobody else can have the port.
        case refusing
        /// Listening with a queue that is full: connections are neither taken nor refused.
        case ignoring
    }

    package let port: Int
    private let descriptors: [Int32]

    package init(_ manner: Manner = .refusing) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var clients: [Int32] = []
        let made = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(descriptor, address, length) == 0, getsockname(descriptor, address, &length) == 0 else {
                    return false
                }
                guard manner == .ignoring else { return true }
                guard listen(descriptor, 0) == 0 else { return false }
                for _ in 0..<4 {
                    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                    _ = connect(client, address, length)
                    clients.append(client)
                }
                return true
            }
        }
        descriptors = [descriptor] + clients
        port = Int(UInt16(bigEndian: address.sin_port))
        guard made else { throw POSIXFailure(call: "bind or listen", number: errno) }
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
