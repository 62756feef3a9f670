import Foundation
import SpillwayCore
import SpillwayProviders
import Synchronization
import Testing

@Suite struct ScalewayPagingTests {
    /// A list of addresses or block volumes that may change while it is paged.
    private final class Shelf: Sendable {
        private let ids: Mutex<[String]>
        private let cap: Int
        private let change: @Sendable (inout [String], _ request: Int) -> Void

        init(_ count: Int, cap: Int = 100, change: @escaping @Sendable (inout [String], Int) -> Void = { _, _ in }) {
            ids = Mutex((0..<count).map { "id-\($0)" })
            self.cap = cap
            self.change = change
        }

        func answer(_ request: HTTPRequest, _ number: Int) -> HTTPResponse {
            let query = URLComponents(string: request.url)?.queryItems ?? []
            let page = query.first { $0.name == "page" }.flatMap { $0.value.flatMap(Int.init) } ?? 1
            let asked = query.first { $0.name == "per_page" || $0.name == "page_size" }
            let size = min(cap, asked.flatMap { $0.value.flatMap(Int.init) } ?? 50)
            let (slice, total) = ids.withLock { ids in
                change(&ids, number)
                return (Array(ids.dropFirst((page - 1) * size).prefix(size)), ids.count)
            }
            let tags = ScalewaySamples.tagList.map { "\"\($0)\"" }.joined(separator: ",")
            if request.path.hasPrefix("/block") {
                let items = slice.map {
                    "{\"id\":\"\($0)\",\"name\":\"v\",\"size\":1,\"created_at\":\"2026-07-30T12:53:15.466966Z\",\"references\":[],\"status\":\"available\",\"tags\":[\(tags)]}"
                }
                return .json(200, "{\"volumes\":[\(items.joined(separator: ","))],\"total_count\":\(total)}")
            }
            if request.path.contains("/volumes") {
                return .json(200, #"{"volumes":[]}"#, headers: [("x-total-count", "0")])
            }
            let items = slice.map {
                "{\"id\":\"\($0)\",\"address\":null,\"server\":null,\"state\":\"detached\",\"tags\":[\(tags)]}"
            }
            return .json(200, "{\"ips\":[\(items.joined(separator: ","))]}", headers: [("x-total-count", "\(total)")])
        }
    }

    private func list(_ shelf: Shelf, _ kind: ResourceKind = .address) async throws -> (ids: [String], requests: Int) {
        let http = CannedHTTP { request, number in shelf.answer(request, number) }
        let found = try await ScalewaySamples.provider(http).list([kind], scope: .owner("o-1"), zones: ["fr-par-1"])
        return (found.map(\.id.id), http.requests.count)
    }

    @Test(arguments: [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
    func `a list is read to its end with as few requests as it has pages`(_ count: Int, _ requests: Int) async throws {
        let result = try await list(Shelf(count))
        #expect(result.ids == (0..<count).map { "id-\($0)" })
        #expect(result.requests == requests)
    }

    @Test func `totals in the body count as well`() async throws {
        let result = try await list(Shelf(201), .volume)
        #expect(result.ids.count == 201)
        #expect(result.requests == 3 + 1)
    }

    @Test func `a far side that caps the page size is followed`() async throws {
        let result = try await list(Shelf(120, cap: 50))
        #expect(result.ids.count == 120 && result.requests == 3)
    }

    @Test func `an item removed while paging hides no other`() async throws {
        let result = try await list(Shelf(150) { ids, request in if request == 2 { ids.removeFirst() } })
        #expect(Set(result.ids) == Set((1..<150).map { "id-\($0)" }))
    }

    @Test func `an item added while paging is given once`() async throws {
        let result = try await list(Shelf(150) { ids, request in if request == 2 { ids.insert("new", at: 0) } })
        #expect(result.ids.count == 151 && Set(result.ids).count == 151)
    }

    @Test func `of a list that never stands still everything seen is given, and it ends`() async throws {
        let result = try await list(Shelf(150) { ids, request in ids.insert("new-\(request)", at: 0) })
        #expect(Set(result.ids).isSuperset(of: (0..<150).map { "id-\($0)" }))
        #expect(result.requests <= 3 * 3)
    }

    @Test func `a listing of all kinds in one zone takes five requests`() async throws {
        let http = CannedHTTP { request, _ in
            let key =
                if request.path.contains("/servers") { "servers" } else if request.path.contains("/ips") {
                    "ips"
                } else if request.path.contains("/security_groups") { "security_groups" } else { "volumes" }
            return .json(200, "{\"\(key)\":[],\"total_count\":0}", headers: [("x-total-count", "0")])
        }
        let scope = TagScope.burst(owner: "o-1", burst: "render")
        _ = try await ScalewaySamples.provider(http).list(Set(ResourceKind.allCases), scope: scope, zones: ["fr-par-1"])
        #expect(http.requests.count == 5)
        for request in http.requests {
            #expect(request.url.contains("tags=spillway%3Aowner%3Do-1%2Cspillway%3Aburst%3Drender"))
            #expect(request.url.contains("\(ScalewaySamples.project)"))
        }
    }

    @Test func `what the far side's filter lets through is filtered again`() async throws {
        let foreign = ScalewaySamples.tagList.map { $0.replacing("o-1", with: "o-10") }
        let ambiguous = ScalewaySamples.tagList + ["spillway:owner=o-2"]
        let mine = ["loose", "k=v=w"] + ScalewaySamples.tagList
        let items = [foreign, ambiguous, ["spillway:owner=o-1"], [], mine].enumerated().map { index, tags in
            let list = tags.map { "\"\($0)\"" }.joined(separator: ",")
            return
                "{\"id\":\"\(index)\",\"address\":\"192.0.2.9\",\"server\":null,\"state\":\"detached\",\"tags\":[\(list)]}"
        }
        let http = CannedHTTP(
            always: .json(200, "{\"ips\":[\(items.joined(separator: ","))]}", headers: [("x-total-count", "5")]))
        let found = try await ScalewaySamples.provider(http).list([.address], scope: .owner("o-1"), zones: ["fr-par-1"])
        #expect(found.map(\.id.id) == ["4"])
        #expect(found.first?.tags == ScalewaySamples.tags && found.first?.ipv4 == "192.0.2.9")
    }
}
