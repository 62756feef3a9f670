import SpillwayCore

/// Progress for a log or a pipe: one line for each thing that changes, and none that only says that time passes.
struct PlainProgress {
    private var waiting: String?
    private var quarter = 0
    private var transfer: ProgressState.Transfer?

    /// The line that `event` adds; nil when it brings nothing new.
    mutating func line(_ event: Event) -> String? {
        switch event {
        case .phase(let phase, .started, let detail):
            (waiting, quarter, transfer) = (nil, 0, nil)
            return "\(ProgressView.doing(phase))\(Self.tail(detail))"
        case .phase(let phase, let progress, let detail):
            let words = progress == .failed ? "\(ProgressView.doing(phase)) failed" : ProgressView.done(phase)
            let moved = transfer.map { ": \(Amounts.files($0.done.files)), \(Amounts.bytes($0.done.bytes))" } ?? ""
            transfer = nil
            return "\(words)\(moved)\(Self.tail(detail))"
        case .step(_, _, .started, _):
            return nil
        case .step(let address, let action, let progress, let detail):
            return "\(action.symbol) \(address) \(ProgressView.done(action, progress == .failed))\(Self.tail(detail))"
        case .waiting(let text):
            guard text != waiting, !text.isEmpty else { return nil }
            waiting = text
            return "waiting: \(Escaping.terminal(text))"
        case .transfer(let direction, let done, let total):
            return moved(direction, done, total)
        case .note(let text):
            return "note: \(Escaping.terminal(text))"
        case .output:
            return nil
        }
    }

    private mutating func moved(_ direction: Event.Direction, _ done: Transferred, _ total: Int64?) -> String? {
        if transfer?.direction != direction { quarter = 0 }
        transfer = ProgressState.Transfer(direction: direction, done: done, total: total, samples: [])
        guard let total, total > 0 else { return nil }
        let reached = Int(clamping: min(done.bytes, total) * 4 / total)
        guard reached > quarter, reached < 4 else { return nil }
        quarter = reached
        return "\(direction == .up ? "sent" : "received") \(Amounts.bytes(done.bytes)) of \(Amounts.bytes(total))"
    }

    private static func tail(_ detail: String) -> String {
        detail.isEmpty ? "" : ": \(Escaping.terminal(detail))"
    }
}
