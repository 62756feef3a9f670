import Foundation
import Glibc

/// Makes a listening socket's connections send at once.
///
/// The HTTP server writes head and body apart and leaves Nagle's algorithm on, which together with the client's delayed
/// acknowledgements costs 40 ms per request. Accepted sockets inherit the option from the listening one, which the server
/// keeps to itself: it is found by its port.
enum PromptSockets {
    static func enable(port: UInt16) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for file in names.compactMap({ Int32($0) }) where listens(file, on: port) {
            var on: Int32 = 1
            setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    private static func listens(_ file: Int32, on port: UInt16) -> Bool {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0, isListening != 0 else {
            return false
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(file, $0, &length) == 0 }
        }
        return isNamed && UInt16(bigEndian: address.sin_port) == port
    }
}
