/// Whether and when to send the same request again: a pure decision with full jitter.
///
/// Reads and requests that name their target are `repeatable`; a create without an idempotency token never is, unless
/// the far side is known not to have seen it (429, connection refused).
package struct RetryPolicy: Sendable, Hashable {
    package var attempts: Int
    package var base: Duration
    package var ceiling: Duration

    package init(attempts: Int = 5, base: Duration = .milliseconds(250), ceiling: Duration = .seconds(20)) {
        self.attempts = attempts
        self.base = base
        self.ceiling = ceiling
    }

    package enum Result: Sendable, Hashable {
        case answered(status: Int, retryAfter: Duration?)
        case failed(HTTPFailure.Kind, reachedServer: Bool)
    }

    /// nil: give the result to the caller. `attempt` counts from 1; `random` is uniform in 0..<1.
    package func delay(after result: Result, attempt: Int, repeatable: Bool, random: Double) -> Duration? {
        guard attempt < attempts else { return nil }
        var floor = Duration.zero
        switch result {
        case .answered(429, let retryAfter):
            floor = retryAfter ?? .zero
        case .answered(let status, let retryAfter) where status >= 500 && status != 501:
            guard repeatable else { return nil }
            floor = retryAfter ?? .zero
        case .answered:
            return nil
        case .failed(let kind, let reachedServer):
            guard repeatable || !reachedServer else { return nil }
            switch kind {
            case .connect, .cutOff, .timeout, .resolve: break
            case .tls, .bodyTooLarge, .insecureURL, .cancelled, .malformed, .other: return nil
            }
        }
        let exponential = min(base * (1 << min(attempt - 1, 16)), ceiling)
        return max(floor, exponential * random)
    }
}
