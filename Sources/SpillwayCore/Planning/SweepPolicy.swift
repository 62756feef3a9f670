/// Which resources a sweep may remove: an allow-list of what is wholly ours and either expired, or lost by the very
/// folder that is looking. Pure: the same listing, states and time give the same decision.
package struct SweepPolicy: Sendable {
    package struct Options: Sendable, Hashable {
        /// Only what was created longer ago than this.
        package var olderThan: Seconds?
        /// Unexpired resources of this state folder are orphans too: its owner says that the folder is lost.
        package var orphansOf: String?
        /// Everything of the owner, expired or not: `destroy --all`.
        package var everything: Bool

        package init(olderThan: Seconds? = nil, orphansOf: String? = nil, everything: Bool = false) {
            self.olderThan = olderThan
            self.orphansOf = orphansOf
            self.everything = everything
        }
    }

    /// What the folder that is looking knows. It is to be read after the listing: then a run that made something in
    /// the listing is in it, because its intent was written first.
    package struct Knowledge: Sendable {
        /// nil when there is no state folder here.
        package var stateID: String?
        package var bursts: [BurstState]
        /// Bursts whose state is there and cannot be read.
        package var unreadable: Set<String>

        package init(stateID: String?, bursts: [BurstState] = [], unreadable: Set<String> = []) {
            self.stateID = stateID
            self.bursts = bursts
            self.unreadable = unreadable
        }

        /// Whether this folder has a run under way that the tags belong to.
        package func isUnderWay(_ tags: ResourceTags) -> Bool {
            tags.stateID == stateID
                && bursts.contains { state in
                    state.burst == tags.burst && state.run?.id == tags.run && state.run?.phase != .ended
                }
        }
    }

    private let owner: String
    private let knowledge: Knowledge
    private let now: Timestamp
    private let options: Options

    package init(owner: String, knowledge: Knowledge, now: Timestamp, options: Options = Options()) {
        self.owner = owner
        self.knowledge = knowledge
        self.now = now
        self.options = options
    }

    /// `listed` is everything that was seen of the owner in every zone; what is not theirs or not well-formed is ignored.
    package func decide(_ listed: [CloudResource]) -> SweepDecision {
        var verdicts: [Verdict] = listed.compactMap { resource in
            guard let tags = resource.tags, tags.owner == owner, Self.isBurst(tags.burst) else { return nil }
            return Verdict(resource: resource, tags: tags, outcome: alone(resource, tags))
        }
        let going = Dictionary(
            verdicts.filter { $0.resource.id.kind == .server && $0.outcome.goes }.map { ($0.resource.id, $0) },
            uniquingKeysWith: { first, _ in first })
        let held = Set(
            verdicts.filter { $0.resource.id.kind == .server && !$0.outcome.goes }.flatMap(\.resource.holds))
        let freed = Dictionary(
            going.values.flatMap { server in server.resource.holds.map { ($0, server.tags) } },
            uniquingKeysWith: { first, _ in first })
        for index in verdicts.indices where verdicts[index].resource.id.kind != .server {
            verdicts[index].settle(going: going, held: held, freed: freed)
        }
        return decision(verdicts)
    }

    /// No spec can have another name: a tag that says otherwise was not written by us.
    private static func isBurst(_ name: String) -> Bool {
        guard let first = name.utf8.first, (97...122).contains(first), name.utf8.count <= 40 else { return false }
        return name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// The verdict on one resource by its own tags.
    private func alone(_ resource: CloudResource, _ tags: ResourceTags) -> Verdict.Outcome {
        if options.everything { return .go(.asked) }
        guard tags.expires >= now else { return oldEnough(resource, tags) ? .go(.expired) : .stay(.tooYoung) }
        if tags.stateID == knowledge.stateID {
            if knowledge.unreadable.contains(tags.burst) { return .stay(.stateUnreadable) }
            if knowledge.isUnderWay(tags) { return .stay(.underWay) }
        } else if tags.stateID != options.orphansOf {
            return .stay(.elsewhere)
        }
        return oldEnough(resource, tags) ? .go(.orphaned) : .stay(.tooYoung)
    }

    /// What tells its age neither by itself nor by its run counts as young.
    private func oldEnough(_ resource: CloudResource, _ tags: ResourceTags) -> Bool {
        guard let least = options.olderThan else { return true }
        guard let created = resource.created ?? Timestamp(ofRun: tags.run) else { return false }
        return now - created > least
    }

    private func decision(_ verdicts: [Verdict]) -> SweepDecision {
        var decision = SweepDecision(candidates: [], kept: [])
        for verdict in verdicts {
            switch verdict.outcome {
            case .go(let reason):
                decision.candidates.append(
                    .init(resource: verdict.resource, tags: verdict.tags, reason: reason))
            case .stay(let reason):
                decision.kept.append(
                    .init(
                        resource: verdict.resource, tags: verdict.tags, reason: reason,
                        overdue: verdict.tags.expires < now))
            }
        }
        decision.candidates.sort {
            ($1.resource.id.kind.rank, $0.resource.id.sortKey) < ($0.resource.id.kind.rank, $1.resource.id.sortKey)
        }
        decision.kept.sort { $0.resource.id.sortKey < $1.resource.id.sortKey }
        return decision
    }
}

/// One resource on its way to a decision.
private struct Verdict {
    enum Outcome {
        case go(SweepDecision.Candidate.Reason)
        case stay(SweepDecision.Kept.Reason)

        var goes: Bool {
            if case .go = self { true } else { false }
        }
    }

    let resource: CloudResource
    let tags: ResourceTags
    var outcome: Outcome

    /// What a server that stays holds, or one that nobody of ours knows, stays with it; what hangs on a server that
    /// goes, of the same run, goes too.
    mutating func settle(
        going: [ResourceID: Verdict], held: Set<ResourceID>, freed: [ResourceID: ResourceTags]
    ) {
        let holder = resource.attachedTo.map { ResourceID(.server, zone: resource.id.zone, id: $0) }
        let stranger = holder.map { going[$0] == nil } ?? false
        if outcome.goes, stranger || held.contains(resource.id) {
            outcome = .stay(.inUse)
            return
        }
        let parent = holder.flatMap { going[$0]?.tags } ?? freed[resource.id]
        guard !outcome.goes, let parent, !stranger, !held.contains(resource.id),
            parent.run == tags.run, parent.stateID == tags.stateID
        else { return }
        outcome = .go(.dependent)
    }
}

extension CloudResource {
    /// What a server has: volumes, addresses, the firewall in front of it.
    fileprivate var holds: [ResourceID] { volumes + addresses + [firewall].compactMap(\.self) }
}

extension Timestamp {
    /// When a run began, by its id: eight characters of seconds in Crockford's base 32. nil for an id not made by us.
    package init?(ofRun id: String) {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        guard id.utf8.count == 16 else { return nil }
        var seconds: Int64 = 0
        for byte in id.utf8 {
            guard alphabet.contains(byte) else { return nil }
        }
        for byte in id.utf8.prefix(8) {
            seconds = seconds << 5 | Int64(alphabet.firstIndex(of: byte) ?? 0)
        }
        self.init(seconds: seconds)
    }
}
