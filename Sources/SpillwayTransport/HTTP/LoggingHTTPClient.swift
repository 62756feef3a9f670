package import SpillwayCore
internal import Synchronization

/// Tells every exchange to a closure, without its secrets; for `--debug-http`.
package final class LoggingHTTPClient: HTTPClient {
    private let client: any HTTPClient
    private let redaction: Redaction
    private let maxBodyBytes: Int
    private let now: @Sendable () -> Duration
    private let write: @Sendable (String) -> Void
    private let counter = Atomic(0)

    /// `now` is any clock that does not go back; `write` gets whole lines without their ends, from any thread.
    package init(
        _ client: any HTTPClient, redaction: Redaction, maxBodyBytes: Int = 4096,
        now: @escaping @Sendable () -> Duration, write: @escaping @Sendable (String) -> Void
    ) {
        self.client = client
        self.redaction = redaction
        self.maxBodyBytes = maxBodyBytes
        self.now = now
        self.write = write
    }

    package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let number = counter.add(1, ordering: .relaxed).newValue
        let start = now()
        tell(
            "http \(number) >", "\(request.method.rawValue) \(redaction.url(request.url))", request.headers,
            request.body)
        do throws(HTTPFailure) {
            let response = try await client.send(request)
            tell("http \(number) <", "\(response.status) \(elapsed(since: start))", response.headers, response.body)
            return response
        } catch {
            let reached = error.reachedServer ? "the server may have acted" : "nothing was sent"
            write(
                "http \(number) ! \(error.kind.rawValue) \(elapsed(since: start)), \(reached): \(redaction.text(error.detail))"
            )
            throw error
        }
    }

    private func tell(_ prefix: String, _ first: String, _ headers: [HTTPRequest.Header], _ body: [UInt8]?) {
        write("\(prefix) \(first)")
        for header in headers { write("\(prefix) \(redaction.text(header.name)): \(redaction.value(of: header))") }
        if let body, !body.isEmpty { write("\(prefix) \(redaction.body(body, limit: maxBodyBytes))") }
    }

    private func elapsed(since start: Duration) -> String {
        let (seconds, attoseconds) = (now() - start).components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000) ms"
    }
}
