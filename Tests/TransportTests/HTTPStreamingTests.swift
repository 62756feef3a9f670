import SpillwayCore
import SpillwayTransport
import Synchronization
import TestSupport
import Testing

@Suite struct HTTPStreamingTests {
    private final class Heap: Sendable {
        let bytes = Mutex<[UInt8]>([])
        let pieces = Mutex(0)

        func take(_ piece: [UInt8]) -> Int {
            pieces.withLock { $0 += 1 }
            return bytes.withLock { bytes in
                bytes += piece
                return bytes.count
            }
        }
    }

    private static let body = String(repeating: "0123456789abcdef", count: 1 << 16)

    @Test func `a large body comes piece by piece, in order, beyond what an answer may hold`() async throws {
        let server = try HTTPTestServer { _ in .answer(200, body: Self.body) }
        let heap = Heap()
        let client = CurlHTTPClient(options: .init(maxBodyBytes: 100))
        let answer = try await client.stream(HTTPRequest(.get, server.url)) { piece in
            _ = heap.take(piece)
            return true
        }
        #expect(answer.status == 200 && answer.body.isEmpty)
        #expect(heap.bytes.withLock { $0 } == Array(Self.body.utf8))
        #expect(heap.pieces.withLock { $0 } > 1)
    }

    @Test func `who has enough ends the transfer well, and the client goes on`() async throws {
        let server = try HTTPTestServer { request in .answer(200, body: request.path == "/" ? Self.body : "small") }
        let heap = Heap()
        let client = CurlHTTPClient()
        let answer = try await client.stream(HTTPRequest(.get, server.url + "/")) { heap.take($0) < 1000 }
        #expect(answer.status == 200)
        #expect(heap.bytes.withLock { $0.count } < Self.body.utf8.count)
        let next = try await client.send(HTTPRequest(.get, server.url + "/next"))
        #expect(next.body == Array("small".utf8))
    }

    @Test func `an answer that is none of the 2xx is given back whole, and nothing of it is streamed`() async throws {
        let server = try HTTPTestServer { _ in .answer(404, body: "no such list") }
        let answer = try await CurlHTTPClient().stream(HTTPRequest(.get, server.url)) { _ in
            Issue.record("the body of a 404 is no part of what was asked for")
            return true
        }
        #expect(answer.status == 404 && answer.body == Array("no such list".utf8))
    }

    @Test func `a body that is cut off is a failure`() async throws {
        let server = try HTTPTestServer { _ in
            .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".utf8))
        }
        let failure = await #expect(throws: HTTPFailure.self) {
            _ = try await CurlHTTPClient().stream(HTTPRequest(.get, server.url)) { _ in true }
        }
        #expect(failure?.kind == .cutOff)
    }
}
