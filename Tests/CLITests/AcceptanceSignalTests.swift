import Foundation
import Glibc
import TestSupport
import Testing

extension Acceptance {
    /// What signals do, with and without a terminal, and what the streams carry.
    @Suite struct Signals {
        private static let hasScript = FileManager.default.isExecutableFile(atPath: "/usr/bin/script")

        /// A job that goes on until a file of that name is there, and brings home how far it came.
        private static let patient = """
            sh -c 'mkdir -p out; echo ran >>out/runs; echo the job is under way; sleep 600'
            """

        private func writePatientBurst(_ place: Workplace) throws {
            try place.write("x\n", to: "input.txt")
            try place.writeSpec(
                run: Self.patient,
                """
                files: [{from: input.txt, to: work}]
                outputs: [{from: work/out/, to: out/}]
                """)
        }

        @Test func `SIGTERM collects what there is, tears down, and ends with 102`() async throws {
            try await withWorkplace { place, cloud in
                try writePatientBurst(place)
                let process = try place.start("run", "-y", "--json")
                try await eventually("the job runs") {
                    process.output.contains("the job is under way") || !process.isRunning
                }
                process.send(SIGTERM)
                let result = try await process.result()
                #expect(result.status == 102, "\(result)")
                try expectJSONLines(result)
                #expect(result.stdout.contains("\"outcome\":\"cancelled\"") && result.stdout.contains("job.cancelled"))
                #expect(place.text("out/runs") == "ran\n")
                #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
            }
        }

