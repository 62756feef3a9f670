import Foundation
import TestSupport
import Testing

extension Acceptance {
    @Suite struct Offline {
        /// Asked once: not every machine lets a test have a network of its own.
        private static let canLeaveTheNetwork: Bool = {
            let probe = Process()
            probe.executableURL = URL(filePath: "/usr/bin/env")
            probe.arguments = ["unshare", "-rn", "true"]
            probe.standardError = FileHandle.nullDevice
            guard (try? probe.run()) != nil else { return false }
            probe.waitUntilExit()
            return probe.terminationStatus == 0
        }()

        private static let spec = """
            name: render
            provider: scaleway
            zone: [fr-par-2, nl-ams-1]
            resources: {instance_type: POP2-HC-8C-16G, disk: 80GB}
            nodes: 2
            budget: {max_cost: 4.00 EUR, max_duration: 3h}
            files: [{from: ., to: work}]
            run: ./render.sh
            outputs: [{from: work/out/, to: out/}]

            """

        @Test(arguments: ["UTC", "Asia/Tokyo", "America/New_York"])
        func `an offline plan is the same with an empty environment in every time zone`(zone: String) async throws {
            try await withOfflineWorkplace { place in
                try place.write(Self.spec, to: "spillway.yaml")
                try place.write("echo hi\n", to: "render.sh")
                let result = try await place.run(
                    command: ["-i", "TZ=\(zone)", "spillway", "plan", "--offline"])
                #expect(result.status == 0 && result.stderr.isEmpty, "\(result)")
                try Golden.expect(result.stdout, at: "Tests/CLITests/Golden/plan-offline.txt")
                #expect(!place.exists("state"), "a plan makes no state folder")
            }
        }

        @Test(.enabled(if: canLeaveTheNetwork, "unshare -n is not allowed here"))
        func `an offline plan needs no network`() async throws {
            try await withOfflineWorkplace { place in
                try place.write(Self.spec, to: "spillway.yaml")
                try place.write("echo hi\n", to: "render.sh")
                let result = try await place.run(command: [
                    "unshare", "-rn", "env", "-i", "spillway", "plan", "--offline",
                ])
                #expect(result.status == 0, "\(result)")
                try Golden.expect(result.stdout, at: "Tests/CLITests/Golden/plan-offline.txt")
            }
        }

        @Test func `an offline plan cannot be applied`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                #expect(try await place.run("plan", "--offline", "--out", "p").status == 0)
                let apply = try await place.run("apply", "p")
                #expect(apply.status == 7 && apply.stderr.contains("[plan.offline]"), "\(apply)")
                #expect(try await cloud.requests().total == 0)
            }
        }

        @Test func `every template has an offline plan below its cap`() async throws {
            try await withOfflineWorkplace { place in
                for name in ["hello", "python-batch", "ffmpeg"] {
                    let path = Golden.packageRoot.appending(path: "templates/\(name)/spillway.yaml").path
                    let result = try await place.run("plan", "--offline", "-f", path, "--detailed-exitcode")
                    #expect(result.status == 2 && result.stdout.contains("Plan: 4 to add"), "\(name): \(result)")
                }
            }
        }
    }
}
