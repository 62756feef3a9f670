package import SpillwayCore

/// What a command does before anything else: resolve what an earlier one left open, and look at what is there.
///
/// An open create is looked up by its attempt's tag, twice over a grace time before its absence is believed; nothing
/// is ever retried blindly. Other open intents need no guess: what they changed is read back and planned from.
package struct Recovery: Sendable {
    /// Between two looks for something that a listing may not show yet.
    package static let grace = Duration.seconds(2)

    /// For how long a thing may be unknown to a part of its cloud.
    private static let newness = Seconds.minutes(1)

    private let site: BurstSite

    package init(_ site: BurstSite) { self.site = site }

    /// Everything of this burst in `zones` as of now, with the journal brought in line: open intents settled, what is
    /// seen recorded, what is verified gone marked so. What the state knows, no listing shows and the provider does not
    /// say is gone is there all the same, as it was last seen: never is a second one made of it.
    package func observe(zones: [String]) async throws -> [CloudResource] {
        var listed = try await site.list(Set(ResourceKind.allCases), zones: zones)
        if try await settleOpenIntents(listed) {
            listed = try await site.list(Set(ResourceKind.allCases), zones: zones)
        }
        try await remember(listed)
        if try await forget(notIn: listed, isFirstLook: true).isEmpty { return listed }
        site.emit(.note("The listing lags behind what is known; looking again."))
        try await site.ambient.sleep(Self.grace)
        listed = try await site.list(Set(ResourceKind.allCases), zones: zones)
        try await remember(listed)
        return listed + (try await forget(notIn: listed, isFirstLook: false))
    }

    /// True when a second look was needed, so that the listing is stale.
    private func settleOpenIntents(_ listed: [CloudResource]) async throws -> Bool {
        let open = await site.journal.state.open
        guard !open.isEmpty else { return false }
        var latest = listed
        var waited = false
        for item in open {
            guard item.intent.operation.creates != nil else {
                try await site.journal.record(.outcome(of: item.seq, .found(resources: [])))
                continue
            }
            if matches(item.intent, in: latest).count < item.intent.count, !waited {
                site.emit(.note("Looking again for what \(item.intent.operation.rawValue) may have made."))
                try await site.ambient.sleep(Self.grace)
                latest = try await site.list(
                    Set(ResourceKind.allCases), zones: Array(Set(open.map(\.intent.zone))).sorted())
                waited = true
            }
            let found = matches(item.intent, in: latest)
            if item.intent.operation == .createServers, var run = await site.journal.state.run,
                item.intent.tags?.attempt == run.attemptToken,
                !latest.contains(where: { $0.id.kind == .server && $0.tags?.attempt == run.attemptToken })
            {
                run.isInDoubt = true
                try await site.journal.record(.revised(run))
            }
            try await site.journal.record(.outcome(of: item.seq, found.isEmpty ? .absent : .found(resources: found)))
        }
        return waited
    }

    private func matches(_ intent: Intent, in listed: [CloudResource]) -> [CloudResource] {
        listed.filter { resource in
            guard let wanted = intent.tags, let tags = resource.tags else { return false }
            return resource.id.kind == intent.operation.creates && tags.attempt == wanted.attempt
                && tags.run == wanted.run && (wanted.node == nil || tags.node == wanted.node)
        }
    }

    /// Only what is ours and new, or has changed, is written: looking twice at the same world writes nothing.
    private func remember(_ listed: [CloudResource]) async throws {
        let state = await site.journal.state
        for resource in listed where resource.tags?.stateID == state.stateID {
            if let known = state.known(resource.id), known.goneAt == nil, known.resource == resource { continue }
            try await site.journal.record(.seen(resource))
        }
    }

    /// Returns what is not listed and not gone. At the first look nothing that is new is believed to be gone: whoever is
    /// asked for it by id may not know of it yet either.
    private func forget(notIn listed: [CloudResource], isFirstLook: Bool) async throws -> [CloudResource] {
        let ids = Set(listed.map(\.id))
        let missing = await site.journal.state.live.filter { !ids.contains($0.resource.id) }
        guard !missing.isEmpty else { return [] }
        var hidden: [CloudResource] = []
        for (known, gone) in zip(missing, await site.provider.areGone(missing.map(\.resource.id))) {
            let resource = known.resource
            let isNew = site.ambient.now() - known.since < Self.newness
            if try gone.get(), !(isFirstLook && isNew) {
                try await site.journal.record(.gone(resource.id))
            } else if resource.id.kind != .volume || isFirstLook && isNew {
                // A volume without our tags is found through its server, which then sees to it that it gets them.
                hidden.append(resource)
            }
        }
        return hidden
    }
}
