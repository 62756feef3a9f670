package import SpillwayCore

/// One burst in one cloud, with everything needed to look at it and to change it.
package struct BurstSite: Sendable {
    package var burst: String
    package var owner: String
    package var provider: any CloudProvider
    package var journal: BurstJournal
    package var ambient: Ambient
    package var emit: @Sendable (Event) -> Void

    package init(
        burst: String, owner: String, provider: any CloudProvider, journal: BurstJournal, ambient: Ambient,
        emit: @escaping @Sendable (Event) -> Void
    ) {
        self.burst = burst
        self.owner = owner
        self.provider = provider
        self.journal = journal
        self.ambient = ambient
        self.emit = emit
    }

    package var scope: TagScope { .burst(owner: owner, burst: burst) }

    package func list(_ kinds: Set<ResourceKind>, zones: [String]) async throws -> [CloudResource] {
        try await provider.list(kinds, scope: scope, zones: zones)
    }

    /// Where anything of this burst can be: zones the state knows of, and those the spec names.
    package func zones(naming others: [String]) async -> [String] {
        let state = await journal.state
        // A run that ended in another cloud says nothing about this one.
        let run = state.run.flatMap { $0.phase == .ended && $0.provider != provider.traits.name ? nil : $0 }
        let known =
            state.live.map(\.resource.id.zone) + state.open.map(\.intent.zone) + [run?.zone].compactMap(\.self)
        return known.isEmpty ? Array(Set(others)).sorted() : Array(Set(known)).sorted()
    }
}

/// Runs `body` over `items`, at most `width` at a time, and gives the results in the order of the items.
func concurrently<Item: Sendable, Value: Sendable>(
    _ items: [Item], width: Int = 8, _ body: @escaping @Sendable (Item) async throws -> Value
) async -> [Result<Value, any Error>] {
    await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
        var results: [Result<Value, any Error>?] = Array(repeating: nil, count: items.count)
        var next = 0
        func start() {
            guard next < items.count else { return }
            let (index, item) = (next, items[next])
            next += 1
            group.addTask {
                do {
                    return (index, .success(try await body(item)))
                } catch {
                    return (index, .failure(error))
                }
            }
        }
        for _ in 0..<width { start() }
        while let (index, result) = await group.next() {
            results[index] = result
            start()
        }
        return results.compactMap(\.self)
    }
}
