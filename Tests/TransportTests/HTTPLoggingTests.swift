import SpillwayCore
import SpillwayTransport
import Synchronization
import Testing

@Suite struct HTTPLoggingTests {
    struct Fixed: HTTPClient {
        let answer: Result<HTTPResponse, HTTPFailure>

        func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse { try answer.get() }
    }

    /// A clock that goes on by 17 ms with every look, and the lines written.
    final class Log: Sendable {
        let looks = Mutex(0)
        let lines = Mutex<[String]>([])

        func client(_ answer: Result<HTTPResponse, HTTPFailure>, secrets: [String] = [], limit: Int = 4096)
            -> LoggingHTTPClient
        {
            LoggingHTTPClient(
                Fixed(answer: answer), redaction: Redaction(secrets: secrets), maxBodyBytes: limit,
                now: {
                    self.looks.withLock { looks in
                        looks += 1
                        return .milliseconds(17 * looks)
                    }
                },
                write: { line in self.lines.withLock { $0.append(line) } })
        }

        var written: [String] { lines.withLock { $0 } }
    }

    @Test func `an exchange is told line by line, its secrets masked`() async throws {
        let log = Log()
        let response = HTTPResponse(
            status: 201, headers: [.init("set-cookie", "session=abc"), .init("x-echo", "the s3cr3t-value!")],
            body: Array("{\"token\":\"s3cr3t-value!\"}".utf8))
        let client = log.client(.success(response), secrets: ["s3cr3t-value!", "p\"w/word"])
        let request = HTTPRequest(
            .post, "https://api.example/a?key=p%22w%2Fword&X-Amz-Signature=0123abcd&b=1",
            headers: [
                .init("X-Own", "hush", isSecret: true), .init("x-auth-token", "t"), .init("AUTHORIZATION", "AWS4 …"),
                .init("Accept", "*/*"),
            ],
            body: Array("{\"p\":\"p\\\"w/word\"}".utf8))
        #expect(try await client.send(request) == response)
        #expect(
            log.written == [
                "http 1 > POST https://api.example/a?key=[secret]&X-Amz-Signature=[secret]&b=1",
                "http 1 > X-Own: [secret]",
                "http 1 > x-auth-token: [secret]",
                "http 1 > AUTHORIZATION: [secret]",
                "http 1 > Accept: */*",
                "http 1 > {\"p\":\"[secret]\"}",
                "http 1 < 201 17 ms",
                "http 1 < set-cookie: [secret]",
                "http 1 < x-echo: the [secret]",
                "http 1 < {\"token\":\"[secret]\"}",
            ])
    }

    @Test func `a failure is told with what may have happened, and passed on`() async {
        let log = Log()
        let failure = HTTPFailure(.cutOff, reachedServer: true, detail: "h closed after hunter22hunter22")
        let client = log.client(.failure(failure), secrets: ["hunter22hunter22"])
        await #expect(throws: failure) { try await client.send(HTTPRequest(.delete, "https://h/")) }
        #expect(
            log.written == [
                "http 1 > DELETE https://h/",
                "http 1 ! cutOff 17 ms, the server may have acted: h closed after [secret]",
            ])
    }

    @Test func `exchanges are numbered`() async throws {
        let log = Log()
        let client = log.client(.success(HTTPResponse(status: 204)))
        for _ in 0..<3 { _ = try await client.send(HTTPRequest(.get, "https://h/")) }
        #expect(log.written.filter { $0.contains("<") } == (1...3).map { "http \($0) < 204 17 ms" })
    }

    @Test func `a long body is masked first and cut then`() {
        let redaction = Redaction(secrets: ["0123456789abcdef"])
        let body = Array("aaaa0123456789abcdefbbbb".utf8)
        for limit in 0...30 {
            let shown = redaction.body(body, limit: limit)
            #expect(!shown.contains("0123"))
            #expect(shown.hasPrefix(String("aaaa[secret]bbbb".prefix(limit))))
            #expect(shown.hasSuffix("… (24 bytes)") == (limit < 16))
        }
        #expect(redaction.body(Array("ääää".utf8), limit: 3) == "ä… (8 bytes)")
        #expect(redaction.body([0xFF, 0xFE], limit: 10) == "(2 bytes, not text)")
    }

    @Test func `a private key never shows, known or not, whole or not`() {
        let redaction = Redaction()
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----"
        #expect(
            redaction.text("a\n\(key)\nb\n\(key) c")
                == "a\\n-----BEGIN OPENSSH PRIVATE KEY-----[secret]-----END OPENSSH PRIVATE KEY-----\\nb\\n"
                + "-----BEGIN OPENSSH PRIVATE KEY-----[secret]-----END OPENSSH PRIVATE KEY----- c")
        for count in 0...key.count {
            let shown = redaction.text(String(key.prefix(count)))
            #expect(!shown.contains("b3Bl"))
        }
    }

    @Test func `a secret shows in no spelling and next to nothing`() {
        let secret = "pä ss/w\"o\\rd+"
        let redaction = Redaction(secrets: [secret, secret + "-longer", "short"])
        let spellings = [secret, secret + "-longer", "p%C3%A4%20ss%2Fw%22o%5Crd%2B", "pä ss/w\\\"o\\\\rd+"]
        for spelling in spellings {
            #expect(redaction.text("<\(spelling)>") == "<[secret]>")
            // A combining mark makes one character of the end of the secret and itself.
            #expect(redaction.text("<\(spelling)\u{301}>") == "<[secret]\u{301}>")
        }
        #expect(redaction.text("a short text") == "a short text")
    }

    @Test func `what would steer a terminal is written out`() {
        #expect(Redaction().text("a\u{1B}[31m\r\nb\u{7}\tc") == "a\\u{1b}[31m\\r\\nb\\u{7}\\u{9}c")
    }
}
