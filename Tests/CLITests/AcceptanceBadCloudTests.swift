import Foundation
import TestSupport
import Testing

extension Acceptance {
    /// A cloud that refuses, lies or is not there: what it said, what exists, what to do.
    @Suite struct BadCloud {
        private static let nobody = "11111111-1111-4111-8111-111111111111"

        @Test func `without credentials it says which to set`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                for arguments in [["plan"], ["apply", "-y"]] {
                    let result = try await place.run(
                        command: ["spillway"] + arguments, environment: ["SCW_SECRET_KEY": nil])
                    #expect(result.status == 1, "\(result)")
                    #expect(result.stderr.contains("[credentials.missing]") && result.stderr.contains("SCW_SECRET_KEY"))
                }
                #expect(try await cloud.requests().total == 0)
            }
        }

        @Test func `a wrong key is told as such, and is never shown`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                let result = try await place.run("apply", "-y", environment: ["SCW_SECRET_KEY": Self.nobody])
                #expect(result.status == 1 && result.stderr.contains("[provider.unauthenticated]"), "\(result)")
                #expect(result.stderr.contains("HTTP 401") && result.stderr.contains("Nothing exists."))
                #expect(!result.all.contains(Self.nobody))
                #expect(try await cloud.requests().mutating == 0)
            }
        }

        @Test func `a project that is not ours is refused, and nothing exists`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                let result = try await place.run("apply", "-y", environment: ["SCW_DEFAULT_PROJECT_ID": Self.nobody])
                #expect(result.status == 1 && result.stderr.contains("[provider.forbidden]"), "\(result)")
                #expect(result.stderr.contains("HTTP 403") && result.stderr.contains("Nothing exists."))
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `an API that is not there is told with its address`() async throws {
            try await withWorkplace(["--without-guests"]) { place, _ in
                try place.writeSpec()
                let closed = try HTTPClosedPort()
                let result = try await place.run(
                    "plan", environment: ["SCW_API_URL": "http://127.0.0.1:\(closed.port)"])
                #expect(result.status == 1 && result.stderr.contains("[provider.unavailable]"), "\(result)")
                #expect(result.stderr.contains("Connection refused"))
            }
        }

        @Test func `a web page instead of an answer is told as such`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try await cloud.misbehave(
                    SimulatedFault(
                        "status", path: "/servers", nth: .all, status: 200, body: "<html>Log in to the hotel</html>",
                        type: "text/html"))
                let result = try await place.run("apply", "-y")
                #expect(result.status == 1 && result.stderr.contains("[provider.malformed-answer]"), "\(result)")
                #expect(result.stderr.contains("text/html") && result.stderr.contains("SCW_API_URL"))
                #expect(result.stderr.contains("Nothing exists."))
            }
        }

        @Test func `an answer that breaks off is asked for again, and told when it always does`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try await cloud.misbehave(SimulatedFault("drop_mid", method: "GET", path: "/servers"))
                let once = try await place.run("plan")
                #expect(once.status == 0, "\(once)")
                try await cloud.misbehave(SimulatedFault("drop_mid", method: "GET", path: "/servers", nth: .all))
                let always = try await place.run("apply", "-y")
                #expect(always.status == 1 && always.stderr.contains("before its answer was complete"), "\(always)")
                #expect(always.stderr.contains("Nothing exists."))
            }
        }

        @Test func `JSON that ends too early is told as a bad answer`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try await cloud.misbehave(
                    SimulatedFault(
                        "status", method: "GET", path: "/servers", nth: .all, status: 200, body: "{\"servers\": [{\"id")
                )
                let result = try await place.run("plan")
                #expect(result.status == 1 && result.stderr.contains("[provider.malformed-answer]"), "\(result)")
            }
        }

        @Test func `a server that is refused for good leaves nothing of what was made for it`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try await cloud.misbehave(
                    SimulatedFault(
                        "status", method: "POST", path: "/servers$", nth: .all, status: 403,
                        body: #"{"type":"permissions_denied","message":"insufficient permissions"}"#))
                let result = try await place.run("apply", "-y")
                #expect(result.status == 1 && result.stderr.contains("[provider.forbidden]"), "\(result)")
                #expect(result.stderr.contains("Nothing exists."))
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `a failure half way says what exists, what it costs and how to remove it`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try await cloud.misbehave(
                    SimulatedFault(
                        "status", method: "POST", path: "/servers$", nth: .all, status: 401,
                        body: #"{"type":"denied_authentication","message":"expired"}"#))
                let result = try await place.run("apply", "-y")
                #expect(result.status == 3 && result.stderr.contains("[provider.unauthenticated]"), "\(result)")
                #expect(result.stderr.contains("1 address and 1 firewall exist (0.004 EUR/h)."))
                #expect(result.stderr.contains("spillway destroy small"))
                let world = try await cloud.world()
                #expect(world.servers == 0 && world.ips == 1 && world.security_groups == 1)
                try await cloud.behave()
                #expect(try await place.run("apply", "-y").status == 0)
                #expect(try await cloud.world().ips == 1)
            }
        }

        @Test func `no stock anywhere is one line for each zone, and nothing exists`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec(zones: "fr-par-1, nl-ams-1")
                for zone in ["fr-par-1", "nl-ams-1"] { try await cloud.setStock(zone, "PLAY2-PICO", "shortage") }
                let result = try await place.run("run", "-y")
                #expect(result.status == 5 && result.stderr.contains("[capacity.none]"), "\(result)")
                #expect(result.stderr.contains("fr-par-1: PLAY2-PICO is out of stock\n"))
                #expect(result.stderr.contains("nl-ams-1: PLAY2-PICO is out of stock\n"))
                #expect(result.stderr.contains("Nothing was created.") && result.stderr.contains("Name more zones"))
                #expect(try await cloud.requests().mutating == 0)
            }
        }

        @Test func `stock that runs out at power-on leaves nothing in any zone`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec(zones: "fr-par-1, nl-ams-1")
                try await cloud.misbehave(
                    SimulatedFault(
                        "status", method: "POST", path: "/servers$", nth: .all, status: 503,
                        body: #"{"type":"out_of_stock","message":"resource is out of stock","resource":"PLAY2-PICO"}"#))
                let result = try await place.run("apply", "-y")
                #expect(result.status == 5 && result.stderr.contains("[capacity.none]"), "\(result)")
                #expect(result.stderr.contains("fr-par-1") && result.stderr.contains("nl-ams-1"))
                #expect(result.stderr.contains("Nothing exists"))
                #expect(try await cloud.leftovers(in: ["fr-par-1", "nl-ams-1"]) == [])
            }
        }

        @Test func `when the first zone has no stock the second is used`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec(zones: "fr-par-1, nl-ams-1")
                try await cloud.setStock("fr-par-1", "PLAY2-PICO", "shortage")
                let result = try await place.run("apply", "-y")
                #expect(result.status == 0, "\(result)")
                #expect(result.stdout.contains("passed over  fr-par-1: PLAY2-PICO is out of stock"))
                #expect(try await cloud.serverIDs(zone: "nl-ams-1").count == 1)
                #expect(try await cloud.serverIDs(zone: "fr-par-1") == [])
                let gone = try await place.run("destroy", "-y")
                #expect(gone.status == 0, "\(gone)")
                #expect(try await cloud.leftovers(in: ["fr-par-1", "nl-ams-1"]) == [])
            }
        }
    }
}
