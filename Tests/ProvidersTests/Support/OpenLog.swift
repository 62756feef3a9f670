import SpillwayCore
import Synchronization

/// A journal in memory: what was about to be asked, and how it ended.
final class OpenLog: MutationLog {
    struct Entry: Sendable {
        var intent: Intent
        var outcome: Outcome?
    }

    private let log = Mutex<[Entry]>([])

    var entries: [Entry] { log.withLock { $0 } }
    var operations: [Intent.Operation] { entries.map(\.intent.operation) }

    func perform<Value: Sendable>(
        _ intent: Intent, _ call: @Sendable () async throws(ProviderError) -> (Value, Outcome)
    ) async throws(ProviderError) -> Value {
        let index = log.withLock { log in
            log.append(Entry(intent: intent))
            return log.count - 1
        }
        do throws(ProviderError) {
            let (value, outcome) = try await call()
            log.withLock { $0[index].outcome = outcome }
            return value
        } catch {
            let outcome = error.kind == .unknownOutcome ? Outcome.unknown(error: error) : .refused(error: error)
            log.withLock { $0[index].outcome = outcome }
            throw error
        }
    }
}