        @Test func `SIGHUP does not end a run`() async throws {
            try await withWorkplace { place, cloud in
                try place.writeSpec(run: "echo the job is under way; sleep 3; echo the end")
                let process = try place.start("run", "-y")
                try await eventually("the job runs") {
                    process.output.contains("the job is under way") || !process.isRunning
                }
                process.send(SIGHUP)
                let result = try await process.result()
                #expect(result.status == 0 && result.stdout.contains("the end\n"), "\(result)")
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `SIGINT in apply finishes the call in flight, says what exists, and the next apply goes on`()
            async throws
        {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try await cloud.misbehave(SimulatedFault("delay_after", method: "POST", path: "/servers$", seconds: 3))
                let process = try place.start("apply", "-y")
                try await eventually("the server is being made") {
                    try await cloud.misbehaved() == 1 || !process.isRunning
                }
                process.send(SIGINT)
                let result = try await process.result()
                #expect(result.status == 3, "\(result)")
                #expect(result.stderr.contains("Stopping: calls in flight are finished and recorded."))
                #expect(result.stderr.contains("[interrupted]") && result.stderr.contains("1 server"), "\(result)")
                #expect(result.stderr.contains("spillway destroy small"))
                #expect(place.text("state/small.json").contains("\"server\""), "the answer was recorded")
                let again = try await place.run("apply", "-y")
                #expect(again.status == 0, "\(again)")
                let world = try await cloud.world()
                #expect(world.servers == 1 && world.servers_powered == 1 && world.servers_powered_most == 1)
                #expect(try await place.run("destroy", "-y").status == 0)
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `a second SIGINT leaves at once, saying what may exist`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try await cloud.misbehave(SimulatedFault("hang", method: "POST", path: "/servers$", seconds: 60))
                let process = try place.start("apply", "-y")
                try await eventually("the server is being made") {
                    try await cloud.misbehaved() == 1 || !process.isRunning
                }
                process.send(SIGINT)
                try await eventually("the first is heard") { process.output.contains("Again to leave at once.") }
                process.send(SIGINT)
                let result = try await process.result()
                #expect(result.status == 130 && result.stderr.contains("[interrupted]"), "\(result)")
                #expect(result.stderr.contains("spillway destroy small"))
                #expect(try await place.run("destroy", "-y").status == 0)
                #expect(try await cloud.world().is_empty, "the server nobody heard of was found")
            }
        }

        @Test(.enabled(if: hasScript, "util-linux script makes the terminal"), arguments: ["d", "t", "c"])
        func `Ctrl-C in run on a terminal asks, and does what is chosen`(choice: String) async throws {
            try await withWorkplace { place, cloud in
                try writePatientBurst(place)
                // What is typed comes through a pipe that stays open: script gives it to the terminal as it arrives.
                let keys = place.folder.appending(path: "keys").path
                #expect(mkfifo(keys, 0o600) == 0)
                let hold = open(keys, O_RDWR | O_CLOEXEC)
                #expect(hold >= 0)
                defer { close(hold) }
                let process = try place.start(
                    command: ["sh", "-c", "exec script -qefc \"exec $0 run -y\" typescript <keys", "spillway"],
                    environment: ["TERM": "xterm", "NO_COLOR": "1"])
                func type(_ text: String) {
                    _ = text.utf8CString.withUnsafeBytes { write(hold, $0.baseAddress, text.utf8.count) }
                }
                try await eventually("the job runs") {
                    place.text("typescript").contains("the job is under way") || !process.isRunning
                }
                type("\u{3}")
                try await eventually("it asks") {
                    place.text("typescript").contains("[c] continue") || !process.isRunning
                }
                type(choice + "\n")
                switch choice {
                case "d":
                    let result = try await process.result()
                    #expect(result.status == 0, "\(result)")
                    #expect(place.text("typescript").contains("To finish it: spillway wait small"))
                    #expect(try await cloud.world().servers_powered == 1)
                    #expect(try await place.run("destroy", "-y").status == 0)
                case "t":
                    let result = try await process.result()
                    #expect(result.status == 102, "\(result)")
                    #expect(place.text("out/runs") == "ran\n")
                default:
                    try await eventually("it goes on") {
                        place.text("typescript").contains("Going on.") || !process.isRunning
                    }
                    #expect(process.isRunning)
                    type("\u{3}")
                    let result = try await answered(process, place, type)
                    #expect(result.status == 102, "\(result)")
                }
                #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
            }
        }

        /// Tears down at the second question.
        private func answered(
            _ process: SpillwayProcess, _ place: Workplace, _ type: (String) -> Void
        ) async throws -> SpillwayResult {
            try await eventually("it asks again") {
                place.text("typescript").components(separatedBy: "[c] continue").count > 2 || !process.isRunning
            }
            type("t\n")
            return try await process.result()
        }

        @Test func `--quiet leaves out progress and keeps the result and the errors`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                let result = try await place.run("apply", "-y", "--quiet")
                #expect(result.status == 0 && result.stderr.isEmpty, "\(result)")
                #expect(result.stdout.contains("1 server"))
                #expect(try await place.run("destroy", "-y", "--quiet").status == 0)
                let wrong = try await place.run("apply", "-y", "--quiet", environment: ["SCW_SECRET_KEY": "nobody"])
                #expect(wrong.status == 1 && wrong.stderr.contains("error:"), "\(wrong)")
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `with --json each line of stdout is an object, errors included`() async throws {
            try await withWorkplace(["--without-guests"]) { place, _ in
                try place.writeSpec()
                for arguments in [["apply", "-y"], ["apply", "-y"], ["status"], ["destroy", "-y"]] {
                    let result = try await place.run(command: ["spillway"] + arguments + ["--json"])
                    #expect(result.status == 0, "\(arguments): \(result)")
                    try expectJSONLines(result)
                }
                let wrong = try await place.run("plan", "--json", environment: ["SCW_SECRET_KEY": nil])
                #expect(wrong.status == 1 && wrong.stdout.contains("\"code\":\"credentials.missing\""), "\(wrong)")
                try expectJSONLines(wrong)
            }
        }

        @Test(.enabled(if: hasScript, "util-linux script makes the terminal"), arguments: [true, false])
        func `colour is on a terminal only, and never with NO_COLOR`(allowed: Bool) async throws {
            try await withOfflineWorkplace { place in
                try place.write("name: Bad\n", to: "spillway.yaml")
                let result = try await place.run(
                    command: ["script", "-qefc", "\(try SpillwayProcess.executable.path) check", "typescript"],
                    environment: ["TERM": "xterm", "NO_COLOR": allowed ? nil : "1"])
                #expect(result.status == 64, "\(result)")
                #expect(place.text("typescript").contains("\u{1b}[") == allowed)
                let piped = try await place.run("check", environment: ["TERM": "xterm"])
                #expect(!piped.stderr.contains("\u{1b}"))
            }
        }
    }
}
