import Testing

@testable import CloudSim
@testable import TestSupport

@Suite(.timeLimit(.minutes(2)))
struct LifecycleTests {
    @Test func `a server is born stopped, runs, and leaves its block volume and its address when terminated`()
        async throws
    {
        try await withCloudSim(["--without-guests"]) { cloud in
            let api = SimulatedAPI(cloud: cloud)
            let ip = try await api.createAddress()
            let server = try await api.createServer(["public_ips": [.string(ip.id)]])
            let id = try #require(server["id"]?.string)
            #expect(server["state"] == "stopped")
            #expect(server["public_ip"]?["address"]?.string == ip.address)
            let volume = try #require(server["volumes"]?["0"]?["id"]?.string)
            #expect(server["volumes"]?["0"]?["size"] == nil)

            #expect(try await api.act("terminate", on: id).status == 400)
            let on = try await api.act("poweron", on: id)
            #expect(on.status == 202)
            #expect(on.json["task"]?["id"] == "00000000-0000-0000-0000-000000000000")
            try await api.wait(server: id, state: "running")
            #expect(try await api.send("DELETE", api.instance + "/servers/\(id)").status == 400)

            #expect(try await api.act("terminate", on: id).status == 202)
            _ = try await api.wait(api.instance + "/servers/\(id)") { $0.status == 404 }
            let path = api.block + "/volumes/\(volume)"
            let left = try await api.wait(path) { $0.json["status"] == "available" }
            #expect(left.json["name"] == "Ubuntu 22.04 Jammy Jellyfish_sbs_volume_0")
            #expect(left.json["tags"] == [])
            #expect(try await api.send("DELETE", path).status == 204)
            #expect(try await api.get(path).json["resource"] == "volume")
            #expect(try await api.get(api.instance + "/ips/\(ip.id)").json["ip"]?["state"] == "detached")
            #expect(try await api.send("DELETE", api.instance + "/ips/\(ip.id)").status == 204)
            #expect(try await api.get("/_sim/world").json["is_empty"] == true)
        }
    }
}
