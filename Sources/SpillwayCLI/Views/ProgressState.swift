import SpillwayCore

/// What a running command is doing, folded from its events. Pure: times come in with the events.
struct ProgressState {
    struct Phase: Hashable {
        var phase: Event.RunPhase
        var since: Duration
        var detail: String
    }

    struct Change: Hashable {
        var address: Step.Address
        var action: Step.Action
        var detail: String
        var since: Duration
    }

    struct Transfer: Hashable {
        var direction: Event.Direction
        var done: Transferred
        var total: Int64?
        /// Of the last seconds, oldest first.
        var samples: [Sample]

        struct Sample: Hashable {
            var at: Duration
            var bytes: Int64
        }

        var rate: (bytes: Int64, span: Duration)? {
            guard let first = samples.first, let last = samples.last, last.at > first.at else { return nil }
            return (last.bytes - first.bytes, last.at - first.at)
        }

        /// How long the rest takes at the present rate.
        var left: Duration? {
            guard let total, let rate, rate.bytes > 0, total > done.bytes else { return nil }
            let millis = Int128(total - done.bytes) * Int128(Amounts.milliseconds(rate.span)) / Int128(rate.bytes)
            return .milliseconds(Int64(clamping: millis))
        }
    }

    /// Something that happened and stays on the screen.
    enum Fact: Hashable {
        case change(Change, took: Duration, failed: Bool)
        case phase(Event.RunPhase, took: Duration, failed: Bool, detail: String, Transfer?)
        case note(String)
    }

    private(set) var phase: Phase?
    private(set) var changes: [Change] = []
    private(set) var waiting: String?
    private(set) var transfer: Transfer?

    var isIdle: Bool { phase == nil && changes.isEmpty && waiting == nil && transfer == nil }

    /// Over how long a rate is measured.
    private static let window = Duration.seconds(5)

    /// Takes an event; returns the fact it brings, if it brings one.
    mutating func apply(_ event: Event, at now: Duration) -> Fact? {
        switch event {
        case .phase(let new, .started, let detail):
            phase = Phase(phase: new, since: now, detail: detail)
            (waiting, transfer) = (nil, nil)
            return nil
        case .phase(let ended, let progress, let detail):
            let took = now - (phase?.phase == ended ? phase?.since ?? now : now)
            let fact = Fact.phase(ended, took: took, failed: progress == .failed, detail: detail, transfer)
            (phase, waiting, transfer) = (nil, nil, nil)
            changes = []
            return fact
        case .step(let address, let action, .started, let detail):
            changes.removeAll { $0.address == address && $0.action == action }
            changes.append(Change(address: address, action: action, detail: detail, since: now))
            return nil
        case .step(let address, let action, let progress, let detail):
            let begun = changes.firstIndex { $0.address == address && $0.action == action }
            let since = begun.map { changes.remove(at: $0).since } ?? now
            let change = Change(address: address, action: action, detail: detail, since: since)
            return .change(change, took: now - since, failed: progress == .failed)
        case .waiting(let text):
            waiting = text.isEmpty ? nil : text
            return nil
        case .transfer(let direction, let done, let total):
            move(direction, done, total, now)
            return nil
        case .note(let text):
            return .note(text)
        case .output:
            waiting = nil
            return nil
        }
    }

    private mutating func move(_ direction: Event.Direction, _ done: Transferred, _ total: Int64?, _ now: Duration) {
        var samples = transfer?.direction == direction ? transfer?.samples ?? [] : []
        samples.append(Transfer.Sample(at: now, bytes: done.bytes))
        samples.removeAll { $0.at < now - Self.window }
        // Events may come by the thousand; a rate needs no more than a few of them.
        if samples.count > 60 { samples = samples.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element) }
        transfer = Transfer(direction: direction, done: done, total: total, samples: samples)
        waiting = nil
    }
}
