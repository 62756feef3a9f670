import Glibc

/// A port that machines share on their own addresses, kept from others by holding it on 127.0.0.1 without listening.
struct ReservedPort: Sendable {
    let port: UInt16
    private let socket: Int32

    init(preferred: UInt16) throws {
        for wanted in preferred == 0 ? [0] : [preferred, 0] {
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = wanted.bigEndian
            inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isBound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
                }
            }
            if isBound {
                (self.socket, port) = (socket, UInt16(bigEndian: address.sin_port))
                return
            }
            close(socket)
        }
        throw CloudServer.Refusal(description: "No free port for SSH on 127.0.0.1.")
    }

    func release() { close(socket) }
}
