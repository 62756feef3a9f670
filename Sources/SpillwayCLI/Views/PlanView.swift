import SpillwayCore

/// A plan as people read it: each step with its why, the worst case with its lines, the hard stop, the counts.
///
/// Without clock, width or colour in it: the same plan gives the same bytes on every machine.
struct PlanView {
    let plan: Plan
    /// What each mapping of `files` ships and leaves out; nil where it was not looked at.
    var shipping: [String] = []
    /// The instant the hard stop falls on if power-on were now; never in an offline plan.
    var stopIfNow: Timestamp?
    var verb = "do"

    var text: String {
        var lines: [String] = []
        if plan.isEmpty {
            lines.append(
                plan.offer == nil
                    ? "Nothing of \(plan.burst) exists." : "No changes. \(plan.burst) is as its spec says.")
        } else {
            lines.append(
                verb == "do"
                    ? "Spillway will do this for burst \(plan.burst):"
                    : "Spillway will \(verb) this of burst \(plan.burst):")
            lines.append("")
            for step in plan.changes {
                lines.append("  \(step.action.symbol) \(step.address) in \(step.zone): \(Escaping.terminal(step.what))")
                lines.append("      \(Escaping.terminal(step.why))")
            }
        }
        lines += offers + cost
        lines += shipping.isEmpty ? [] : ["", "Files:"] + shipping.map { "  \($0)" }
        lines += plan.notes.isEmpty ? [] : [""] + plan.notes.map { "Note: \($0)" }
        lines += ["", plan.summary]
        return lines.joined(separator: "\n")
    }

    private var offers: [String] {
        guard plan.offer != nil, !plan.skipped.isEmpty || !plan.fallbacks.isEmpty else { return [] }
        return ["", "Offers:"]
            + plan.skipped.map { "  passed over  \($0)" }
            + plan.fallbacks.map { "  tried next   \($0.zone): \($0.type.name) at \($0.rates.server.perHour())/h" }
    }

    private var cost: [String] {
        guard let estimate = plan.estimate, let cap = plan.cap, let stop = plan.hardStop else { return [] }
        let width = estimate.lines.map(\.what.count).max() ?? 0
        var lines = ["", "Worst case, list prices without VAT:"]
        for line in estimate.lines {
            let what = line.what + String(repeating: " ", count: width - line.what.count)
            let rate = line.rate
            let unit = line.quantity > 1 ? "\(line.quantity) × " : ""
            let span = rate.isOnce ? "" : " per \(rate.base) for \(rate.billed(line.span))"
            lines.append(
                "  \(what)  \(line.cost)  = \(unit)\(Money.decimal(rate.nanos, places: 9)) \(rate.currency)\(span)"
                    + ", price of \(rate.source.date) (\(rate.source.name))")
        }
        lines.append("  \(estimate.total) of the cap of \(cap); \(estimate.hourly)/h while it runs")
        lines.append("Hard stop: \(stop) after power-on\(stopIfNow.map { ", \($0) if that were now" } ?? "")")
        return lines
    }
}

/// A plan for machines: `plan --json` and `--out`, sorted keys, one line.
struct PlanDocument: Codable {
    var plan: Plan
    var summary: Counts
    var digest: String

    struct Counts: Codable {
        var add: Int
        var change: Int
        var destroy: Int
    }

    /// `digest` is of the plan alone, so that it can be checked when the plan is applied.
    init(_ plan: Plan, digest: String) {
        self.plan = plan
        let (add, change, destroy) = plan.counts
        summary = Counts(add: add, change: change, destroy: destroy)
        self.digest = digest
    }
}
