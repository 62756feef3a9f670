import SpillwayCore
import Synchronization
import Testing

@Suite struct HTTPRetryTests {
    typealias Answer = Result<HTTPResponse, HTTPFailure>

    /// Gives the answers in order, the last one for ever.
    final class Script: HTTPClient {
        let answers: [Answer]
        let asked = Mutex(0)

        init(_ answers: [Answer]) { self.answers = answers }

        func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
            let index = asked.withLock { asked in
                defer { asked += 1 }
                return min(asked, answers.count - 1)
            }
            return try answers[index].get()
        }
    }

    /// Remembers what it was asked to wait, and does not.
    final class Waits: Sendable {
        let all = Mutex<[Duration]>([])
    }

    static func status(_ status: Int, _ headers: (String, String)...) -> Answer {
        .success(HTTPResponse(status: status, headers: headers.map { .init($0.0, $0.1) }))
    }

    static func failed(_ kind: HTTPFailure.Kind, reached: Bool) -> Answer {
        .failure(HTTPFailure(kind, reachedServer: reached, detail: "\(kind)"))
    }

    func run(
        _ answers: [Answer], repeatable: Bool, isFinal: (HTTPResponse) -> Bool = { _ in false }
    ) async -> (answer: Answer, asked: Int, waits: [Duration]) {
        let script = Script(answers)
        let waits = Waits()
        let retrying = RetryingHTTP(
            client: script, sleep: { wait in waits.all.withLock { $0.append(wait) } }, random: { 0.5 })
        let answer: Answer
        do throws(HTTPFailure) {
            answer = .success(
                try await retrying.send(HTTPRequest(.post, "https://h/"), repeatable: repeatable, isFinal: isFinal))
        } catch {
            answer = .failure(error)
        }
        return (answer, script.asked.withLock { $0 }, waits.all.withLock { $0 })
    }

    @Test(arguments: [
        (status(200), true, 1), (status(404), true, 1), (status(501), true, 1), (status(409), false, 1),
        (status(500), true, 2), (status(503), true, 2), (status(504), true, 2),
        (status(500), false, 1), (status(503), false, 1), (status(429), true, 2), (status(429), false, 2),
        (failed(.connect, reached: false), false, 2), (failed(.resolve, reached: false), false, 2),
        (failed(.timeout, reached: false), false, 2), (failed(.timeout, reached: true), false, 1),
        (failed(.cutOff, reached: true), false, 1), (failed(.timeout, reached: true), true, 2),
        (failed(.cutOff, reached: true), true, 2), (failed(.tls, reached: false), true, 1),
        (failed(.insecureURL, reached: false), true, 1), (failed(.malformed, reached: true), true, 1),
        (failed(.bodyTooLarge, reached: true), true, 1), (failed(.cancelled, reached: false), true, 1),
    ])
    func `what is sent again, and what is not`(first: Answer, repeatable: Bool, asked: Int) async {
        let ran = await run([first, Self.status(299)], repeatable: repeatable)
        #expect(ran.asked == asked)
        #expect(ran.answer == (asked == 2 ? Self.status(299) : first))
        #expect(ran.waits.count == asked - 1)
    }

    @Test func `the last answer comes back after five attempts, with growing waits between`() async {
        let ran = await run([Self.status(500)], repeatable: true)
        #expect(ran.answer == Self.status(500))
        #expect(ran.asked == 5)
        #expect(ran.waits == [125, 250, 500, 1000].map { .milliseconds($0) })
    }

    @Test func `an answer named final is not waited out`() async {
        let ran = await run([Self.status(503), Self.status(200)], repeatable: true) { $0.status == 503 }
        #expect(ran.answer == Self.status(503))
        #expect(ran.asked == 1)
    }

    @Test func `an earlier attempt that may have acted is not forgotten by a later one that did not`() async {
        let ran = await run(
            [Self.failed(.timeout, reached: true), Self.failed(.connect, reached: false)], repeatable: true)
        #expect(ran.asked == 5)
        #expect(ran.answer == Self.failed(.connect, reached: true))
    }

    @Test func `throttling alone leaves nothing done`() async {
        let ran = await run([Self.status(429), Self.failed(.tls, reached: false)], repeatable: false)
        #expect(ran.answer == Self.failed(.tls, reached: false))
    }

    @Test(arguments: [true, false])
    func `a cancellation while waiting says whether an attempt may have acted`(reached: Bool) async {
        let script = Script([reached ? Self.failed(.cutOff, reached: true) : Self.status(429)])
        let retrying = RetryingHTTP(client: script, sleep: { _ in throw CancellationError() }, random: { 0 })
        let failure = await #expect(throws: HTTPFailure.self) {
            try await retrying.send(HTTPRequest(.put, "https://h/"), repeatable: true)
        }
        #expect(failure?.kind == .cancelled)
        #expect(failure?.reachedServer == reached)
        #expect(script.asked.withLock { $0 } == 1)
    }

    @Test func `a server's own wait is kept, unless it tries our patience`() async {
        let short = await run([Self.status(429, ("retry-after", "7")), Self.status(200)], repeatable: false)
        #expect(short.waits == [.seconds(7)])
        let long = await run([Self.status(429, ("retry-after", "86400")), Self.status(200)], repeatable: false)
        #expect(long.answer == Self.status(429, ("retry-after", "86400")))
        #expect(long.waits == [])
    }

    @Test(
        arguments: [
            ("7", nil, Duration.seconds(7)), ("0", nil, .zero), ("-1", nil, nil), ("soon", nil, nil),
            ("99999999999999999999", nil, nil), ("9223372036854775807", nil, .seconds(1 << 32)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", .seconds(30)),
            ("Sun, 06 Nov 1994 08:49:07 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", .zero),
            ("Sun, 06 Nov 1994 08:50:07 GMT", nil, nil),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", nil),
        ] as [(String, String?, Duration?)])
    func `a wait is read in seconds or as a date`(text: String, date: String?, wait: Duration?) {
        var response = HTTPResponse(status: 429, headers: [.init("retry-after", text)])
        if let date { response.headers.append(.init("date", date)) }
        #expect(response.retryAfter == wait)
    }
}
