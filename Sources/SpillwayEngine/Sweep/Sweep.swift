package import SpillwayCore

/// Looks for what should be gone by now in every zone of one cloud, and removes it.
///
/// There is no second way to delete: every removal is a ``Teardown`` with a journal. What belongs to a burst of this
/// folder goes through that burst's own journal, under its lock; all else through journals of the sweep's own, in the
/// folder `sweep` inside the state folder, named like the bursts they are about.
package struct Sweep: Sendable {
    private let provider: any CloudProvider
    private let account: String
    private let owner: String
    private let ambient: Ambient
    private let emit: @Sendable (Event) -> Void
    private let options: SweepPolicy.Options
    private let patience: Seconds
    private let overridingOtherHosts: Bool
    private let salvage: Salvage?
    private let halt: Halt

    /// `patience` is for everything that is to be removed together; then what remains is reported. Without `salvage`
    /// nothing is collected and no receipt is written.
    package init(
        _ provider: any CloudProvider, account: String, owner: String, options: SweepPolicy.Options = .init(),
        ambient: Ambient,
        patience: Seconds = Teardown.patience, overridingOtherHosts: Bool = false, salvage: Salvage? = nil,
        halt: Halt = Halt(),
        emit: @escaping @Sendable (Event) -> Void
    ) {
        self.provider = provider
        self.account = account
        self.owner = owner
        self.options = options
        self.ambient = ambient
        self.patience = patience
        self.overridingOtherHosts = overridingOtherHosts
        self.salvage = salvage
        self.halt = halt
        self.emit = emit
    }

    // MARK: Looking

    /// Changes nothing and takes no lock. `folder` is nil where there is no state.
    package func look(_ folder: StateFolder?) async throws -> SweepSight {
        let listing = try await SweepListing.read(provider, owner: owner)
        // After the listing, never before it: see SweepPolicy.Knowledge.
        let knowledge = try SweepPolicy.Knowledge.read(folder)
        let now = ambient.now()
        return SweepSight(
            listing: listing, knowledge: knowledge, decision: policy(knowledge, now).decide(listing.resources), at: now)
    }

    private func policy(_ knowledge: SweepPolicy.Knowledge, _ now: Timestamp) -> SweepPolicy {
        SweepPolicy(owner: owner, knowledge: knowledge, now: now, options: options)
    }

    // MARK: Removing

    /// Removes `chosen` of what `sight` decided on, burst by burst; one that fails stops none of the others. Ends with
    /// another look. A burst that a process of this machine is at work on is left to it.
    package func remove(
        _ chosen: [SweepDecision.Candidate], of sight: SweepSight, in folder: StateFolder
    ) async throws -> SweepReport {
        let home = try StateFolder.open("\(folder.path)/sweep", random: ambient.random)
        let groups = groups(chosen, sight, folder)
        let giveUp = ambient.now() + patience
        let results = await concurrently(groups, width: 4) { group in
            try await remove(group, in: group.isOwn ? folder : home, until: giveUp)
        }
        var report = SweepReport(removed: [], left: [], busy: [], failures: [], blind: [])
        report.isStopped = await halt.isRequested
        for (group, result) in zip(groups, results) {
            switch result {
            case .success(let finished): report.finished += [finished].compactMap(\.self)
            case .failure(let error as Diagnostic) where error.exit == .locked:
                report.busy.append(.init(burst: group.burst, reason: error))
            case .failure(let error):
                if report.isStopped, Self.isStop(error) { continue }
                report.failures.append(.init(burst: group.burst, reason: "\(Self.words(error))"))
            }
        }
        let after = try await look(folder)
        let there = Set(after.decision.candidates.map(\.resource.id))
        let unseen = Set(after.listing.blind.map { Place(zone: $0.zone, kind: $0.kind) })
        for candidate in chosen {
            let id = candidate.resource.id
            if there.contains(id) || unseen.contains(Place(zone: id.zone, kind: id.kind)) {
                report.left.append(candidate.resource)
            } else if !after.listing.resources.contains(where: { $0.id == id }) {
                report.removed.append(candidate.resource)
            }
        }
        report.left += after.decision.kept.filter { $0.overdue && $0.reason == .inUse }.map(\.resource)
        report.blind = after.listing.blind
        return report
    }

    private struct Place: Hashable {
        var zone: String
        var kind: ResourceKind
    }

    /// The candidates that go through one journal.
    private struct Group: Sendable {
        var burst: String
        /// Of a burst that this folder has a state of, in this very cloud and account.
        var isOwn: Bool
        var candidates: [SweepDecision.Candidate] = []
    }

    private func groups(
        _ chosen: [SweepDecision.Candidate], _ sight: SweepSight, _ folder: StateFolder
    ) -> [Group] {
        // A journal is settled by what its own cloud shows; to any other everything in it would look gone.
        let here = sight.knowledge.bursts.filter { state in
            state.run?.provider == provider.traits.name && state.run?.account == account
        }
        let known = Set(here.map(\.burst))
        var own: [String: Group] = [:]
        var others: [String: Group] = [:]
        if options.everything {
            // What the state believes in and the cloud does not show is settled too.
            for state in here where state.isLive {
                own[state.burst] = Group(burst: state.burst, isOwn: true)
            }
        }
        for candidate in chosen {
            let burst = candidate.tags.burst
            if candidate.tags.stateID == folder.id, known.contains(burst) {
                own[burst, default: Group(burst: burst, isOwn: true)].candidates.append(candidate)
            } else {
                others[burst, default: Group(burst: burst, isOwn: false)].candidates.append(candidate)
            }
        }
        return (Array(own.values) + Array(others.values)).sorted {
            ($0.burst, $0.isOwn ? 0 : 1) < ($1.burst, $1.isOwn ? 0 : 1)
        }
    }

    private func remove(
        _ group: Group, in folder: StateFolder, until giveUp: Timestamp
    ) async throws -> SweepReport.Finished? {
        try await halt.check()
        let session = try BurstSession.open(
            group.burst, in: folder, operation: "sweep", provider: provider, owner: owner, ambient: ambient, emit: emit,
            overridingOtherHosts: overridingOtherHosts)
        return try await session.closing {
            try await halt.admit(session.site.journal)
            return try await remove(group, session, until: giveUp)
        }
    }

    /// What a look under the lock shows of a group.
    private struct Look: Sendable {
        var listed: [CloudResource]
        var targets: [CloudResource]
        /// The run of this folder that goes with them as a whole.
        var run: RunRecord?
        var spares: @Sendable (CloudResource) -> Bool
    }

    /// Under the lock: looks again, and removes what is still as it was when it was chosen.
    private func remove(
        _ group: Group, _ session: BurstSession, until giveUp: Timestamp
    ) async throws -> SweepReport.Finished? {
        var site = session.site
        site.owner = owner
        var look = try await look(group, site, session.folder)
        func left() -> Seconds { max(Seconds(1), giveUp - ambient.now()) }
        guard let run = look.run else {
            try await Teardown(site, patience: left(), spares: look.spares).remove(look.targets, shown: look.listed)
            return nil
        }
        let outcome = try await salvage?.bringHome(
            session, run: run, why: options.everything ? .cancelled : .deadline, within: Seconds(left().count / 2))
        // Collecting takes its time: what was seen before it is old.
        if outcome != nil { look = try await self.look(group, site, session.folder) }
        try await Executor(site).destroy(look.targets, patience: left(), spares: look.spares)
        if let outcome { _ = try await session.writeReceipt(of: run, outcome) }
        try session.keys.remove(run: run.id)
        return outcome.map { SweepReport.Finished(burst: group.burst, run: run, outcome: $0) }
    }

    private func look(_ group: Group, _ site: BurstSite, _ folder: StateFolder) async throws -> Look {
        let zones = await site.zones(naming: []) + group.candidates.map(\.resource.id.zone)
        let listed = try await Recovery(site).observe(zones: Array(Set(zones)).sorted())
        let state = await site.journal.state
        let chosen = Dictionary(
            group.candidates.map { ($0.resource.id, $0) }, uniquingKeysWith: { first, _ in first })
        let policy = policy(
            .init(stateID: group.isOwn ? folder.id : nil, bursts: group.isOwn ? [state] : []), ambient.now())
        let spares: @Sendable (CloudResource) -> Bool = { now in
            guard let candidate = chosen[now.id] else { return false }
            return now.tags != candidate.tags || candidate.reason == .orphaned && group.isOwn && policy.wants(now)
        }
        let targets = listed.filter { chosen[$0.id] != nil && !spares($0) }
        let run = state.run.flatMap {
            group.isOwn && $0.phase != .ended && ends($0, listed, targets) ? $0 : nil
        }
        return Look(listed: listed, targets: targets, run: run, spares: spares)
    }

    /// Whether the whole of the run goes with `targets`, so that its state can say that it has ended.
    private func ends(_ run: RunRecord, _ listed: [CloudResource], _ targets: [CloudResource]) -> Bool {
        guard options.everything || run.expires < ambient.now() else { return false }
        let going = Set(targets.map(\.id))
        return listed.allSatisfy { $0.tags?.stateID != run.stateID || going.contains($0.id) }
    }

    /// Whether `error` says no more than that somebody asked to stop.
    private static func isStop(_ error: any Error) -> Bool {
        switch error {
        case is BurstJournal.Halted, is CancellationError: true
        case let error as ProviderError: error.kind == .cancelled
        case let error as Diagnostic: error.code == "interrupted"
        default: false
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as Diagnostic: "\(error.summary): \(error.detail)"
        case let error as ProviderError: "\(error.operation): \(error.detail)"
        default: "\(error)"
        }
    }
}

extension SweepPolicy {
    /// Whether `resource` is one to leave alone.
    func wants(_ resource: CloudResource) -> Bool { decide([resource]).candidates.isEmpty }
}
