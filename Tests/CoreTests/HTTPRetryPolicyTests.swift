import SpillwayCore
import Testing

@Suite struct HTTPRetryPolicyTests {
    static let kinds: [HTTPFailure.Kind] = [
        .resolve, .connect, .tls, .timeout, .cutOff, .bodyTooLarge, .insecureURL, .cancelled, .malformed, .other,
    ]

    static let results: [RetryPolicy.Result] =
        (100..<600).flatMap { status in
            [nil, .zero, .seconds(1), .seconds(100)].map { .answered(status: status, retryAfter: $0) }
        } + kinds.flatMap { kind in [true, false].map { .failed(kind, reachedServer: $0) } }

    /// Every result with every attempt, repeatable or not, at the ends and in the middle of chance.
    static func everyDecision(
        _ policy: RetryPolicy, _ check: (RetryPolicy.Result, Int, Bool, Double, Duration?) -> Void
    ) {
        for result in results {
            for attempt in 1...(policy.attempts + 2) {
                for repeatable in [true, false] {
                    for random in [0, 0.3, 0.999_999] {
                        let delay = policy.delay(
                            after: result, attempt: attempt, repeatable: repeatable, random: random)
                        check(result, attempt, repeatable, random, delay)
                    }
                }
            }
        }
    }

    @Test func `a create that may have been acted upon is never sent again`() {
        var decisions = 0
        Self.everyDecision(RetryPolicy()) { result, _, repeatable, _, delay in
            guard !repeatable, delay != nil else { return }
            decisions += 1
            switch result {
            case .answered(let status, _): #expect(status == 429)
            case .failed(_, let reachedServer): #expect(!reachedServer)
            }
        }
        #expect(decisions > 0)
    }

    @Test func `what is not repeatable is never repeated where the repeatable is not`() {
        let policy = RetryPolicy()
        Self.everyDecision(policy) { result, attempt, repeatable, random, delay in
            guard !repeatable, let delay else { return }
            #expect(policy.delay(after: result, attempt: attempt, repeatable: true, random: random) == delay)
        }
    }

    @Test func `the attempts are bounded`() {
        let policy = RetryPolicy(attempts: 3)
        Self.everyDecision(policy) { _, attempt, _, _, delay in
            if attempt >= 3 { #expect(delay == nil) }
        }
        #expect(
            policy.delay(after: .answered(status: 500, retryAfter: nil), attempt: 2, repeatable: true, random: 0) != nil
        )
    }

    @Test func `a wait lies between what the server asks and the ceiling, whichever is more`() {
        let policy = RetryPolicy(attempts: 100, ceiling: .seconds(5))
        Self.everyDecision(policy) { result, attempt, _, random, delay in
            guard let delay else { return }
            var floor = Duration.zero
            if case .answered(_, let retryAfter) = result { floor = retryAfter ?? .zero }
            #expect(delay >= floor)
            #expect(delay <= max(floor, .seconds(5)))
            #expect(delay <= max(floor, policy.base * (1 << min(attempt - 1, 16)) * random))
        }
    }

    @Test func `the wait grows with chance and with the attempt, up to the ceiling`() {
        let policy = RetryPolicy(attempts: 200)
        let failed = RetryPolicy.Result.failed(.timeout, reachedServer: true)
        for attempt in 1..<150 {
            let delays = stride(from: 0.0, to: 1, by: 0.05).compactMap {
                policy.delay(after: failed, attempt: attempt, repeatable: true, random: $0)
            }
            #expect(delays.count == 20)
            #expect(delays == delays.sorted())
            let now = policy.delay(after: failed, attempt: attempt, repeatable: true, random: 0.5) ?? .zero
            let next = policy.delay(after: failed, attempt: attempt + 1, repeatable: true, random: 0.5) ?? .zero
            #expect(now <= next)
            #expect(next <= policy.ceiling * 0.5)
        }
    }
}
