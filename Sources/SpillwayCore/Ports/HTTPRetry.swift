/// Sends a request again while ``RetryPolicy`` says so; waiting and chance come from outside.
package struct RetryingHTTP: Sendable {
    package let client: any HTTPClient
    package let policy: RetryPolicy
    /// A server that asks for a longer wait is not waited for: the caller gets its answer instead.
    package let patience: Duration
    package let sleep: @Sendable (Duration) async throws -> Void
    /// Uniform in 0..<1.
    package let random: @Sendable () -> Double

    package init(
        client: any HTTPClient, policy: RetryPolicy = RetryPolicy(), patience: Duration = .seconds(60),
        sleep: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double
    ) {
        self.client = client
        self.policy = policy
        self.patience = patience
        self.sleep = sleep
        self.random = random
    }

    /// The last answer, whatever its status; throws the last failure.
    ///
    /// `repeatable` says that sending twice is as good as sending once. `isFinal` keeps an answer from being waited out,
    /// such as a lack of stock told as a 503. `reachedServer` of what is thrown covers every attempt, not the last alone.
    package func send(
        _ request: HTTPRequest, repeatable: Bool, isFinal: (HTTPResponse) -> Bool = { _ in false }
    ) async throws(HTTPFailure) -> HTTPResponse {
        var reachedServer = false
        var attempt = 1
        while true {
            let answer = await result(of: request)
            switch answer {
            case .success(let response) where isFinal(response): return response
            case .success(let response): reachedServer = reachedServer || response.status != 429
            case .failure(let failure): reachedServer = reachedServer || failure.reachedServer
            }
            let delay = policy.delay(
                after: Self.outcome(answer), attempt: attempt, repeatable: repeatable, random: random())
            guard let delay, delay <= patience else {
                do throws(HTTPFailure) {
                    return try answer.get()
                } catch {
                    throw HTTPFailure(error.kind, reachedServer: reachedServer, detail: error.detail)
                }
            }
            do {
                try await sleep(delay)
            } catch {
                throw HTTPFailure(
                    .cancelled, reachedServer: reachedServer, detail: "cancelled while waiting to send again")
            }
            attempt += 1
        }
    }

    private func result(of request: HTTPRequest) async -> Result<HTTPResponse, HTTPFailure> {
        do throws(HTTPFailure) {
            return .success(try await client.send(request))
        } catch {
            return .failure(error)
        }
    }

    private static func outcome(_ answer: Result<HTTPResponse, HTTPFailure>) -> RetryPolicy.Result {
        switch answer {
        case .success(let response): .answered(status: response.status, retryAfter: response.retryAfter)
        case .failure(let failure): .failed(failure.kind, reachedServer: failure.reachedServer)
        }
    }
}

extension HTTPResponse {
    /// How long the server asks to wait: seconds, or a date read against the server's own `Date`; nil when it does not
    /// say, or says it in another form.
    package var retryAfter: Duration? {
        guard let text = header("retry-after") else { return nil }
        if let seconds = Int64(text) { return seconds < 0 ? nil : .seconds(min(seconds, 1 << 32)) }
        guard let until = Timestamp(httpDate: text), let now = header("date").flatMap({ Timestamp(httpDate: $0) })
        else {
            return nil
        }
        return .seconds(max(0, (until - now).count))
    }
}

extension Timestamp {
    /// The one form that HTTP servers must write: "Sun, 06 Nov 1994 08:49:37 GMT"; nil for anything else.
    package init?(httpDate text: String) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        self.init(rfc3339: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }
}
