import Foundation
import Glibc

/// One HTTP exchange on a connection of its own. Foundation's client on Linux can hang for good after a connection that
/// was dropped, which is what these tests provoke.
enum PlainHTTP {
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    static func exchange(host: String, port: UInt16, head: String, body: Data) async throws -> (String, Data) {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                continuation.resume(with: Result { try blocking(host, port, Data(head.utf8) + body) })
            }
            thread.start()
        }
    }

    private static func blocking(_ host: String, _ port: UInt16, _ request: Data) throws -> (String, Data) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(file) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Broken(description: "no connection: errno \(errno)") }
        let bytes = Array(request)
        guard send(file, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Broken(description: "the request could not be sent")
        }
        return try answer(from: file)
    }

    private static func answer(from file: Int32) throws -> (String, Data) {
        var received = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = received.range(of: Data("\r\n\r\n".utf8)) {
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                let body = received[end.upperBound...]
                let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                let length = line.flatMap { Int($0.dropFirst("content-length:".count).filter(\.isNumber)) } ?? 0
                if body.count >= length { return (head, Data(body.prefix(length))) }
            }
            let count = recv(file, &buffer, buffer.count, 0)
            guard count > 0 else { throw Broken(description: "the connection ended after \(received.count) bytes") }
            received += buffer[..<count]
        }
    }
}
