import SpillwayCore

/// Progress as lines of text, for a terminal and for a log. Pure: the same state at the same time is the same text.
struct ProgressView {
    var style = Style.plain
    var unicode = true
    /// Rows that the changes in progress may take.
    var rows = 8

    /// The lines of the display that is redrawn in place.
    func live(_ state: ProgressState, at now: Duration) -> [String] {
        var lines: [String] = []
        if let phase = state.phase {
            let detail = phase.detail.isEmpty ? "" : " " + Escaping.terminal(phase.detail)
            lines.append(
                "\(style.cyan(spinner(now))) \(style.bold(Self.doing(phase.phase)))\(detail)"
                    + style.dim("  \(Amounts.span(now - phase.since))"))
        }
        for change in state.changes.prefix(rows) {
            let mark = state.phase == nil ? style.cyan(spinner(now)) : " "
            lines.append(
                "\(mark) \(change.action.symbol) \(change.address)  \(Escaping.terminal(change.detail))"
                    + style.dim("  \(Amounts.span(now - change.since))"))
        }
        if state.changes.count > rows { lines.append("    and \(state.changes.count - rows) more") }
        if let transfer = state.transfer { lines.append("  " + moving(transfer)) }
        if let waiting = state.waiting {
            let mark = lines.isEmpty ? style.cyan(spinner(now)) : " "
            lines.append("\(mark) \(style.dim("waiting: \(Escaping.terminal(waiting))"))")
        }
        return lines
    }

    /// What a fact leaves on the screen or in the log.
    func line(_ fact: ProgressState.Fact) -> String {
        switch fact {
        case .change(let change, let took, let failed):
            let detail = change.detail.isEmpty ? "" : "  \(Escaping.terminal(change.detail))"
            let time = style.dim("  \(Amounts.span(took))")
            return "\(mark(failed)) \(change.address) \(Self.done(change.action, failed))\(detail)\(time)"
        case .phase(let phase, let took, let failed, let detail, let transfer):
            let words = failed ? "\(Self.doing(phase)) failed" : Self.done(phase)
            let moved = transfer.map { "  \(Self.moved($0, took))" } ?? ""
            let detail = detail.isEmpty ? "" : "  \(Escaping.terminal(detail))"
            return "\(mark(failed)) \(style.bold(words))\(moved)\(detail)" + style.dim("  \(Amounts.span(took))")
        case .note(let text):
            return "\(style.yellow(unicode ? "•" : "*")) \(Escaping.terminal(text))"
        }
    }

    private func moving(_ transfer: ProgressState.Transfer) -> String {
        var parts = [Amounts.bytes(transfer.done.bytes)]
        if let total = transfer.total, total > 0 {
            let share = Int(clamping: min(transfer.done.bytes, total) * 100 / total)
            let full = share / 5
            let bar =
                String(repeating: unicode ? "█" : "#", count: full)
                + String(repeating: unicode ? "░" : ".", count: 20 - full)
            parts = [
                "\(bar) \(TextWidth.padded("\(share)%", to: 4, right: true))", parts[0] + " of \(Amounts.bytes(total))",
            ]
        }
        if transfer.done.files > 0 { parts.append(Amounts.files(transfer.done.files)) }
        if let rate = transfer.rate, let text = Amounts.rate(rate.bytes, over: rate.span) { parts.append(text) }
        if let left = transfer.left { parts.append("\(Amounts.span(left)) left") }
        return parts.joined(separator: "  ")
    }

    private func spinner(_ now: Duration) -> String {
        let frames = unicode ? ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] : ["|", "/", "-", "\\"]
        return frames[Int(max(0, Amounts.milliseconds(now)) / 100) % frames.count]
    }

    private func mark(_ failed: Bool) -> String {
        failed ? style.red(unicode ? "✗" : "x") : style.green(unicode ? "✓" : "+")
    }

    private static func moved(_ transfer: ProgressState.Transfer, _ took: Duration) -> String {
        let rate = Amounts.rate(transfer.done.bytes, over: took).map { ", \($0)" } ?? ""
        return "\(Amounts.files(transfer.done.files)), \(Amounts.bytes(transfer.done.bytes))\(rate)"
    }

    static func doing(_ phase: Event.RunPhase) -> String {
        switch phase {
        case .provision: "Provisioning"
        case .connect: "Connecting"
        case .ship: "Shipping"
        case .run: "Running"
        case .collect: "Collecting"
        case .destroy: "Tearing down"
        }
    }

    static func done(_ phase: Event.RunPhase) -> String {
        switch phase {
        case .provision: "Provisioned"
        case .connect: "Connected"
        case .ship: "Shipped"
        case .run: "Ran"
        case .collect: "Collected"
        case .destroy: "Torn down"
        }
    }

    static func done(_ action: Step.Action, _ failed: Bool) -> String {
        switch action {
        case .create: failed ? "was not created" : "created"
        case .update: failed ? "was not changed" : "changed"
        case .delete: failed ? "was not removed" : "verified gone"
        case .keep: "kept"
        }
    }
}
