package import SpillwayCore

/// The one owner of a burst's state while a command works: every change goes through its journal first.
///
/// It is also the ``MutationLog``: an intent is durable before its call starts. When the intent cannot be written the
/// call is not made; when the outcome cannot be written, the open intent stands for it and the next start looks.
package actor BurstJournal: MutationLog {
    package private(set) var state: BurstState
    private let store: any StateStore
    private let now: @Sendable () -> Timestamp
    private var dirty: Bool
    /// The first failure to write; from then on no mutating call is made.
    package private(set) var failure: Diagnostic?
    package private(set) var mutations = 0
    /// Asked to stop: no further mutating call is made, what is in flight is recorded.
    package private(set) var isHalted = false

    package init(state: BurstState, store: any StateStore, now: @escaping @Sendable () -> Timestamp) {
        self.state = state
        self.store = store
        self.now = now
        dirty = false
    }

    package func halt() { isHalted = true }

    /// Throws when writing failed or a stop was asked for: what every loop asks before it goes on.
    package func checkGoing() throws {
        if let failure { throw failure }
        if isHalted { throw Halted() }
    }

    /// Somebody asked to stop. The state says what exists.
    package struct Halted: Error {}

    /// Durable when this returns.
    @discardableResult
    package func record(_ change: JournalRecord.Change) throws(Diagnostic) -> Int {
        if let failure { throw failure }
        let record = JournalRecord(seq: state.journalSeq + 1, at: now(), change: change)
        do {
            try store.append(record)
        } catch {
            failure = error
            throw error
        }
        state.apply(record)
        dirty = true
        return record.seq
    }

    /// Folds the journal into a new snapshot; does nothing when nothing changed.
    package func snapshot() throws(Diagnostic) {
        guard dirty else { return }
        var next = state
        next.serial += 1
        try store.snapshot(next)
        state = next
        dirty = false
    }

    package func perform<Value: Sendable>(
        _ intent: Intent, _ call: @Sendable () async throws(ProviderError) -> (Value, Outcome)
    ) async throws(ProviderError) -> Value {
        guard !isHalted else {
            throw ProviderError(.cancelled, operation: intent.operation.rawValue, detail: "not asked: stopping")
        }
        let seq: Int
        do {
            seq = try record(.intent(intent))
        } catch {
            throw ProviderError(
                .cancelled, operation: intent.operation.rawValue,
                detail: "not asked, because the intent could not be written: \(error.detail)")
        }
        mutations += 1
        do {
            let (value, outcome) = try await call()
            settle(seq, outcome)
            return value
        } catch {
            settle(seq, error.kind == .unknownOutcome ? .unknown(error: error) : .refused(error: error))
            throw error
        }
    }

    /// A failure to write is kept in `failure`; the intent stays open on disk and is resolved by looking.
    private func settle(_ seq: Int, _ outcome: Outcome) {
        do {
            try record(.outcome(of: seq, outcome))
        } catch {
            failure = error
        }
    }
}
