import Foundation
import TestSupport
import Testing

/// Every message about what may cost money names what exists, what it costs per hour, and the command that removes it.
@Suite struct SweepMessagesTests {
    @Test func `too many: nothing is removed, and what there is has its price`() async throws {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec()
            #expect(try await place.run("apply", "-y").status == 0)
            try await expire("small", in: place, cloud)
            let refused = try await place.run("sweep", "--apply", "--max", "1")
            #expect(refused.status == 4, "\(refused)")
            #expect(
                refused.stderr.contains("Nothing was removed. There are: 1 server, 1 volume, 1 address"), "\(refused)")
            #expect(refused.stderr.contains("EUR/h)") && refused.stderr.contains("spillway sweep"))
            let listed = try await place.run("sweep")
            #expect(listed.stdout.contains("To remove: 1 server") && listed.stdout.contains("EUR/h)."), "\(listed)")
            #expect(try await place.run("sweep", "--apply").status == 0)
        }
    }

    @Test func `a zone out of sight is named, what is there is said to be unknown, and the others are swept`()
        async throws
    {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec()
            #expect(try await place.run("apply", "-y").status == 0)
            try await expire("small", in: place, cloud)
            try await cloud.misbehave(
                SimulatedFault("status", method: "GET", path: "/zones/it-mil-1/servers", nth: .all, status: 403))
            let swept = try await place.run("sweep", "--apply")
            #expect(swept.status == 3, "\(swept)")
            #expect(swept.stderr.contains("[sweep.blind]") && swept.stderr.contains("it-mil-1, servers"))
            #expect(swept.stderr.contains("What exists there and what it costs is not known."), "\(swept)")
            #expect(try await cloud.world().is_empty)
            #expect(!place.exists("state/keeper.json"), "a sweep that could not see all is no keeper")
        }
    }

    @Test func `adopting from several folders says what there is and what it costs`() async throws {
        try await SweepWorkplace.open { place in
            try await place.expect(0, ["apply", "-y"], in: "a")
            try FileManager.default.copyItem(
                atPath: place.path("a/spillway.yaml"), toPath: place.path("b/spillway.yaml"))
            let text = try String(contentsOfFile: place.path("b/spillway.yaml"), encoding: .utf8)
            try Data(text.replacing("name: render", with: "name: other").utf8).write(
                to: URL(filePath: place.path("b/spillway.yaml")))
            try await place.expect(0, ["apply", "-y"], in: "b")
            let many = try await place.expect(64, ["adopt", "--all", "--state-dir", place.path("c")], in: "a")
            #expect(many.contains("adopt.several-folders") && many.contains("There are: 2 servers"), "\(many)")
            #expect(many.contains("EUR/h)") && many.contains("spillway adopt --all --from"))
            let adopted = try await place.expect(
                0, ["adopt", "--all", "--from", try place.stateID("b"), "--state-dir", place.path("c")], in: "a")
            #expect(
                adopted.contains("EUR/h)") && adopted.contains("To remove it: spillway destroy other"), "\(adopted)")
            try await place.expect(0, ["destroy", "--all", "--now", "-y"], in: "a")
        }
    }

    @Test
    func `an empty folder elsewhere touches nothing of a live burst before it expires, and takes all of it after`()
        async throws
    {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec(nodes: 2)
            #expect(try await place.run("apply", "-y").status == 0)
            let mutating = try await cloud.requests().mutating
            let early = try await place.run("sweep", "--apply", "--state-dir", "elsewhere")
            #expect(early.status == 0 && early.stdout.contains("Left alone, not expired and of another"), "\(early)")
            #expect(early.stdout.contains("2 servers, 2 volumes, 2 addresses and 1 firewall"), "\(early)")
            #expect(try await cloud.requests().mutating == mutating)
            try await expire("small", in: place, cloud)
            let late = try await place.run("sweep", "--apply", "--state-dir", "elsewhere")
            #expect(late.status == 0 && late.stdout.contains("Removed, verified gone at"), "\(late)")
            #expect(late.stdout.contains("Lost with its machines") && late.stdout.contains("only the state folder"))
            #expect(try await cloud.world().is_empty)
            #expect(try await place.run("destroy", "-y").stdout.contains("nothing exists, verified gone"))
        }
    }
}
