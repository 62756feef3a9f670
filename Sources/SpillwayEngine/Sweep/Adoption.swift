package import SpillwayCore

/// A burst rebuilt from the tags of what exists: for a state folder that was lost while its cloud lives on.
///
/// What tags do not tell is left at its safest: no job, no keys, and a run that is over at the deadline they carry.
package struct Adoption: Sendable {
    package let burst: String
    package let stateID: String
    package let resources: [CloudResource]
    package let tags: ResourceTags

    /// The newest run of `burst` among `listed`, and every older thing of the same state folder with it.
    /// nil when there is nothing of it.
    package init?(_ burst: String, stateID: String, listed: [CloudResource]) {
        resources = listed.filter { $0.tags?.burst == burst && $0.tags?.stateID == stateID }
            .sorted { $0.id.sortKey < $1.id.sortKey }
        // Run ids sort by time.
        guard let newest = resources.compactMap(\.tags).max(by: { $0.run < $1.run }) else { return nil }
        self.burst = burst
        self.stateID = stateID
        tags = newest
    }

    /// The run as far as it can be known. `rates` and `source` come from whoever knows prices and specs.
    package func run(
        provider: String, account: String, rates: RunRates, source: RunSource, now: Timestamp
    ) -> RunRecord {
        let mine = resources.filter { $0.tags?.run == tags.run }
        let servers = mine.filter { $0.id.kind == .server }
        let disk = mine.first { $0.id.kind == .volume }
        let nodes = max(1, (mine.compactMap { $0.tags?.node }.max() ?? 0) + 1)
        let began = Timestamp(ofRun: tags.run) ?? mine.compactMap(\.created).min() ?? now
        let hourly = Inventory(mine, rates: rates).hourly?.micros ?? 0
        let hours = max(0, (tags.expires - began).count + 3599) / 3600
        return RunRecord(
            id: tags.run, phase: .up, provider: provider, account: account, owner: tags.owner, stateID: stateID,
            zone: servers.first?.id.zone ?? tags.zone(of: mine), instanceType: servers.first?.instanceType ?? "unknown",
            image: nil, root: RootVolume(kind: disk == nil ? .local : .block, sizeBytes: disk?.sizeBytes ?? 0),
            nodes: nodes, attempt: attempt(mine), began: began, expires: tags.expires,
            worstCase: Money(micros: hourly * hours, currency: rates.server.currency), rates: rates, specDigest: "",
            planDigest: "", admission: mine.compactMap(\.admits).first ?? SSHAdmission(cidrs: [], port: source.port),
            source: source)
    }

    /// Writes it into `folder`, which must be that of its tags, or one that has no burst yet. The burst must be unknown
    /// there. Everything adopted is durable when this returns.
    package func write(_ run: RunRecord, to folder: StateFolder, now: @escaping @Sendable () -> Timestamp) async throws
    {
        let lock = try BurstLock.acquire(burst, in: folder, operation: "adopt", identity: .current(), now: now())
        defer { lock.release() }
        let store = try FileStateStore(folder, burst: burst)
        let journal = BurstJournal(state: try store.loadOrBegin(), store: store, now: now)
        try await journal.record(.run(run))
        for resource in resources { try await journal.record(.seen(resource)) }
        try await journal.snapshot()
    }

    /// Attempt tokens end in "-a" and their number; the next one must be a new one.
    private func attempt(_ resources: [CloudResource]) -> Int {
        resources.compactMap { resource in
            resource.tags?.attempt.split(separator: "-").last.flatMap { $0.first == "a" ? Int($0.dropFirst()) : nil }
        }.max() ?? 1
    }
}

extension ResourceTags {
    fileprivate func zone(of resources: [CloudResource]) -> String { resources.first?.id.zone ?? "" }
}

extension StateFolder {
    /// Opens the folder under the state id of one that was lost, so that what carries it in its tags belongs here.
    /// Throws `adopt.other-folder` when this folder has another id and bursts of its own.
    package static func open(
        _ path: String, inheriting id: String, random: @escaping @Sendable (Int) -> [UInt8]
    ) throws(Diagnostic) -> StateFolder {
        let folder = try open(path, random: random)
        guard folder.id != id else { return folder }
        guard try folder.bursts().isEmpty else {
            throw Diagnostic(
                "adopt.other-folder", "This state folder has bursts of its own",
                detail: "What is to be adopted was made by the state folder \(id); \(path) is \(folder.id).",
                remedy: "Adopt it into a folder of its own with --state-dir, or remove it with destroy --all.",
                exists: "Nothing was changed.", exit: .usage)
        }
        try folder.root.inherit(id)
        return try open(path, random: random)
    }
}
