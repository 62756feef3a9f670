package import SpillwayCore

/// What one look at one cloud showed, and what follows from it.
package struct SweepSight: Sendable {
    package var listing: SweepListing
    package var knowledge: SweepPolicy.Knowledge
    package var decision: SweepDecision
    package var at: Timestamp

    /// The prices that the run was begun at, where this folder knows it.
    package func rates(_ tags: ResourceTags) -> RunRates? {
        knowledge.bursts.first { $0.burst == tags.burst && $0.run?.id == tags.run }?.run?.rates
    }
}

extension SweepPolicy.Knowledge {
    /// Reads every burst of `folder`, without a lock; one that cannot be read hides none of the others.
    static func read(_ folder: StateFolder?) throws(Diagnostic) -> SweepPolicy.Knowledge {
        guard let folder else { return SweepPolicy.Knowledge(stateID: nil) }
        var knowledge = SweepPolicy.Knowledge(stateID: folder.id)
        for burst in try folder.bursts() {
            do {
                if let state = try FileStateStore(folder, burst: burst).load() { knowledge.bursts.append(state) }
            } catch {
                knowledge.unreadable.insert(burst)
            }
        }
        return knowledge
    }
}
