import Foundation
import TestSupport
import Testing

extension Acceptance {
    /// Jobs and machines that end badly: the code, the word in the receipt, and a cloud that is empty all the same.
    ///
    /// A hostile archive from the far side cannot come from a job: it runs as an ordinary user, and what packs the
    /// outputs is run by Spillway's own session. `TransportTests/TarExtractorTests` covers it at the place it matters.
    @Suite struct Job {
        struct Case: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var run: String
            var more = ""
            var exit: Int32
            var says: [String]
            var outcome: String
        }

        static let cases = [
            Case(
                testDescription: "a job that fails is 100", run: "echo before; exit 3", exit: 100,
                says: ["[job.failed]", "exit status 3", "logs/"], outcome: "failed"),
            Case(
                testDescription: "a job that takes too long is 101", run: "echo before; sleep 300", more: "timeout: 3s",
                exit: 101, says: ["[job.timed-out]", "Raise timeout"], outcome: "timed_out"),
            Case(
                testDescription: "an output that is not there is 104", run: "echo before",
                more: "outputs: [{from: work/out/, to: out/}]", exit: 104,
                says: ["[job.outputs-missing]", "work/out: not on the instance"], outcome: "outputs_missing"),
        ]

        @Test(arguments: cases) func `says how it ended, and leaves nothing`(job: Case) async throws {
            try await withWorkplace { place, cloud in
                try place.writeSpec(run: job.run, job.more)
                let result = try await place.run("run", "-y")
                #expect(result.status == job.exit, "\(result)")
                for words in job.says + ["Nothing exists: verified gone at"] {
                    #expect(result.stderr.contains(words), "\(words): \(result)")
                }
                #expect(result.stdout.contains("outcome        \(job.outcome)"))
                #expect(result.stdout.contains("before\n"))
                #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
            }
        }

        @Test func `a failed job is tried anew as often as retries say, each time on a machine of its own`()
            async throws
        {
            try await withWorkplace { place, cloud in
                try place.writeSpec(run: "exit 3", "retries: {job: 2}")
                let result = try await place.run("run", "-y")
                #expect(result.status == 100, "\(result)")
                #expect(result.stderr.contains("The job failed; try 2 begins."), "\(result)")
                #expect(result.stderr.contains("The job failed; try 3 begins."))
                #expect(!result.stderr.contains("try 4 begins"))
                let receipts = try FileManager.default.contentsOfDirectory(
                    atPath: place.folder.path + "/state/receipts")
                #expect(receipts.count { $0.hasSuffix(".json") } == 3)
                #expect(try await cloud.world().is_empty)
            }
        }

        private struct Planned: Decodable {
            struct Plan: Decodable { var estimate: Estimate }
            struct Estimate: Decodable { var total: Total }
            struct Total: Decodable { var micros: Int }

            var plan: Plan
        }

        @Test func `what earlier tries have cost is taken off the cap of the next`() async throws {
            try await withWorkplace { place, cloud in
                try place.writeSpec(run: "exit 3", "retries: {job: 9}")
                let worst = try await place.run("plan", "--json")
                let total = try worst.last(Planned.self).plan.estimate.total.micros
                // One try at its worst, and no more: the minimum of the first is paid by then.
                try place.writeSpec(
                    cost: String(format: "%.6f EUR", Double(total + 1) / 1_000_000), run: "exit 3", "retries: {job: 9}")
                let result = try await place.run("run", "-y")
                #expect(result.status == 100, "\(result)")
                #expect(result.stderr.contains("It is not tried again: The worst case is"), "\(result)")
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `with --job-exit the job's own status comes out`() async throws {
            try await withWorkplace { place, cloud in
                try place.writeSpec(run: "exit 42")
                let result = try await place.run("run", "-y", "--job-exit", "--json")
                #expect(result.status == 42, "\(result)")
                try expectJSONLines(result)
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `a failed job whose machine is kept says what it costs and how to remove it`() async throws {
            try await withWorkplace { place, cloud in
                try place.writeSpec(run: "exit 1", "on_failure: keep")
                let result = try await place.run("run", "-y")
                #expect(result.status == 100 && result.stderr.contains("[run.kept]"), "\(result)")
                #expect(result.stderr.contains("1 × PLAY2-PICO (") && result.stderr.contains("spillway destroy small"))
                #expect(try await cloud.world().servers_powered == 1)
                #expect(try await place.run("destroy", "-y").status == 0)
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `SSH that never comes is told, and its machine is removed`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                let result = try await place.run("run", "-y", environment: ["SPILLWAY_SSH_PATIENCE": "3"])
                #expect(result.status == 1 && result.stderr.contains("[ssh.unreachable]"), "\(result)")
                #expect(result.stderr.contains("ssh.allow_from") && result.stderr.contains("verified gone"))
                #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
            }
        }

        @Test func `a host key that is not the pinned one is fatal, and nothing is sent`() async throws {
            try await withWorkplace { place, cloud in
                try place.write("secret plans", to: "plans.txt")
                try place.writeSpec("files: [{from: ., to: work}]")
                #expect(try await place.run("apply", "-y").status == 0)
                // The key that the machine was given is not the one that is pinned here.
                let keys = place.folder.appending(path: "state/keys")
                let run = try #require(try FileManager.default.contentsOfDirectory(atPath: keys.path).first)
                for name in ["host", "host.pub"] {
                    try FileManager.default.removeItem(at: keys.appending(path: "\(run)/\(name)"))
                }
                let made = try await place.run(command: [
                    "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys.appending(path: "\(run)/host").path,
                ])
                #expect(made.status == 0, "\(made)")
                let result = try await place.run("run", "-y")
                #expect(result.status == 1 || result.status == 3, "\(result)")
                #expect(
                    result.stderr.contains("[ssh.host-key]") && result.stderr.contains("Nothing was sent."), "\(result)"
                )
                let destroy = try await place.run("destroy", "-y")
                #expect(destroy.status == 0, "\(destroy)")
                #expect(try await cloud.world().is_empty)
            }
        }
    }
}

/// Waits out a dead connection for half a minute, so it does not stand in line with the others.
@Suite struct InstanceLostTests {
    @Test func `an instance that vanishes under its job is 103, and what it left is removed`() async throws {
        try await withWorkplace { place, cloud in
            try place.writeSpec(run: "echo before; sleep 300")
            let process = try place.start("run", "-y")
            try await eventually("the job runs") { process.output.contains("before\n") || !process.isRunning }
            for id in try await cloud.serverIDs() { _ = try await cloud.ask("POST", "/_sim/servers/\(id)/vanish") }
            let result = try await process.result()
            #expect(result.status == 103, "\(result)")
            #expect(result.stderr.contains("[job.instance-lost]") && result.stderr.contains("verified gone at"))
            #expect(result.stdout.contains("outcome        lost"))
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
        }
    }
}
