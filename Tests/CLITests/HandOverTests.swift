import Foundation
import Glibc
import TestSupport
import Testing

/// `destroy --all` beside commands that are at work, as real processes.
@Suite struct HandOverTests {
    private func begin(_ place: Workplace) async throws -> SpillwayProcess {
        try place.write("x\n", to: "input.txt")
        try place.writeSpec(
            run: "sh -c 'mkdir -p out; echo ran >>out/runs; echo under way; sleep 600'",
            """
            files: [{from: input.txt, to: work}]
            outputs: [{from: work/out/, to: out/}]
            """)
        let process = try place.start("run", "-y")
        try await eventually("the job runs") { process.output.contains("under way\n") || !process.isRunning }
        return process
    }

    @Test func `a run in progress hands over; its results are fetched, everything goes`() async throws {
        try await withWorkplace { place, cloud in
            let process = try await begin(place)
            let destroyed = try await place.run("destroy", "--all", "-y")
            let handed = try await process.result()
            #expect(handed.status == 102 && handed.stderr.contains("[run.handed-over]"), "\(handed)")
            #expect(handed.stderr.contains("1 server") && handed.stderr.contains("spillway destroy small"), "\(handed)")
            #expect(destroyed.status == 0, "\(destroyed)")
            #expect(destroyed.stderr.contains("Asked to stop: \"run\", process \(process.pid)"), "\(destroyed)")
            #expect(destroyed.stdout.contains("is over, cancelled, its results are here."), "\(destroyed)")
            #expect(place.text("out/runs") == "ran\n")
            #expect(try place.receipt().contains("outcome        cancelled"))
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
        }
    }

    @Test func `with --now nothing is fetched`() async throws {
        try await withWorkplace { place, cloud in
            let process = try await begin(place)
            let destroyed = try await place.run("destroy", "--all", "--now", "-y")
            #expect(try await process.result().status == 102)
            #expect(destroyed.status == 0, "\(destroyed)")
            #expect(destroyed.stderr.contains("[sweep.not-collected]"), "\(destroyed)")
            #expect(!place.exists("out/runs"))
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
        }
    }

