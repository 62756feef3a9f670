import Foundation
import Glibc
import TestSupport
import Testing

/// A sweep of the folder that made a run: results come home before their machines go.
@Suite struct SweepCollectTests {
    private static let spec = """
        files: [{from: input.txt, to: work}]
        outputs: [{from: work/out/, to: out/}]
        """

    /// A run whose client has left it and that nobody came back to before its deadline.
    private func abandon(_ place: Workplace, _ cloud: CloudSimProcess, job: String, until: String) async throws {
        try place.write("x\n", to: "input.txt")
        try place.writeSpec(run: job, Self.spec)
        let run = try await place.run("run", "-y", "--detach", "--no-keeper")
        #expect(run.status == 0, "\(run)")
        try await eventually("the job is that far") {
            try await place.run("logs", "small").stdout.contains(until)
        }
        try await expire("small", in: place, cloud)
    }

    @Test func `a finished job is collected and verified, then its machines go, and there is a receipt`() async throws {
        try await withWorkplace { place, cloud in
            try await abandon(
                place, cloud, job: "sh -c 'mkdir -p out; echo ran >>out/runs; echo all done'", until: "all done")
            let dry = try await place.run("sweep")
            #expect(dry.stdout.contains("Fetched and verified first: the results of run"), "\(dry)")
            #expect(!place.exists("out"))
            let swept = try await place.run("sweep", "--apply")
            #expect(swept.status == 0, "\(swept)")
            #expect(swept.stdout.contains("is over, succeeded, its results are here."), "\(swept)")
            #expect(swept.stdout.contains("Removed, verified gone at"))
            #expect(place.text("out/runs") == "ran\n")
            #expect(try place.receipt().contains("outcome        succeeded"))
            #expect(try place.log().contains("all done"), "the log came home")
            #expect(!swept.stdout.contains("all done\n"), "a sweep does not print a job's output")
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
            #expect(try await place.run("status").stdout.contains("No live burst"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("state/keys")).isEmpty)
        }
    }

    @Test func `a sweep that is killed while it collects is taken up by the next`() async throws {
        try await withWorkplace { place, cloud in
            try await abandon(
                place, cloud,
                job: "sh -c 'mkdir -p out; echo ran >>out/runs; head -c 48000000 /dev/urandom >out/big; echo all done'",
                until: "all done")
            let process = try place.start("sweep", "--apply")
            try await eventually("it collects") {
                place.text("state/small.journal.jsonl").contains("\"collecting\"") || !process.isRunning
            }
            process.send(SIGKILL)
            #expect(try await process.result().status == -9)
            #expect(try await cloud.world().servers == 1, "nothing goes before it is collected")
            let again = try await place.run("sweep", "--apply")
            #expect(again.status == 0 && again.stdout.contains("its results are here."), "\(again)")
            #expect(again.stderr.contains("state.lock-taken-over") || again.stderr.contains("took over a lock"))
            #expect(place.text("out/runs") == "ran\n")
            let size = try FileManager.default.attributesOfItem(atPath: place.path("out/big"))[.size] as? NSNumber
            #expect(size?.intValue == 48_000_000)
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
        }
    }

    @Test func `a job that still runs past its deadline is ended, and what it wrote comes home`() async throws {
        try await withWorkplace { place, cloud in
            try await abandon(
                place, cloud, job: "sh -c 'mkdir -p out; echo ran >>out/runs; echo under way; sleep 600'",
                until: "under way")
            let swept = try await place.run("sweep", "--apply", "--json")
            #expect(swept.status == 0, "\(swept)")
            #expect(swept.stdout.contains("\"outcome\":\"timed_out\""), "\(swept)")
            #expect(place.text("out/runs") == "ran\n")
            #expect(try place.receipt().contains("outcome        timed_out"))
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
        }
    }

