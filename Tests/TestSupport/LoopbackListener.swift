import Foundation
import Glibc

/// A bare TCP listener on 127.0.0.1, for peers that do not behave.
package final class LoopbackListener: Sendable {
    package let port: Int
    private let descriptor: Int32

    /// `backlog` nil: bound but refusing.
    package init(backlog: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 && getsockname(descriptor, raw, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard bound else { throw POSIXError(.EADDRINUSE) }
        if let backlog { listen(descriptor, backlog) }
    }

    deinit { close(descriptor) }

    /// The next connection; nil when the listener has ended.
    package func accept() -> Int32? {
        let peer = Glibc.accept(descriptor, nil, nil)
        return peer >= 0 ? peer : nil
    }

    package func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    package static func connect(to port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) == 0 }
        }
        if connected { return descriptor }
        close(descriptor)
        return nil
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    /// Sends `bytes` to each of the next `count` connections and leaves them open until the listener goes.
    package func greet(_ count: Int, with bytes: [UInt8]) {
        let thread = Thread { [self] in
            var open: [Int32] = []
            for _ in 0..<count {
                guard let peer = accept() else { break }
                _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                open.append(peer)
            }
            for peer in open { close(peer) }
        }
        thread.start()
    }
}
