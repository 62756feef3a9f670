import SpillwayCore
import SpillwayEngine

/// How often a run may still be tried anew, and what its tries have cost so far: all of them share one cap.
struct Retrying: Sendable {
    private var left: Retries
    private(set) var tries = 1
    /// By the receipts of the runs before.
    private(set) var spent: Money?

    init(_ retries: Retries) { left = retries }

    /// Why the run should be tried once more; nil when it ended for good.
    mutating func reason(after ending: RunFlow.Ending?) -> String? {
        guard case .done(let outcome, let receipt) = ending else { return nil }
        let taken = outcome.word == .preempted || outcome.word == .lost && receipt.run.isSpot ?? false
        if taken, left.preempted > 0 {
            left.preempted -= 1
        } else if outcome.word == .failed, left.job > 0 {
            left.job -= 1
        } else {
            return nil
        }
        tries += 1
        let total = receipt.charges.total
        spent = Money(micros: (spent?.micros ?? 0) + total.micros, currency: total.currency)
        return taken ? "The machine was taken back" : "The job failed"
    }
}
