import SpillwayCore

/// A plan for a pull request: a table, the worst case, and a first line by which a bot finds its own comment again.
///
/// Text of the user is escaped. Kept far below the 65,536 characters a comment may have.
struct PlanMarkdown {
    static let longest = 60_000
    let plan: Plan

    var text: String {
        let head = [
            "<!-- spillway-plan:\(plan.burst) -->", "### spillway plan `\(plan.burst)`", "", "**\(plan.summary)**", "",
        ]
        let foot = cost + notes
        var rows = plan.changes.map { step in
            "| `\(step.action.symbol)` | `\(step.address)` | \(step.zone) | \(Escaping.markdown(step.what)) | \(Escaping.markdown(step.why)) |"
        }
        let fixed = (head + foot).reduce(0) { $0 + $1.count + 1 }
        var used = fixed
        let fitting = rows.prefix { row in
            used += row.count + 1
            return used < Self.longest
        }
        if fitting.count < rows.count { rows = fitting + ["| | … | | \(rows.count - fitting.count) more | |"] }
        let header = ["| | resource | zone | what | why |", "|---|---|---|---|---|"]
        let table = rows.isEmpty ? ["Nothing to do."] : header + rows
        return (head + table + foot).joined(separator: "\n") + "\n"
    }

    private var cost: [String] {
        guard let estimate = plan.estimate, let cap = plan.cap, let stop = plan.hardStop else { return [] }
        let lines = estimate.lines.map { line in
            "| \(Escaping.markdown(line.what)) | \(line.cost) | \(line.rate.isOnce ? "once" : "\(line.rate.billed(line.span))") | \(line.rate.source.date) (\(line.rate.source.name)) |"
        }
        return ["", "| worst case | cost | billed | price of |", "|---|---|---|---|"] + lines + [
            "",
            "**\(estimate.total) of the cap of \(cap)**, \(estimate.hourly)/h while it runs. "
                + "Hard stop \(stop) after power-on.",
        ]
    }

    private var notes: [String] { plan.notes.isEmpty ? [] : [""] + plan.notes.map { "- \(Escaping.markdown($0))" } }
}