    @Test func `what cannot or shall not be fetched is named, and its machines go all the same`() async throws {
        try await withWorkplace { place, cloud in
            let job = "sh -c 'mkdir -p out; echo ran >>out/runs; echo all done'"
            try await abandon(place, cloud, job: job, until: "all done")
            let forgone = try await place.run("sweep", "--apply", "--no-collect")
            #expect(forgone.status == 0, "\(forgone)")
            #expect(forgone.stdout.contains("Lost with its machines: whatever run"), "\(forgone)")
            #expect(
                forgone.stderr.contains("[sweep.not-collected]")
                    && forgone.stderr.contains("work/out: collecting was not wanted"))
            #expect(forgone.stderr.contains("Nothing of the run exists any more."))
            #expect(!place.exists("out"))
            #expect(try place.receipt().contains("collecting was not wanted"))
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])

            try await abandon(place, cloud, job: job, until: "all done")
            for run in try FileManager.default.contentsOfDirectory(atPath: place.path("state/keys")) {
                try FileManager.default.removeItem(atPath: place.path("state/keys/\(run)"))
            }
            let lost = try await place.run("sweep", "--apply", "--quiet")
            #expect(lost.status == 0, "\(lost)")
            #expect(lost.stdout.contains("the keys of the run are gone"), "\(lost)")
            #expect(lost.stderr.contains("[sweep.not-collected]"), "said with --quiet too: \(lost)")
            #expect(!place.exists("out"))
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
        }
    }

    @Test func `a signal has it finish what is in flight and list what remains; the next goes on from there`()
        async throws
    {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec()
            #expect(try await place.run("apply", "-y").status == 0)
            try await expire("small", in: place, cloud)
            try await cloud.misbehave(
                SimulatedFault("delay_after", method: "POST|DELETE", path: "/servers/", seconds: 3))
            let process = try place.start("sweep", "--apply")
            try await eventually("the server is being removed") {
                try await cloud.misbehaved() > 0 || !process.isRunning
            }
            process.send(SIGTERM)
            let stopped = try await process.result()
            #expect(stopped.status == 8, "\(stopped)")
            #expect(stopped.stderr.contains("Stopping: calls in flight are finished and recorded."))
            #expect(stopped.stderr.contains("[sweep.leftovers]") && stopped.stderr.contains("Stopped by a signal"))
            #expect(stopped.stderr.contains("EUR/h)") && stopped.stderr.contains("spillway sweep --apply"))
            #expect(place.text("state/small.lock").isEmpty)
            try await cloud.behave()
            let again = try await place.run("sweep", "--apply")
            #expect(again.status == 0, "\(again)")
            #expect(try await cloud.world().is_empty)
        }
    }

    @Test func `a signal while it looks changes nothing`() async throws {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec()
            #expect(try await place.run("apply", "-y").status == 0)
            try await expire("small", in: place, cloud)
            let before = try await cloud.requests().mutating
            try await cloud.misbehave(SimulatedFault("hang", method: "GET", path: "/servers", seconds: 60))
            let process = try place.start("sweep", "--apply")
            try await eventually("it looks") { try await cloud.misbehaved() > 0 || !process.isRunning }
            process.send(SIGTERM)
            let stopped = try await process.result()
            #expect(stopped.status == 3 && stopped.stderr.contains("[interrupted]"), "\(stopped)")
            #expect(stopped.stderr.contains("Nothing was removed; what exists is not known."))
            #expect(try await cloud.requests().mutating == before)
            try await cloud.behave()
            #expect(try await place.run("destroy", "-y").status == 0)
        }
    }

    @Test func `what does not go within its time is listed with its cost`() async throws {
        try await withWorkplace(["--without-guests"]) { place, cloud in
            try place.writeSpec()
            #expect(try await place.run("apply", "-y").status == 0)
            try await expire("small", in: place, cloud)
            try await cloud.misbehave(
                SimulatedFault("status", method: "POST|DELETE", path: "/servers/", nth: .all, status: 503))
            let swept = try await place.run("sweep", "--apply", "--within", "2s")
            #expect(swept.status == 8, "\(swept)")
            #expect(swept.stderr.contains("Left: 1 server") && swept.stderr.contains("EUR/h)"), "\(swept)")
            try await cloud.behave()
            #expect(try await place.run("sweep", "--apply").status == 0)
            #expect(try await cloud.world().is_empty)
        }
    }
}

extension Workplace {
    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// The newest receipt, for people.
    func receipt() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: path("state/receipts"))
        return text("state/receipts/\(names.filter { $0.hasSuffix(".txt") }.max() ?? "")")
    }

    /// What the jobs wrote to their standard output, as kept at home.
    func log() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: path("state/logs"))
        return names.filter { $0.hasSuffix(".out") }.map { text("state/logs/\($0)") }.joined()
    }
}
