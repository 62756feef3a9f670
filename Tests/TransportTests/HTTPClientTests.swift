import Glibc
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct HTTPClientTests {
    /// The failure of one request; nil (and an issue) when it was answered.
    static func failure(_ client: CurlHTTPClient, _ request: HTTPRequest) async -> HTTPFailure? {
        await #expect(throws: HTTPFailure.self) { try await client.send(request) }
    }

    static func raw(_ text: String) -> HTTPTestServer.Reply { .raw(Array(text.utf8)) }

    @Test(arguments: HTTPRequest.Method.allCases)
    func `method, path, headers and body arrive as given`(method: HTTPRequest.Method) async throws {
        let server = try HTTPTestServer { request in
            let type = request.headers["content-type"] ?? "none"
            let expect = request.headers["expect"] ?? "none"
            let body = String(decoding: request.body, as: UTF8.self)
            let token = request.headers["x-token"] ?? "none"
            let empty = request.headers["x-empty"] ?? "none"
            return .answer(
                200, body: "\(request.method) \(request.path) \(type) \(expect) \(token) '\(empty)' \(body)")
        }
        let body = method == .get ? nil : Array("{\"ä\":1}".utf8)
        let response = try await CurlHTTPClient().send(
            HTTPRequest(
                method, server.url + "/a/b?c=d%20e",
                headers: [.init("X-Token", "t: 1", isSecret: true), .init("X-Empty", "")],
                body: body))
        let text = method == .get ? "" : "{\"ä\":1}"
        #expect(response.status == 200)
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == "\(method.rawValue) /a/b?c=d%20e none none t: 1 '' \(text)")
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch])
    func `a change without a body says that it has none`(method: HTTPRequest.Method) async throws {
        let server = try HTTPTestServer { .answer(200, body: $0.headers["content-length"] ?? "missing") }
        let response = try await CurlHTTPClient().send(HTTPRequest(method, server.url))
        #expect(String(decoding: response.body, as: UTF8.self) == "0")
    }

    @Test func `a body of megabytes goes out at once and comes back whole`() async throws {
        let server = try HTTPTestServer { .answer(200, body: String(decoding: $0.body, as: UTF8.self)) }
        let body = (0..<3 << 20).map { UInt8(97 + $0 % 26) }
        let response = try await CurlHTTPClient().send(HTTPRequest(.post, server.url, body: body))
        #expect(response.body == body)
    }

    @Test(arguments: [200, 204, 301, 307, 401, 403, 404, 409, 429, 500, 503])
    func `every status is a result, a redirect included`(status: Int) async throws {
        let server = try HTTPTestServer { request in
            request.path == "/" ? .answer(status, headers: ["Location": "/elsewhere"]) : .answer(299)
        }
        let response = try await CurlHTTPClient().send(HTTPRequest(.get, server.url + "/"))
        #expect(response.status == status)
        #expect(response.header("Location") == "/elsewhere")
        #expect(server.counts.requests == 1)
    }

    @Test func `a web page instead of JSON is a result with its type`() async throws {
        let page = "<html><body>Bad gateway</body></html>"
        let server = try HTTPTestServer { _ in .answer(502, headers: ["Content-Type": "text/html"], body: page) }
        let response = try await CurlHTTPClient().send(HTTPRequest(.get, server.url))
        #expect(response.status == 502)
        #expect(response.header("content-type") == "text/html")
        #expect(String(decoding: response.body, as: UTF8.self) == page)
    }

    @Test func `headers of the final answer come in lower case and in order, repeated ones too`() async throws {
        let server = try HTTPTestServer { _ in
            Self.raw(
                "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX-B:  two  \r\nx-a: 1\r\nX-B: 3:4\r\nContent-Length: 0\r\n\r\n"
            )
        }
        let response = try await CurlHTTPClient().send(HTTPRequest(.get, server.url))
        #expect(response.headers.map(\.name) == ["x-b", "x-a", "x-b", "content-length"])
        #expect(response.headers.map(\.value) == ["two", "1", "3:4", "0"])
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", "", "HTTP/1.1 200 OK\r\nConte",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ])
    func `an answer that breaks off is a cut-off that may have acted`(reply: String) async throws {
        let server = try HTTPTestServer { _ in Self.raw(reply) }
        let failure = await Self.failure(CurlHTTPClient(), HTTPRequest(.post, server.url, body: [1]))
        #expect(failure?.kind == .cutOff)
        #expect(failure?.reachedServer == true)
        #expect(server.counts.requests == 1)
    }

    @Test(arguments: ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "headers without an end"])
    func `what is not HTTP is malformed, never an answer`(reply: String) async throws {
        let line = "A: \(String(repeating: "x", count: 90_000))\r\n"
        let endless = "HTTP/1.1 200 OK\r\n" + line + line + line + "\r\n"
        let server = try HTTPTestServer { _ in Self.raw(reply.hasPrefix("SSH") ? reply : endless) }
        let failure = await Self.failure(CurlHTTPClient(), HTTPRequest(.post, server.url))
        #expect(failure?.kind == .malformed)
        #expect(failure?.reachedServer == true)
    }

    @Test func `a body at the cap is read and a byte more is refused`() async throws {
        let server = try HTTPTestServer {
            .answer(200, body: String(repeating: "x", count: Int($0.path.dropFirst()) ?? 0))
        }
        var options = CurlHTTPClient.Options()
        options.maxBodyBytes = 100_000
        let client = CurlHTTPClient(options: options)
        let response = try await client.send(HTTPRequest(.get, server.url + "/100000"))
        #expect(response.body.count == 100_000)
        let failure = await Self.failure(client, HTTPRequest(.get, server.url + "/100001"))
        #expect(failure?.kind == .bodyTooLarge)
        #expect(failure?.reachedServer == true)
        #expect(try await client.send(HTTPRequest(.get, server.url + "/7")).body.count == 7)
    }

    @Test func `an answer in slow pieces is put together`() async throws {
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n".utf8)
        let server = try HTTPTestServer { _ in
            .drip([head, [97, 98], [99, 100], [101, 102]], pause: 0.02)
        }
        let response = try await CurlHTTPClient().send(HTTPRequest(.get, server.url))
        #expect(String(decoding: response.body, as: UTF8.self) == "abcdef")
    }

    @Test func `no answer within the timeout may have acted`() async throws {
        let server = try HTTPTestServer { _ in .silence }
        let failure = await Self.failure(
            CurlHTTPClient(), HTTPRequest(.post, server.url, timeout: .milliseconds(300)))
        #expect(failure?.kind == .timeout)
        // On a machine so busy that the request did not leave in time, the failure says so.
        #expect(failure?.reachedServer == (server.counts.requests == 1))
        #expect(await eventually { server.counts.open == 0 })
    }

    @Test func `no time at all is a timeout that sends nothing`() async throws {
        let server = try HTTPTestServer { _ in .answer(200) }
        let failure = await Self.failure(CurlHTTPClient(), HTTPRequest(.post, server.url, timeout: .zero))
        #expect(failure?.kind == .timeout)
        #expect(failure?.reachedServer == false)
        #expect(server.counts.accepted == 0)
    }

    @Test func `a refused connection is certain not to have acted`() async throws {
        let closed = try HTTPClosedPort()
        let failure = await Self.failure(CurlHTTPClient(), HTTPRequest(.post, "http://127.0.0.1:\(closed.port)/"))
        #expect(failure?.kind == .connect)
        #expect(failure?.reachedServer == false)
        #expect(failure?.detail == "no connection to 127.0.0.1:\(closed.port): Connection refused")
    }

    @Test func `a connection that never comes about is certain not to have acted`() async throws {
        let closed = try HTTPClosedPort(.ignoring)
        var options = CurlHTTPClient.Options()
        options.connectTimeout = .milliseconds(200)
        let request = HTTPRequest(.post, "http://127.0.0.1:\(closed.port)/", timeout: .seconds(600))
        let failure = await Self.failure(CurlHTTPClient(options: options), request)
        #expect(failure?.kind == .timeout)
        #expect(failure?.reachedServer == false)
        #expect(failure?.detail == "no connection to 127.0.0.1:\(closed.port) within 0.2 seconds")
    }

    /// With a proxy, names are its business.
    static let hasProxy = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].contains { (name: String) in
        getenv(name) != nil
    }

    @Test(.disabled(if: hasProxy))
    func `a name that cannot be resolved is certain not to have acted`() async {
        let label = String(repeating: "x", count: 64)
        let failure = await Self.failure(CurlHTTPClient(), HTTPRequest(.post, "https://\(label).invalid/"))
        #expect(failure?.kind == .resolve)
        #expect(failure?.reachedServer == false)
    }

    @Test(arguments: [
        ("http://example.com/", HTTPFailure.Kind.insecureURL), ("http://10.0.0.1/", .insecureURL),
        ("http://128.0.0.1/", .insecureURL), ("http://0/", .insecureURL), ("http://[::2]/", .insecureURL),
        ("http://[::ffff:127.0.0.1]/", .insecureURL), ("http://localhost.example.com/", .insecureURL),
        ("http://127.0.0.1.example.com/", .insecureURL), ("http://127.0.0.1@example.com/", .insecureURL),
        ("http://user:secret@127.0.0.1/", .insecureURL), ("https://user@example.com/", .insecureURL),
        ("ftp://127.0.0.1/", .insecureURL), ("file:///etc/passwd", .insecureURL), ("127.0.0.1/", .malformed),
        ("", .malformed), ("http://", .malformed), ("http://127.0.0.1/ x", .malformed),
        ("http://127.0.0.1/\u{0}", .malformed), ("http://127.0.0.1/\r\nHost: x", .malformed),
    ])
    func `a URL that must not be contacted is refused before anything is sent`(
        url: String, kind: HTTPFailure.Kind
    ) async {
        let failure = await Self.failure(CurlHTTPClient(), HTTPRequest(.post, url))
        #expect(failure?.kind == kind)
        #expect(failure?.reachedServer == false)
        #expect(failure?.detail.contains("secret") == false)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "LocalHost", "127.1", "0x7f000001"])
    func `plain http to this machine is spoken, however it is written`(host: String) async throws {
        let server = try HTTPTestServer { _ in .answer(200) }
        let response = try await CurlHTTPClient().send(HTTPRequest(.get, "http://\(host):\(server.port)/"))
        #expect(response.status == 200)
    }

    @Test(arguments: [("X-A", "1\r\nX-B: 2"), ("X-A", "\u{0}"), ("X A", "1"), ("X:A", "1"), ("", "1"), ("X-Ä", "1")])
    func `a header that would smuggle another is refused`(name: String, value: String) async throws {
        let server = try HTTPTestServer { _ in .answer(200) }
        let failure = await Self.failure(CurlHTTPClient(), HTTPRequest(.get, server.url, headers: [.init(name, value)]))
        #expect(failure?.kind == .malformed)
        #expect(server.counts.accepted == 0)
    }
}
