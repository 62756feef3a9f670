import Foundation
import TestSupport
import Testing

@testable import CloudSim

/// The corners of the REST face that clients trip over, table by table.
@Suite(.timeLimit(.minutes(2)))
struct APITests {
    private func withAPI(_ arguments: [String] = [], _ body: (SimulatedAPI) async throws -> Void) async throws {
        try await withCloudSim(["--without-guests"] + arguments) { try await body(SimulatedAPI(cloud: $0)) }
    }

    @Test func `keys are checked, and the price lists need none`() async throws {
        try await withAPI { api in
            let path = api.instance + "/servers"
            let wrong = try await api.send("GET", path, token: "11111111-1111-4111-8111-111111111111")
            #expect(wrong.status == 401)
            #expect(wrong.json["reason"] == "not_found")
            let none = try await api.send("GET", path, token: "")
            #expect(none.json["method"] == "unknown_method")
            #expect(try await api.send("GET", api.instance + "/products/servers", token: "").status == 200)
            let foreign: JSON = ["project": "22222222-2222-4222-8222-222222222222"]
            let refused = try await api.send("POST", api.instance + "/ips", foreign)
            #expect(refused.status == 403)
            #expect(refused.json["type"] == "permissions_denied")
        }
    }

    @Test func `lists are paged by header, total or map, and end with an empty page`() async throws {
        try await withAPI { api in
            for _ in 0..<5 { _ = try await api.createAddress() }
            let first = try await api.get(api.instance + "/ips?per_page=2")
            #expect(first.headers["x-total-count"] == "5")
            #expect(first.json["ips"]?.array?.count == 2)
            #expect(
                first.headers["link"]
                    == "</ips?page=2&per_page=2&>; rel=\"next\",</ips?page=3&per_page=2&>; rel=\"last\"")
            #expect(try await api.get(api.instance + "/ips?per_page=2&page=3").json["ips"]?.array?.count == 1)
            let past = try await api.get(api.instance + "/ips?per_page=2&page=4")
            #expect(past.status == 200)
            #expect(past.json["ips"] == [])
            #expect(try await api.get(api.instance + "/servers").headers["link"]?.contains("page=0") == true)
            #expect(try await api.get(api.instance + "/ips?page=0").status == 400)

            var types: Set<String> = []
            for page in 1...4 {
                let map =
                    try await api.get(api.instance + "/products/servers?page=\(page)").json["servers"]?.object ?? [:]
                #expect(map.count <= 50)
                types.formUnion(map.keys)
            }
            #expect(types.count == 136)
            let total = try await api.get("/iam/v1alpha1/ssh-keys?page=2").json
            #expect(total == ["ssh_keys": [], "total_count": 0])
        }
    }

    @Test func `names match by substring and tags must all be there`() async throws {
        try await withAPI { api in
            for (name, tags) in [("server1", ["a", "b"]), ("server100", ["a"]), ("other", ["b"])] {
                _ = try await api.createServer(["name": .string(name), "tags": .list(tags)])
            }
            func count(_ query: String) async throws -> Int? {
                try await api.get(api.instance + "/servers?\(query)").json["servers"]?.array?.count
            }
            #expect(try await count("name=server1") == 2)
            #expect(try await count("tags=a,b") == 1)
            #expect(try await count("tags=a&tags=b") == 1)
            #expect(try await count("state=running") == 0)
            #expect(try await count("project=\(api.cloud.projectID)") == 3)
        }
    }

    @Test func `each kind of refusal has the shape that was recorded`() async throws {
        try await withAPI { api in
            let id = try #require(try await api.createServer()["id"]?.string)
            let path = api.instance + "/servers/\(id)"
            let missing = try await api.get(path + "/user_data/nothing")
            #expect(missing.status == 404)
            #expect(missing.body.isEmpty)
            #expect(missing.headers["content-type"] == "text/plain")

            let off = try await api.act("poweroff", on: id)
            #expect(off.status == 400)
            #expect(off.json["precondition"] == "resource_not_usable")
            let bad = try await api.send(
                "POST", api.instance + "/volumes",
                ["name": "v", "project": .string(api.cloud.projectID), "volume_type": "b_ssd", "size": 1_000_000_000])
            #expect(bad.json["type"] == "invalid_arguments")
            #expect(try await api.get("/instance/v1/zones/fr-par-9/servers").status == 501)
            #expect(try await api.get("/s2s-vpn/v1/things").json["message"] == "unknown service")

            let volume = try #require(try await api.server(id)["volumes"]?["0"]?["id"]?.string)
            let busy = try await api.send("DELETE", api.block + "/volumes/\(volume)")
            #expect(busy.status == 412)
            let address = try await api.get(api.instance + "/ips/51.15.242.82")
            #expect(address.json["resource_id"] == "51.15.242.82/32")
            _ = try await api.send("PUT", "/_sim/quotas", ["DEV1-S": 1])
            let quota = try await api.createServer()
            #expect(quota["type"] == "quotas_exceeded")
        }
    }

    @Test func `rules come back after the six fixed ones, numbered, without their host mask`() async throws {
        try await withAPI { api in
            let group = try await api.send(
                "POST", api.instance + "/security_groups", ["name": "g", "project": .string(api.cloud.projectID)])
            let id = try #require(group.json["security_group"]?["id"]?.string)
            let path = api.instance + "/security_groups/\(id)"
            func rule(_ direction: String, _ port: JSON) -> JSON {
                [
                    "id": nil, "action": "accept", "protocol": "TCP", "direction": .string(direction),
                    "ip_range": "1.1.1.1/32", "dest_port_from": port, "dest_port_to": port, "position": 0,
                    "editable": nil,
                ]
            }
            let set = try await api.send(
                "PUT", path + "/rules", ["rules": [rule("inbound", 22), rule("outbound", 80), rule("inbound", 443)]])
            let rules = try #require(set.json["rules"]?.array)
            #expect(rules.count == 9)
            #expect(rules.prefix(6).allSatisfy { $0["editable"] == false })
            #expect(rules.dropFirst(6).map { $0["position"] } == [1, 7, 2])
            #expect(rules.dropFirst(6).allSatisfy { $0["ip_range"] == "1.1.1.1" && $0["dest_port_to"]?.isNull == true })

            let server = try #require(try await api.createServer(["security_group": .string(id)])["id"]?.string)
            #expect(try await api.send("DELETE", path).status == 400)
            _ = try await api.send("DELETE", api.instance + "/servers/\(server)")
            #expect(try await api.send("DELETE", path).status == 204)
        }
    }

    @Test func `faults lose, delay, cut, double and invent answers`() async throws {
        try await withAPI { api in
            func set(_ fault: JSON) async throws { _ = try await api.send("PUT", "/_sim/faults", [fault]) }
            func count() async throws -> JSON? { try await api.get("/_sim/world").json["ips"] }
            let body: JSON = ["project": .string(api.cloud.projectID)]
            let path = api.instance + "/ips"
            let match: JSON = ["method": "POST", "path": "/ips$"]

            for (what, left) in [("drop_before", 0), ("drop_after", 1), ("drop_mid", 2)] {
                try await set(["match": match, "do": .string(what)])
                await #expect(throws: (any Error).self) { _ = try await api.send("POST", path, body) }
                #expect(try await count() == .int(left))
            }
            try await set(["match": match, "do": "duplicate"])
            #expect(try await api.send("POST", path, body).status == 201)
            #expect(try await count() == 4)
            try await set([
                "match": match, "nth": [1, 2], "do": "status", "status": 429,
                "headers": ["X-Envoy-Ratelimited": "true"],
            ])
            for status in [429, 429, 201] {
                let answer = try await api.send("POST", path, body)
                #expect(answer.status == status)
                #expect((answer.headers["x-envoy-ratelimited"] == "true") == (status == 429))
            }
            try await set([
                "match": match, "nth": "all", "do": "status", "status": 502, "body": "<html>",
                "content_type": "text/html",
            ])
            #expect(try await api.send("POST", path, body).text == "<html>")
            #expect(try await api.get("/_sim/faults").json.array?.first?["fired"] == 1)
            _ = try await api.send("DELETE", "/_sim/faults")
            #expect(try await api.send("POST", path, body).status == 201)
        }
    }

    @Test func `a shortage is shown, and power-on falls back or is refused`() async throws {
        try await withAPI { api in
            let id = try #require(try await api.createServer()["id"]?.string)
            func stock(_ more: JSON) async throws {
                let body: JSON = ["zone": "fr-par-1", "type": "DEV1-S", "availability": "shortage"]
                _ = try await api.send("PUT", "/_sim/stock", body.merging(more.object ?? [:]))
            }
            try await stock([:])
            let shown = try await api.get(api.instance + "/products/servers/availability?per_page=100").json["servers"]
            #expect(shown?["DEV1-S"]?["availability"] == "shortage")
            #expect(try await api.act("poweron", on: id).status == 202)
            _ = try await api.wait(api.instance + "/servers/\(id)") {
                $0.json["server"]?["state"] == "stopped" && $0.json["server"]?["state_detail"] == "out of stock"
            }
            try await stock(["on_poweron": "refuse"])
            let refused = try await api.act("poweron", on: id)
            #expect(refused.status == 503)
            #expect(refused.json["type"] == "out_of_stock")
        }
    }

    @Test func `listings lag behind when told to, and requests are counted`() async throws {
        try await withAPI(["--manual-clock"]) { api in
            _ = try await api.send("POST", "/_sim/lag", ["listings_ms": 5000])
            _ = try await api.send("DELETE", "/_sim/requests")
            let id = try #require(try await api.createServer()["id"]?.string)
            let list = api.instance + "/servers"
            #expect(try await api.get(list).json["servers"] == [])
            #expect(try await api.get(list + "/\(id)").status == 200)
            _ = try await api.send("POST", "/_sim/clock", ["advance_seconds": 6])
            #expect(try await api.get(list).json["servers"]?.array?.count == 1)
            let counts = try await api.get("/_sim/requests").json
            #expect(counts["mutating"] == 1)
            #expect(counts["polls"] == 3)
            #expect(counts["by_path"]?["POST /instance/v1/zones/{zone}/servers"] == 1)
        }
    }

    @Test func `a server that vanishes is gone, and its block volume is not`() async throws {
        try await withAPI { api in
            let id = try #require(try await api.createServer()["id"]?.string)
            #expect(try await api.send("POST", "/_sim/servers/\(id)/vanish").status == 204)
            #expect(try await api.get(api.instance + "/servers/\(id)").status == 404)
            let world = try await api.get("/_sim/world").json
            #expect(world["servers"] == 0)
            #expect(world["block_volumes"] == 1)
            #expect(try await api.get("/_sim/address").text == "127.0.0.1")
        }
    }

    @Test func `the catalogue names the billing unit of every type that is for sale`() async throws {
        try await withAPI { api in
            for (zone, type, unit) in [
                ("fr-par-2", "L4-1-24G", "minute"), ("fr-par-1", "RENDER-S", "hour"),
                ("it-mil-1", "POP2-2C-8G", "hour"),
            ] {
                let path =
                    "/product-catalog/v2alpha1/public-catalog/products?product_types=instance&zone=\(zone)&api_ids=\(type)"
                let products = try await api.get(path).json
                #expect(products["total_count"] == 1)
                #expect(products["products"]?.array?.first?["unit_of_measure"]?["unit"]?.string == unit)
            }
        }
    }
}
