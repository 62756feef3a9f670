import SpillwayCore

/// What a sweep found and what it leaves, as people and as programs read it. Text of others in it is escaped.
struct SweepView {
    let owner: String
    let found: [SweepItem]
    let kept: [SweepItem]

    var text: String {
        var lines: [String] = []
        if found.isEmpty {
            lines.append("Nothing of \(Escaping.terminal(owner)) is to be removed.")
        } else {
            lines += Self.table(found)
            lines += ["", "To remove: \(found.sentence)."]
        }
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

    func ending(_ outcome: SweepOutcome, at now: Timestamp) -> String {
        outcome.removed.isEmpty
            ? "Nothing was removed." : "Removed, verified gone at \(now): \(outcome.removed.sentence)."
    }

    func document(_ outcome: SweepOutcome?) -> Document {
        Document(
            owner: owner, applied: outcome != nil, found: found, kept: kept, removed: outcome?.removed,
            left: outcome?.left, perHour: (outcome?.left ?? found).hourly)
    }

    struct Document: Encodable {
        var owner: String
        var applied: Bool
        var found: [SweepItem]
        var kept: [SweepItem]
        var removed: [SweepItem]?
        var left: [SweepItem]?
        /// Of what was found; after removing, of what is left.
        var perHour: [Money]

        private enum CodingKeys: String, CodingKey {
            case owner, applied, found, kept, removed, left
            case perHour = "per_hour"
        }
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
