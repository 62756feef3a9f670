import Foundation
import Glibc

/// One accepted connection: reads requests and plays the replies, blocking its own thread.
struct HTTPTestConnection {
    let descriptor: Int32
    let number: Int
    let state: HTTPTestServerState

    func serve(_ handler: HTTPTestServer.Handler) {
        var buffer: [UInt8] = []
        while let request = readRequest(&buffer) {
            state.count {
                $0.requests += 1
                $0.inHandler += 1
                $0.peakInHandler = max($0.peakInHandler, $0.inHandler)
            }
            let reply = handler(request)
            state.count { $0.inHandler -= 1 }
            guard play(reply) else { return }
        }
    }

    /// True while the connection may carry another request.
    private func play(_ reply: HTTPTestServer.Reply) -> Bool {
        switch reply {
        case .answer(let status, let headers, let body):
            return write(Self.answer(status, headers, body))
        case .answerThenClose(let status, let body):
            _ = write(Self.answer(status, [:], body))
            return false
        case .raw(let bytes):
            _ = write(bytes)
            return false
        case .drip(let pieces, let pause):
            for piece in pieces {
                Thread.sleep(forTimeInterval: pause)
                guard !clientHasLeft(waiting: 0), write(piece) else {
                    state.count { $0.abandoned += 1 }
                    return false
                }
            }
            return true
        case .silence:
            while !clientHasLeft(waiting: 1000) {}
            state.count { $0.abandoned += 1 }
            return false
        }
    }

    private static func answer(_ status: Int, _ headers: [String: String], _ body: String) -> [UInt8] {
        var head = "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.utf8.count)\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        return Array((head + "\r\n" + body).utf8)
    }

    private func readRequest(_ buffer: inout [UInt8]) -> HTTPTestServer.Request? {
        var end = Self.endOfHead(buffer)
        while end == nil {
            guard fill(&buffer) else { return nil }
            end = Self.endOfHead(buffer)
        }
        guard let end else { return nil }
        let lines = String(decoding: buffer[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers[line[..<colon].lowercased()] = value
        }
        let total = end + 4 + (headers["content-length"].flatMap(Int.init) ?? 0)
        while buffer.count < total {
            guard fill(&buffer) else { return nil }
        }
        let body = Array(buffer[(end + 4)..<total])
        buffer.removeFirst(total)
        return .init(method: String(words[0]), path: String(words[1]), headers: headers, body: body, connection: number)
    }

    private static func endOfHead(_ buffer: [UInt8]) -> Int? {
        guard buffer.count >= 4 else { return nil }
        return (0...(buffer.count - 4)).first { buffer[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }
    }

    private func fill(_ buffer: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffer += chunk[..<count]
        return true
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func clientHasLeft(waiting milliseconds: Int32) -> Bool {
        var waiter = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiter, 1, milliseconds) > 0 else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) <= 0
    }
}
