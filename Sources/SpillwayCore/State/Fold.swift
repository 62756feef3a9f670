extension BurstState {
    /// `fold(snapshot, journal)`: the one truth. Records up to `journalSeq` are in the snapshot already and skipped,
    /// so that a crash between writing a snapshot and emptying its journal changes nothing.
    package static func fold(_ snapshot: BurstState, _ journal: some Sequence<JournalRecord>) -> BurstState {
        var state = snapshot
        for record in journal { state.apply(record) }
        return state
    }

    package mutating func apply(_ record: JournalRecord) {
        guard record.seq > journalSeq else { return }
        journalSeq = record.seq
        switch record.change {
        case .run(let new):
            run = new
            jobs = []
            resources.removeAll { $0.goneAt != nil }
        case .revised(let revised):
            run = revised
        case .intent(let intent):
            open.append(OpenIntent(seq: record.seq, at: record.at, intent: intent))
            if intent.operation == .powerOn,
                let index = resources.firstIndex(where: { $0.resource.id == intent.target })
            {
                resources[index].powerAsked = true
            }
        case .outcome(let seq, let outcome):
            settle(seq, outcome, at: record.at)
        case .seen(let resource):
            remember(resource, at: record.at)
        case .gone(let id):
            guard let index = resources.firstIndex(where: { $0.resource.id == id }) else { return }
            resources[index].goneAt = record.at
        case .job(let new):
            jobs = (jobs.filter { $0.node != new.node } + [new]).sorted { $0.node < $1.node }
        }
    }

    private mutating func settle(_ seq: Int, _ outcome: Outcome, at: Timestamp) {
        guard let index = open.firstIndex(where: { $0.seq == seq }) else { return }
        switch outcome {
        case .unknown(let error):
            open[index].lost = error
        case .done(let resources), .found(let resources):
            open.remove(at: index)
            for resource in resources { remember(resource, at: at) }
        case .refused, .absent:
            open.remove(at: index)
        }
    }

    /// Seeing again what was believed gone brings it back: never lose track of what a listing shows.
    private mutating func remember(_ resource: CloudResource, at: Timestamp) {
        if let index = resources.firstIndex(where: { $0.resource.id == resource.id }) {
            resources[index].resource = resource
            resources[index].goneAt = nil
            return
        }
        let known = KnownResource(resource: resource, since: at)
        let place = resources.firstIndex { $0.resource.id.sortKey > resource.id.sortKey } ?? resources.endIndex
        resources.insert(known, at: place)
    }
}

extension ResourceID {
    /// Creation order by kind, then zone and id: how states, plans and listings are sorted.
    package var sortKey: String { "\(kind.rank) \(zone) \(id)" }
}
