import Foundation
import TestSupport
import Testing

extension Acceptance {
    @Suite struct Apply {
        @Test func `apply twice makes no second change, destroy twice neither`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                let first = try await place.run("apply", "-y")
                #expect(first.status == 0, "\(first)")
                #expect(first.stdout.contains("Plan: 4 to add, 0 to change, 0 to destroy."))
                #expect(first.stdout.contains("1 server"))
                let world = try await cloud.world()
                #expect(world.servers_powered == 1 && world.ips == 1 && world.security_groups == 1)
                #expect(world.block_volumes == 1 && world.ssh_keys == 0)

                let before = try await cloud.requests()
                let second = try await place.run("apply", "-y")
                #expect(
                    second.status == 0 && second.stdout.contains("No changes. small is as its spec says."), "\(second)")
                let after = try await cloud.requests()
                #expect(after.mutating == before.mutating && after.total > before.total)
                #expect(try await cloud.world() == world)

                let gone = try await place.run("destroy", "-y")
                #expect(gone.status == 0 && gone.stdout.contains("nothing exists, verified gone at"), "\(gone)")
                #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
                let deletes = try await cloud.requests().mutating
                let again = try await place.run("destroy", "-y")
                #expect(again.status == 0 && again.stdout.contains("Nothing of small exists."), "\(again)")
                #expect(try await cloud.requests().mutating == deletes)
            }
        }

        @Test func `a server deleted behind our back is planned anew`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec(nodes: 2)
                #expect(try await place.run("apply", "-y").status == 0)
                let ids = try await cloud.serverIDs()
                #expect(ids.count == 2)
                _ = try await cloud.ask("POST", "/_sim/servers/\(ids[0])/vanish")
                let plan = try await place.run("plan", "--detailed-exitcode")
                #expect(plan.status == 2, "\(plan)")
                #expect(plan.stdout.contains("Plan: 2 to add, 0 to change, 1 to destroy."), "\(plan)")
                #expect(plan.stdout.contains("its server is gone") && plan.stdout.contains("not there yet"))
                let apply = try await place.run("apply", "-y")
                #expect(apply.status == 0, "\(apply)")
                let world = try await cloud.world()
                #expect(world.servers == 2 && world.servers_powered == 2 && world.block_volumes == 2 && world.ips == 2)
                #expect(try await cloud.serverIDs().contains(ids[1]), "the other node was left alone")
                #expect(try await place.run("plan", "--detailed-exitcode").status == 0)
            }
        }

        @Test func `a changed spec says what changes and why, and apply does it`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                #expect(try await place.run("apply", "-y").status == 0)
                let old = try await cloud.serverIDs()
                try place.writeSpec(type: "DEV1-S")
                let plan = try await place.run("plan", "--markdown", "plan.md")
                #expect(plan.status == 0, "\(plan)")
                #expect(plan.stdout.contains("- server[0] in fr-par-1: PLAY2-PICO"))
                #expect(plan.stdout.contains("+ server[0] in fr-par-1: DEV1-S"))
                #expect(plan.stdout.contains("instance_type changes from PLAY2-PICO to DEV1-S: replaced"))
                #expect(place.text("plan.md").hasPrefix("<!-- spillway-plan:small -->"))
                #expect(place.text("plan.md").contains("**Plan: 2 to add, 0 to change, 2 to destroy.**"))
                let apply = try await place.run("apply", "-y")
                #expect(apply.status == 0, "\(apply)")
                let new = try await cloud.serverIDs()
                #expect(new.count == 1 && Set(new).isDisjoint(with: old))
                #expect(try await cloud.world().block_volumes == 0, "the root of the old server went with it")

                try place.writeSpec(type: "DEV1-S", nodes: 3)
                #expect(try await place.run("apply", "-y").status == 0)
                #expect(try await cloud.world().servers_powered == 3)
                try place.writeSpec(type: "DEV1-S", nodes: 1)
                #expect(try await place.run("apply", "-y").status == 0)
                #expect(try await cloud.serverIDs() == new)
            }
        }

        @Test func `a saved plan is carried out as it stands, and refused when something moved`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                let pending = try await place.run("plan", "--out", "first.plan", "--detailed-exitcode")
                #expect(pending.status == 2)
                #expect(try await cloud.requests().mutating == 0)
                #expect(try await place.run("plan", "--out", "second.plan").status == 0)
                let applied = try await place.run("apply", "first.plan")
                #expect(applied.status == 0, "\(applied)")
                #expect(try await cloud.world().servers_powered == 1)
                let stale = try await place.run("apply", "second.plan")
                #expect(stale.status == 7 && stale.stderr.contains("the state changed"), "\(stale)")
                #expect(stale.stderr.contains("Nothing was changed by this command."))
                #expect(try await place.run("plan", "--out", "third.plan").status == 0)
                try place.writeSpec(nodes: 2)
                let moved = try await place.run("apply", "third.plan")
                #expect(moved.status == 7 && moved.stderr.contains("the spec"), "\(moved)")
                try place.write(place.text("third.plan").replacing("PLAY2-PICO", with: "GP1-XL"), to: "third.plan")
                let edited = try await place.run("apply", "third.plan")
                #expect(edited.status == 7 && edited.stderr.contains("was edited"), "\(edited)")
                #expect(try await cloud.world().servers == 1)
            }
        }

        @Test func `plan --json is one object with counts and a digest`() async throws {
            struct Document: Decodable {
                struct Counts: Decodable { var add: Int, change: Int, destroy: Int }
                var digest: String
                var summary: Counts
            }
            try await withWorkplace(["--without-guests"]) { place, _ in
                try place.writeSpec()
                let result = try await place.run("plan", "--json")
                #expect(result.status == 0 && result.lines.count == 1 && result.stderr.isEmpty, "\(result)")
                let document = try result.last(Document.self)
                #expect(document.summary.add == 4 && document.summary.destroy == 0)
                #expect(document.digest.hasPrefix("sha256:"))
            }
        }

        @Test func `of two commands on one burst the second says who is at work, and changes nothing`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try await cloud.misbehave(SimulatedFault("delay", method: "POST", path: "/servers$", seconds: 8))
                let first = try place.start("apply", "-y")
                try await eventually("the first apply creates its server") { try await cloud.misbehaved() == 1 }
                let second = try await place.run("apply", "-y")
                #expect(second.status == 6, "\(second)")
                #expect(second.stderr.contains("[state.locked]") && second.stderr.contains("\(first.pid)"), "\(second)")
                #expect(second.stderr.contains("apply"))
                let result = try await first.result()
                #expect(result.status == 0, "\(result)")
                #expect(try await cloud.world().servers_powered == 1)
            }
        }
    }
}
