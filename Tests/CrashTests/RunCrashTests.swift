import Foundation
import TestSupport
import Testing

/// `run` killed on its way: the same command again, or `wait`, brings the results home, the job having run once.
@Suite(.serialized) struct RunCrashTests {
    /// Where the process is killed.
    enum Moment: String, CaseIterable, Sendable {
        case afterIntent, afterReply, shipping, following, collecting, tearingDown
    }

    @Test(arguments: Moment.allCases)
    func `a killed run is finished by the same command, and its job runs once`(moment: Moment) async throws {
        try await killed(at: moment, thenDoes: "run", "-y")
    }

    @Test(arguments: [Moment.following, .collecting, .tearingDown])
    func `a killed run is finished by wait`(moment: Moment) async throws {
        try await killed(at: moment, thenDoes: "wait")
    }

    private func killed(at moment: Moment, thenDoes arguments: String...) async throws {
        try await withWorkplace { place, cloud in
            try writeBurst(place)
            switch moment {
            case .afterIntent:
                try await cloud.misbehave(SimulatedFault("hang_before", method: "POST", path: "/servers$", seconds: 20))
            case .afterReply:
                try await cloud.misbehave(SimulatedFault("hang", method: "PATCH", path: "/user_data/", seconds: 20))
            case .tearingDown:
                try await cloud.misbehave(
                    SimulatedFault("hang", method: "DELETE", path: "/(ips|volumes|security_groups)/", seconds: 20))
            default: break
            }
            let first = try place.start("run", "-y")
            try await eventually("the moment \(moment)") {
                guard first.isRunning else { return true }
                switch moment {
                case .afterIntent, .afterReply, .tearingDown: return try await cloud.misbehaved() > 0
                case .shipping: return place.text("state/small.journal.jsonl").contains("\"shipping\"")
                case .following: return first.output.contains("the job is under way")
                case .collecting: return place.text("state/small.journal.jsonl").contains("\"collecting\"")
                }
            }
            first.send(SIGKILL)
            let cut = try await first.result()
            #expect(cut.status == -9, "\(moment): \(cut)")
            try await cloud.behave()

            let second = try await place.run(command: ["spillway"] + arguments)
            #expect(second.status == 0, "\(moment): \(second)")
            #expect(second.stdout.contains("outcome        succeeded") && second.stdout.contains("verified gone"))
            #expect(place.text("out/runs") == "ran\n", "\(moment): the job ran \(place.text("out/runs"))")
            #expect(try place.size("out/result") == 24_000_000)
            let world = try await cloud.world()
            #expect(world.is_empty && world.servers_powered_most == 1, "\(moment): \(world)")
            #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])
            let log = try place.log()
            #expect(log.components(separatedBy: "the job is under way").count == 2, "\(moment): \(log)")
            let destroy = try await place.run("destroy", "-y")
            #expect(destroy.status == 0, "\(destroy)")
        }
    }

    /// Something to ship, something to follow and something to collect, each long enough to be met in the middle.
    private func writeBurst(_ place: Workplace) throws {
        try place.write("name,value\n" + String(repeating: "some,thing\n", count: 1_500_000), to: "input.csv")
        try place.write(
            """
            set -eu
            mkdir -p out
            echo ran >>out/runs
            echo the job is under way
            sleep 2
            head -c 24000000 /dev/urandom >out/result
            """, to: "job.sh")
        try place.writeSpec(
            run: "sh job.sh",
            """
            files: [{from: ., to: work}]
            outputs: [{from: work/out/, to: out/}]
            """)
    }
}

extension Workplace {
    func size(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
        return (attributes[.size] as? NSNumber)?.intValue ?? -1
    }

    /// What the job wrote to its standard output, as kept at home.
    func log() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "state/logs").path)
        return names.filter { $0.hasSuffix(".out") }.map { text("state/logs/\($0)") }.joined()
    }
}
