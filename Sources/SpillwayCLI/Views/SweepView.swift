import SpillwayCore
import SpillwayEngine

/// What a sweep found and what it leaves, as people and as programs read it. Text of others in it is escaped.
struct SweepView {
    let owner: String
    let found: [SweepItem]
    let kept: [SweepItem]
    var fates: [ResultsFate] = []

    var text: String {
        var lines: [String] = []
        if found.isEmpty {
            lines.append("Nothing of \(Escaping.terminal(owner)) is to be removed.")
        } else {
            lines += Self.table(found)
            lines += ["", "To remove: \(found.sentence)."]
        }
        lines += fates.map(Self.words)
        for (reason, items) in Dictionary(grouping: kept, by: \.reason).sorted(by: { $0.key < $1.key }) {
            let names = Set(items.map { "\($0.burst) of state folder \($0.stateID)" }).sorted()
            let until = items.map(\.expires).max().map { ", until \($0)" } ?? ""
            lines.append(
                "Left alone, \(Self.words(reason)): \(items.sentence): "
                    + names.map(Escaping.terminal).joined(separator: ", ") + until + ".")
        }
        return lines.joined(separator: "\n")
    }

    static func table(_ items: [SweepItem]) -> [String] {
        TableView(
            columns: [
                .init("RESOURCE"), .init("BURST"), .init("EXPIRES"), .init("WHY"), .init("PER HOUR", right: true),
            ],
            rows: items.map { item in
                [
                    "\(item.provider.rawValue) \(item.id)", item.burst, item.expires.description, item.reason,
                    item.perHour.map { "\($0)" } ?? "",
                ]
            }
        ).lines()
    }

    private static func words(_ fate: ResultsFate) -> String {
        let run = "run \(Escaping.terminal(fate.run)) of \(Escaping.terminal(fate.burst))"
        guard let lost = fate.lost else { return "Fetched and verified first: the results of \(run)." }
        return "Lost with its machines: whatever \(run) made and nobody fetched (\(Escaping.terminal(lost)))."
    }

    func ending(_ outcome: SweepOutcome, at now: Timestamp) -> String {
        let runs = outcome.finished.map { run in
            "\(run.burst): run \(run.run) is over, \(run.outcome)"
                + (run.missing.isEmpty ? ", its results are here." : ".")
        }
        let removed =
            outcome.removed.isEmpty
            ? "Nothing was removed." : "Removed, verified gone at \(now): \(outcome.removed.sentence)."
        return (runs + [removed]).joined(separator: "\n")
    }

    func document(_ outcome: SweepOutcome?) -> Document {
        Document(
            owner: owner, applied: outcome != nil, found: found, kept: kept, removed: outcome?.removed,
            left: outcome?.left, results: fates.map { Results(burst: $0.burst, run: $0.run, lost: $0.lost) },
            finished: outcome?.finished, stopped: outcome?.isStopped, perHour: (outcome?.left ?? found).hourly)
    }

    struct Document: Encodable {
        var owner: String
        var applied: Bool
        var found: [SweepItem]
        var kept: [SweepItem]
        var removed: [SweepItem]?
        var left: [SweepItem]?
        /// Of the runs whose machines were found: fetched first, or lost and why.
        var results: [Results]
        var finished: [SweepOutcome.Finished]?
        var stopped: Bool?
        /// Of what was found; after removing, of what is left.
        var perHour: [Money]

        private enum CodingKeys: String, CodingKey {
            case owner, applied, found, kept, removed, left, results, finished, stopped
            case perHour = "per_hour"
        }
    }

    struct Results: Encodable {
        var burst: String
        var run: String
        /// nil: fetched and verified first.
        var lost: String?
    }

    private static func words(_ reason: String) -> String {
        switch SweepDecision.Kept.Reason(rawValue: reason) {
        case .underWay: "under way here"
        case .elsewhere: "not expired and of another state folder"
        case .tooYoung: "younger than --older-than"
        case .inUse: "held by a server that stays"
        case .stateUnreadable: "with a state that cannot be read"
        case nil: Escaping.terminal(reason)
        }
    }
}