    @Test func `an apply that is making a server finishes that call, and the server goes too`() async throws {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec()
            try await cloud.misbehave(SimulatedFault("delay_after", method: "POST", path: "/servers$", seconds: 3))
            let process = try place.start("apply", "-y")
            try await eventually("the server is being made") {
                try await cloud.misbehaved() == 1 || !process.isRunning
            }
            let destroyed = try await place.run("destroy", "--all", "-y")
            let handed = try await process.result()
            #expect(handed.status == 3 && handed.stderr.contains("[interrupted]"), "\(handed)")
            #expect(destroyed.status == 0 && destroyed.stdout.contains("1 server"), "\(destroyed)")
            #expect(try await cloud.world().is_empty)
            #expect(try await place.run("status").stdout.contains("No live burst"))
        }
    }

    @Test func `one that does not let go is ended with --now, and nothing of it is forgotten`() async throws {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec()
            try await cloud.misbehave(SimulatedFault("hang", method: "POST", path: "/servers$", seconds: 100))
            let process = try place.start("apply", "-y")
            try await eventually("the server is being made") {
                try await cloud.misbehaved() == 1 || !process.isRunning
            }
            process.send(SIGSTOP)
            let destroyed = try await place.run("destroy", "--all", "--now", "-y")
            #expect(destroyed.status == 0, "\(destroyed)")
            #expect(destroyed.stderr.contains("Ended, for it did not let go of small"), "\(destroyed)")
            #expect(try await process.result().status == -9)
            #expect(try await cloud.world().is_empty, "the server whose answer nobody heard is gone too")
        }
    }

    @Test func `two applies at once: one works, the other says who does, and is refused with 6`() async throws {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec()
            try await cloud.misbehave(SimulatedFault("delay_after", method: "POST", path: "/servers$", seconds: 4))
            let first = try place.start("apply", "-y")
            try await eventually("the first makes its server") {
                try await cloud.misbehaved() == 1 || !first.isRunning
            }
            let lock = place.text("state/small.lock")
            let second = try await place.run("apply", "-y")
            #expect(second.status == 6 && second.stderr.contains("[state.locked]"), "\(second)")
            #expect(second.stderr.contains("\"apply\" has locked small on"))
            #expect(second.stderr.contains("(process \(first.pid)) since 20"))
            #expect(second.stderr.contains("kill \(first.pid)"), "how to break it: \(second)")
            #expect(second.stderr.contains("exist"), "what exists: \(second)")
            // What only looks neither waits nor locks.
            for arguments in [["plan"], ["status"], ["state", "list"], ["state", "show", "small"]] {
                let looked = try await place.run(command: ["spillway"] + arguments)
                #expect(looked.status == 0, "\(arguments): \(looked)")
                #expect(place.text("state/small.lock") == lock, "\(arguments) left the lock as it is")
            }
            #expect(try await place.run("state", "list").stdout.contains("locked: \"apply\", process \(first.pid)"))
            #expect(try await first.result().status == 0)
            let world = try await cloud.world()
            #expect(world.servers == 1 && world.servers_powered_most == 1)
            for arguments in [["plan"], ["status"]] {
                #expect(try await place.run(command: ["spillway"] + arguments).status == 0)
                #expect(place.text("state/small.lock").isEmpty, "\(arguments) takes no lock")
            }
            #expect(try await place.run("destroy", "-y").status == 0)
        }
    }

    @Test func `a lock set by hand keeps every command off until it is broken, but not destroy --now`() async throws {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec()
            #expect(try await place.run("apply", "-y").status == 0)
            let locked = try await place.run("state", "lock", "small", "--reason", "new disk")
            #expect(locked.status == 0 && locked.stdout.contains("EUR/h"), "\(locked)")
            let id = try #require(locked.stdout.firstMatch(of: /state unlock ([0-9a-f]+)/)?.1)
            for arguments in [["apply", "-y"], ["run", "-y"], ["destroy", "-y"], ["state", "lock", "small"]] {
                let refused = try await place.run(command: ["spillway"] + arguments)
                #expect(
                    refused.status == 6 && refused.stderr.contains("[state.locked-by-hand]"), "\(arguments): \(refused)"
                )
                #expect(refused.stderr.contains("new disk") && refused.stderr.contains("spillway state unlock \(id)"))
            }
            #expect(try await place.run("status").status == 0)
            #expect(try await place.run("plan").status == 0)
            try await expire("small", in: place, cloud)
            let swept = try await place.run("sweep", "--apply")
            #expect(swept.status == 8, "\(swept)")
            #expect(swept.stderr.contains("small is left alone") && swept.stderr.contains("Left: 1 server"), "\(swept)")
            #expect(swept.stderr.contains("spillway state unlock \(id)"), "\(swept)")
            #expect(try await place.run("state", "unlock", String(id)).status == 0)
            #expect(try await place.run("state", "unlock", String(id)).status == 64)
            #expect(try await place.run("state", "lock", "small").status == 0)
            let destroyed = try await place.run("destroy", "small", "--now", "-y")
            #expect(destroyed.status == 0, "\(destroyed)")
            #expect(destroyed.stderr.contains("although it was locked by hand"), "\(destroyed)")
            #expect(try await cloud.world().is_empty)
        }
    }

    @Test func `SIGTERM while files are shipped tears down, and nothing was started`() async throws {
        try await withWorkplace { place, cloud in
            try place.write(String(repeating: "some,thing\n", count: 4_000_000), to: "input.txt")
            try place.writeSpec(run: "touch out; sleep 600", "files: [{from: input.txt, to: work}]")
            let process = try place.start("run", "-y")
            try await eventually("it ships") {
                place.text("state/small.journal.jsonl").contains("\"shipping\"") || !process.isRunning
            }
            process.send(SIGTERM)
            let result = try await process.result()
            #expect(result.status == 102, "\(result)")
            #expect(result.stdout.contains("outcome        cancelled"), "\(result)")
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
        }
    }
}
