import FoundationEssentials
import SpillwayCore
import SpillwayEngine

/// What `sweep --out` writes for a review and `--plan` then acts on, and on nothing else.
struct SweepPlan: Codable {
    var version = 1
    var owner: String
    var made: Timestamp
    /// What it was looked for with, and is again when it is acted on.
    var olderThan: Seconds?
    var orphansOf: String?
    var items: [SweepItem]

    private enum CodingKeys: String, CodingKey {
        case version, owner, made, items
        case olderThan = "older_than"
        case orphansOf = "orphans_of"
    }

    static func read(_ path: String, owner: String) throws(Diagnostic) -> SweepPlan {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Diagnostic(
                "plan.not-found", "There is no such plan", detail: "No file \(path).", remedy: "Write one:",
                command: "spillway sweep --out \(path)", exists: "Nothing was changed.", exit: .usage)
        }
        guard let plan = try? JSONDecoder().decode(SweepPlan.self, from: bytes), plan.version == 1 else {
            throw Diagnostic(
                "plan.damaged", "This is not a plan of this version",
                detail: "\(path) does not decode as a sweep plan.",
                remedy: "Write one:", command: "spillway sweep --out \(path)", exists: "Nothing was changed.",
                exit: .stalePlan)
        }
        guard plan.owner == owner else {
            throw stale("it is of the owner \(plan.owner); this one is \(owner)")
        }
        return plan
    }

    /// Those of `now` that were reviewed. Throws `plan.stale` (7) when one that was reviewed is still `there` and is no
    /// candidate for the same reason any more.
    func reviewed(_ now: [SweepItem], there: Set<ResourceID>) throws(Diagnostic) -> [SweepItem] {
        for item in items where there.contains(item.id) && !now.contains(where: { $0.isSame(as: item) }) {
            throw Self.stale("\(item.id) of \(item.burst) is no longer as it was reviewed (\(item.reason))")
        }
        return now.filter { one in items.contains { $0.isSame(as: one) } }
    }

    private static func stale(_ why: String) -> Diagnostic {
        Diagnostic(
            "plan.stale", "The plan is stale", detail: "Since it was made, something changed: \(why).",
            remedy: "Look again, and act on that:", command: "spillway sweep --out FILE",
            exists: "Nothing was changed.",
            exit: .stalePlan)
    }
}
