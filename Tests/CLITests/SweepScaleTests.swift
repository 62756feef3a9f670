import Foundation
import TestSupport
import Testing

/// A sweep over many resources, ours and foreign, in every zone of a simulated cloud.
@Suite struct SweepScaleTests {
    /// How many of ours each zone has: more than a page of 100 in one of them.
    private static let ours = [
        "fr-par-1": 190, "fr-par-2": 10, "fr-par-3": 100, "nl-ams-1": 100, "nl-ams-2": 100, "nl-ams-3": 100,
        "pl-waw-1": 100, "pl-waw-2": 100, "pl-waw-3": 100, "it-mil-1": 100,
    ]

    @Test func `of two thousand resources in ten zones the thousand of ours go, and no foreign one is touched`()
        async throws
    {
        try await SweepWorkplace.open { place in
            let cloud = place.cloud
            try await withThrowingTaskGroup(of: Void.self) { group in
                // A few connections, each with its share of the zones.
                for (zone, count) in Self.ours {
                    group.addTask {
                        for number in 0..<count { try await Self.make(zone, number, owner: "ada", cloud) }
                        for number in 0..<100 { try await Self.make(zone, number, owner: "eve", cloud) }
                    }
                }
                try await group.waitForAll()
            }
            let foreign = try await Self.addresses(owner: "eve", cloud)
            #expect(foreign.count == 1000)
            #expect(try await Self.addresses(owner: "ada", cloud).count == 1000)

            _ = try await cloud.ask("DELETE", "/_sim/requests")
            let seen = try await place.expect(0, ["sweep"], in: "b")
            #expect(seen.contains("To remove: 1000 addresses ("))
            let look = try await cloud.requests()
            #expect(look.total == 51 && look.mutating == 0, "five kinds in ten zones, and one further page: \(look)")

            try await place.expect(4, ["sweep", "--apply", "--max", "999"], in: "b")
            let swept = try await place.expect(0, ["sweep", "--apply", "--max", "1000"], in: "b")
            #expect(swept.contains("Removed, verified gone at") && swept.contains("1000 addresses"))
            #expect(try await Self.addresses(owner: "eve", cloud) == foreign)
            #expect(try await Self.addresses(owner: "ada", cloud).isEmpty)
            let all = try await cloud.requests()
            #expect(all.mutating == 1000, "\(all)")
        }
    }

    private static func make(_ zone: String, _ number: Int, owner: String, _ cloud: CloudSimProcess) async throws {
        let burst = "b-\(zone)-\(number / 10)"
        let tags = [
            "owner=\(owner)", "state=lost", "burst=\(burst)", "run=r-\(burst)", "attempt=r-\(burst)-a1",
            "expires=2026-01-01T00:00:00Z",
        ].map { "spillway:\($0)" }
        let body: [String: Any] = ["project": cloud.projectID, "tags": tags, "type": "routed_ipv4"]
        _ = try await cloud.ask(
            "POST", "/instance/v1/zones/\(zone)/ips", try JSONSerialization.data(withJSONObject: body))
    }

    /// Their ids, asked for page by page through the public API.
    private static func addresses(owner: String, _ cloud: CloudSimProcess) async throws -> Set<String> {
        struct Page: Decodable {
            struct Address: Decodable { var id: String }
            var ips: [Address]
        }
        var ids: Set<String> = []
        for zone in ours.keys {
            for page in 1... {
                let data = try await cloud.ask(
                    "GET", "/instance/v1/zones/\(zone)/ips?per_page=100&page=\(page)&tags=spillway:owner%3D\(owner)")
                let found = try JSONDecoder().decode(Page.self, from: data).ips.map(\.id)
                ids.formUnion(found)
                if found.count < 100 { break }
            }
        }
        return ids
    }
}
