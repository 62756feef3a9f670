internal import SpillwayCore

/// Walks a listing to its end, in each of the three styles that Scaleway's APIs have.
///
/// Pages are numbered, so an item made or removed meanwhile shifts the rest across page borders. A walk during which
/// the total moved, or that did not find as many different items as were announced, is walked again; if the list
/// never stands still, everything seen in any walk is given: for what costs money, too much is better than too little.
struct ScalewayPaging: Sendable {
    enum Style: Sendable {
        /// `per_page`, and the total in the header `X-Total-Count`: Instance v1.
        case header
        /// `page_size`, and `total_count` in the body: Block, Marketplace, product catalogue.
        case body
    }

    struct Page<Item: Sendable>: Sendable {
        var items: [(key: String, item: Item)]
        /// Of the body; nil where it stands in the header.
        var total: Int?
    }

    static let pageSize = 100
    private static let walks = 3

    let api: ScalewayAPI
    let style: Style

    /// Every item once, in the order listed; `read` takes one answer apart and gives each item its identity.
    func all<Body: Decodable & Sendable, Item: Sendable>(
        _ call: ScalewayAPI.Call, as type: Body.Type, _ read: @escaping @Sendable (Body) -> Page<Item>
    ) async throws(ProviderError) -> [Item] {
        var seen = Walk<Item>()
        for _ in 1...Self.walks {
            let walk = try await walk(call, as: type, read)
            if walk.stoodStill { return walk.ordered }
            for (key, item) in zip(walk.keys, walk.ordered) { seen.add(key, item) }
        }
        return seen.ordered
    }

    private struct Walk<Item: Sendable>: Sendable {
        var keys: [String] = []
        var items: [String: Item] = [:]
        var stoodStill = true

        var ordered: [Item] { keys.compactMap { items[$0] } }

        mutating func add(_ key: String, _ item: Item) {
            if items.updateValue(item, forKey: key) == nil { keys.append(key) }
        }
    }

    private func walk<Body: Decodable & Sendable, Item: Sendable>(
        _ call: ScalewayAPI.Call, as type: Body.Type, _ read: @escaping @Sendable (Body) -> Page<Item>
    ) async throws(ProviderError) -> Walk<Item> {
        let first = try await page(1, of: call, as: type, read)
        var pages = [first]
        if first.items.count < first.total, !first.items.isEmpty {
            // What came back decides the page size: the far side may cap what was asked for.
            let last = (first.total + first.items.count - 1) / first.items.count
            pages += try await boundedTryMap(Array(2...last), width: 4) { number throws(ProviderError) in
                try await page(number, of: call, as: type, read)
            }
        }
        var walk = Walk<Item>()
        for page in pages {
            for (key, item) in page.items { walk.add(key, item) }
            if page.total != first.total { walk.stoodStill = false }
        }
        if walk.keys.count != first.total { walk.stoodStill = false }
        return walk
    }

    private func page<Body: Decodable & Sendable, Item: Sendable>(
        _ number: Int, of call: ScalewayAPI.Call, as type: Body.Type, _ read: @Sendable (Body) -> Page<Item>
    ) async throws(ProviderError) -> (items: [(key: String, item: Item)], total: Int) {
        var call = call
        call.query += [
            ("page", String(number)), (style == .header ? "per_page" : "page_size", String(Self.pageSize)),
        ]
        let response = try await api.send(call)
        let page = read(try api.decode(type, response, of: call))
        if let total = page.total { return (page.items, total) }
        guard let total = response.header("x-total-count").flatMap({ Int($0) }), total >= 0 else {
            throw ScalewayErrors.malformed(
                call.operation, response, "the header X-Total-Count is missing", effect: call.effect)
        }
        return (page.items, total)
    }
}
