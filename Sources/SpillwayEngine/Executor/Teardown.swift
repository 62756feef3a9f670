package import SpillwayCore

/// The one path by which anything is ever deleted: destroy, failed attempts, replaced servers, sweeps.
///
/// Order: servers, then what hung on them, then what they stood behind. No server goes before each of its volumes
/// carries our tags. Nothing counts as gone before the provider says 404 and a listing no longer shows it.
package struct Teardown: Sendable {
    /// How long to go on before leftovers are reported; the next command goes on from there.
    package static let patience = Seconds.minutes(15)

    private let site: BurstSite
    private let patience: Seconds
    private let spares: @Sendable (CloudResource) -> Bool

    /// `spares` is asked about each target as a listing just showed it, before anything is done to it: what it spares
    /// stays, and is no target any more.
    package init(
        _ site: BurstSite, patience: Seconds = Teardown.patience,
        spares: @escaping @Sendable (CloudResource) -> Bool = { _ in false }
    ) {
        self.site = site
        self.patience = patience
        self.spares = spares
    }

    /// Returns when every one of `targets`, and every volume of a targeted server, is verified gone.
    /// Throws `teardown.leftovers` (exit 8) naming what is not, when patience ends.
    ///
    /// `shown` is a listing of everything of the burst that was made just now: the first look is then not repeated.
    package func remove(_ targets: [CloudResource], shown: [CloudResource]? = nil) async throws {
        guard !targets.isEmpty else { return }
        var pending = Pending(targets)
        var shown = shown
        let giveUp = site.ambient.now() + patience
        var pace = Pace()
        var lastError: ProviderError?
        var announced: Set<ResourceID> = []
        while !pending.isEmpty {
            try await site.journal.checkGoing()
            let wave = pending.wave
            for resource in wave where announced.insert(resource.id).inserted {
                site.emit(.step(address(resource), .delete, .started, detail: resource.name))
            }
            do {
                defer { shown = nil }
                lastError = try await pass(&pending, wave, shown: shown)
            } catch let error as ProviderError where error.kind != .unauthenticated && error.kind != .forbidden {
                lastError = error
            }
            if pending.isEmpty { break }
            guard site.ambient.now() < giveUp else { throw leftovers(pending, lastError, await site.journal.state) }
            if pending.wave.map(\.id) != wave.map(\.id) { pace = Pace() }
            try await site.ambient.sleep(pace.step())
        }
    }

    /// One look and at most one request for each resource of the wave. Returns the last error that looking again
    /// may cure.
    private func pass(
        _ pending: inout Pending, _ wave: [CloudResource], shown: [CloudResource]?
    ) async throws -> ProviderError? {
        var kinds = Set(wave.map(\.id.kind))
        if kinds.contains(.server), pending.untagged == nil { kinds.insert(.volume) }
        let listed: [CloudResource]
        if let shown {
            listed = shown
        } else {
            listed = try await site.list(kinds, zones: Array(Set(wave.map(\.id.zone))).sorted())
        }
        let byID = Dictionary(listed.lazy.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let wave = wave.filter { target in
            guard let now = byID[target.id], spares(now) else { return true }
            site.emit(.note("\(now.id) has changed since it was chosen; it stays."))
            pending.settle(target.id)
            return false
        }
        if kinds.contains(.server), pending.untagged == nil {
            pending.adoptVolumes(of: wave.compactMap { byID[$0.id] }, tagged: Set(listed.map(\.id)))
        }
        for volume in pending.untagged ?? [] { try await tag(volume, pending) }
        if pending.untagged?.isEmpty == false {
            pending.untagged = nil
            return nil
        }
        let unseen = try await confirm(wave.filter { byID[$0.id] == nil }, &pending)
        let there = wave.compactMap { byID[$0.id] }
        return try await ask(there.filter { pending.asked[$0.id] != $0.lifecycle }, &pending) ?? unseen
    }

    /// What no listing shows any more counts as gone once the provider says so.
    private func confirm(_ unseen: [CloudResource], _ pending: inout Pending) async throws -> ProviderError? {
        guard !unseen.isEmpty else { return nil }
        var failures: [ProviderError] = []
        for (resource, result) in zip(unseen, await site.provider.areGone(unseen.map(\.id))) {
            switch result {
            case .success(true):
                try await site.journal.record(.gone(resource.id))
                site.emit(.step(address(resource), .delete, .done, detail: resource.name))
                pending.settle(resource.id)
            case .success(false): break
            case .failure(let error): failures.append(error)
            }
        }
        return try curable(failures)
    }

    private func ask(_ resources: [CloudResource], _ pending: inout Pending) async throws -> ProviderError? {
        guard !resources.isEmpty else { return nil }
        var failures: [ProviderError] = []
        for (resource, result) in zip(resources, await site.provider.remove(resources, log: site.journal)) {
            switch result {
            case .success: pending.asked[resource.id] = resource.lifecycle
            case .failure(let error): failures.append(error)
            }
        }
        return try curable(failures)
    }

    /// Throws what looking again does not cure.
    private func curable(_ failures: [ProviderError]) throws -> ProviderError? {
        let fatal: Set<ProviderError.Kind> = [.unauthenticated, .forbidden, .cancelled]
        if let error = failures.first(where: { fatal.contains($0.kind) }) { throw error }
        return failures.last
    }

    private func tag(_ volume: ResourceID, _ pending: Pending) async throws {
        guard let tags = pending.tags(forVolume: volume) else { return }
        try await site.provider.tag(volume, tags, log: site.journal)
    }

    private func address(_ resource: CloudResource) -> Step.Address {
        Step.Address(resource.id.kind, resource.tags?.node)
    }

    private func leftovers(_ pending: Pending, _ error: ProviderError?, _ state: BurstState) -> Diagnostic {
        let names = pending.all.map { "\($0.id)" }
        return Diagnostic(
            "teardown.leftovers", "Not everything is confirmed gone",
            detail: "After \(patience) these are still there:\n" + names.joined(separator: "\n")
                + (error.map { "\nThe last answer: \($0.operation): \($0.detail)" } ?? ""),
            remedy: "Run it again; it goes on where this stopped.", command: "spillway destroy \(site.burst)",
            exists: Inventory(pending.all, rates: state.run?.rates).sentence, exit: .leftovers)
    }
}

/// What is still to be verified gone, in the order it can go.
private struct Pending: Sendable {
    private var targets: [ResourceID: CloudResource]
    /// The state a resource was in when its removal was last asked for: it is asked again when that changes.
    var asked: [ResourceID: Lifecycle] = [:]
    /// Volumes of targeted servers without our tags; nil until looked at.
    var untagged: [ResourceID]?
    private var volumeTags: [ResourceID: ResourceTags] = [:]

    init(_ resources: [CloudResource]) {
        targets = Dictionary(resources.lazy.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var isEmpty: Bool { targets.isEmpty }
    var all: [CloudResource] { targets.values.sorted { $0.id.sortKey < $1.id.sortKey } }

    /// Servers first, and what may still bring one; then volumes, addresses and interfaces; firewalls and keys last.
    var wave: [CloudResource] {
        let order: [Set<ResourceKind>] = [
            [.request, .server], [.volume, .address, .interface], [.firewall, .key],
        ]
        for kinds in order {
            let some = all.filter { kinds.contains($0.id.kind) }
            if !some.isEmpty { return some }
        }
        return []
    }

    mutating func settle(_ id: ResourceID) { targets[id] = nil }

    /// The volumes of `servers` are targets too, and must carry our tags before their server goes.
    mutating func adoptVolumes(of servers: [CloudResource], tagged: Set<ResourceID>) {
        var missing: [ResourceID] = []
        for server in servers {
            for volume in server.volumes {
                if let tags = server.tags { volumeTags[volume] = tags }
                if targets[volume] == nil {
                    targets[volume] = CloudResource(
                        id: volume, name: "volume of \(server.name)", tags: server.tags, lifecycle: .attached,
                        attachedTo: server.id.id)
                }
                if !tagged.contains(volume) { missing.append(volume) }
            }
        }
        untagged = missing
    }

    func tags(forVolume id: ResourceID) -> ResourceTags? { volumeTags[id] }
}
