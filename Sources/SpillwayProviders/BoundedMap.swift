internal import SpillwayCore

/// Runs `transform` over `items`, at most `width` at a time, and gives the results in the order of `items`.
func boundedMap<Item: Sendable, Value: Sendable>(
    _ items: [Item], width: Int, _ transform: @escaping @Sendable (Item) async -> Value
) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
        var next = 0
        func start() {
            let index = next
            let item = items[index]
            next += 1
            group.addTask { (index, await transform(item)) }
        }
        while next < min(width, items.count) { start() }
        var done: [(Int, Value)] = []
        done.reserveCapacity(items.count)
        while let result = await group.next() {
            done.append(result)
            if next < items.count { start() }
        }
        return done.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// As ``boundedMap(_:width:_:)`` for what may fail, one result for each item.
func boundedResults<Item: Sendable, Value: Sendable>(
    _ items: [Item], width: Int, _ transform: @escaping @Sendable (Item) async throws(ProviderError) -> Value
) async -> [Result<Value, ProviderError>] {
    await boundedMap(items, width: width) { item in
        do throws(ProviderError) {
            return .success(try await transform(item))
        } catch {
            return .failure(error)
        }
    }
}

/// As ``boundedResults(_:width:_:)`` for reads: the first failure in the order of `items` is thrown.
func boundedTryMap<Item: Sendable, Value: Sendable>(
    _ items: [Item], width: Int, _ transform: @escaping @Sendable (Item) async throws(ProviderError) -> Value
) async throws(ProviderError) -> [Value] {
    var values: [Value] = []
    for result in await boundedResults(items, width: width, transform) { values.append(try result.get()) }
    return values
}
