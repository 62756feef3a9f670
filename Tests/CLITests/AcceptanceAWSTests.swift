import Foundation
import TestSupport
import Testing

extension Acceptance {
    /// The main job on EC2, and every way in which AWS says no.
    @Suite struct AWS {
        // MARK: The main job

        @Test func `a run on EC2 brings its outputs home and leaves nothing, in as few calls for five as for one`()
            async throws
        {
            var calls: [Int] = []
            for nodes in [1, 5] {
                try await withWorkplace(face: .ec2) { place, cloud in
                    try place.writeAWSSpec(
                        nodes: nodes, run: "mkdir -p out; echo $SPILLWAY_NODE >out/node",
                        "outputs: [{from: work/out/, to: out/}]")
                    let result = try await place.run("run", "-y")
                    #expect(result.status == 0, "\(result)")
                    #expect(result.stdout.contains("outcome        succeeded"))
                    for node in 0..<nodes {
                        let path = nodes == 1 ? "out/node" : "out/node-\(node)/node"
                        #expect(place.text(path) == "\(node)\n", "\(path)")
                    }
                    let world = try await cloud.world()
                    #expect(world.is_empty && world.servers_powered_most == nodes)
                    let asked = try await cloud.requests()
                    calls.append(asked.total - asked.polls)
                }
            }
            #expect(calls[0] == calls[1], "\(calls)")
        }

        @Test func `apply again changes nothing, and destroy twice is fine`() async throws {
            try await withWorkplace(["--without-guests"], face: .ec2) { place, cloud in
                try place.writeAWSSpec(nodes: 3)
                #expect(try await place.run("apply", "-y").status == 0)
                let before = try await cloud.requests().mutating
                let again = try await place.run("apply", "-y")
                #expect(again.status == 0 && again.stdout.contains("0 to add"), "\(again)")
                #expect(try await cloud.requests().mutating == before)
                #expect(try await place.run("plan", "--detailed-exitcode").status == 0)
                #expect(try await place.run("destroy", "-y").status == 0)
                #expect(try await cloud.world().is_empty)
                #expect(try await place.run("destroy", "-y").status == 0)
            }
        }

        /// Slow enough for an instance to be taken while it is pending.
        @Test func `an instance that ends before it ran is noticed at once, and nothing is left`() async throws {
            try await withWorkplace(["--without-guests", "--time-scale", "0.3"], face: .ec2) { place, cloud in
                try place.writeAWSSpec(resources: "instance_type: c7i.large, spot: true", nodes: 2)
                let applying = try place.start("apply", "-y")
                try await eventually("two are launched") {
                    try await cloud.inventory().resources.count { $0.kind == "server" } == 2
                }
                let one = try #require(try await cloud.inventory().resources.first { $0.kind == "server" })
                let now = Data(#"{"notice_seconds": 0}"#.utf8)
                _ = try await cloud.ask("POST", "/_sim/servers/\(one.id)/preempt", now)
                let result = try await applying.result()
                #expect(result.status == 5 && result.all.contains("ended before it ran"), "\(result)")
                #expect(try await cloud.inventory().resources.isEmpty, "\(result)")
            }
        }

        @Test func `a rehearsal of an AWS spec shows what one of a Scaleway spec shows, but for names and prices`()
            async throws
        {
            var told: [[String]] = []
            for face in [Workplace.Face.scaleway, .ec2] {
                try await withWorkplace(face: face) { place, cloud in
                    if face == .ec2 { try place.writeAWSSpec() } else { try place.writeSpec() }
                    let result = try await place.run(
                        "rehearse", "-f", "spillway.yaml", "--cloud", cloud.apiURL, "--yes", "--json")
                    #expect(result.status == 0, "\(result)")
                    // How often somebody waits, and notes it, is a matter of the machine.
                    told.append(
                        try result.lines.map(Self.shape).filter { !$0.hasPrefix("note") && !$0.hasPrefix("wait") })
                    #expect(try await cloud.world().is_empty)
                }
            }
            #expect(Set(told[0]) == Set(told[1]))
        }

        /// The keys of one JSON line with what kind of event it is: what a program sees, without any value.
        private static func shape(_ line: String) throws -> String {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let kind = ["event", "phase"].compactMap { object[$0] as? String }
            return (kind + object.keys.sorted()).joined(separator: " ")
        }

        // MARK: Spot

        @Test func `a spot machine that is taken back ends with 103, and what its job wrote is at home`() async throws {
            try await withWorkplace(face: .ec2) { place, cloud in
                try place.writeAWSSpec(
                    resources: "instance_type: c7i.large, spot: true",
                    run: "mkdir -p out; echo half >out/part; echo ready; sleep 300",
                    "outputs: [{from: work/out/, to: out/}]")
                let process = try place.start("run", "-y")
                try await eventually("the job runs") { process.output.contains("ready\n") || !process.isRunning }
                let journal = place.text("state/small.journal.jsonl") + place.text("state/small.json")
                let id = try #require(journal.firstMatch(of: /"(i-[0-9a-f]{17})"/)).output.1
                _ = try await cloud.ask("POST", "/_sim/servers/\(id)/preempt", Data(#"{"notice_seconds": 120}"#.utf8))
                let result = try await process.result()
                #expect(result.status == 103 && result.stderr.contains("[job.preempted]"), "\(result)")
                #expect(place.text("out/part") == "half\n")
                #expect(try await cloud.world().is_empty)
            }
        }

        // MARK: Refusals

        struct Refusal: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var environment: [String: String?] = [:]
            var zones = "us-east-1a"
            var resources = "instance_type: c7i.large"
            var fault: SimulatedFault?
            var denied: [String] = []
            var exit: Int32
            var says: [String]
        }

        static let refusals = [
            Refusal(
                testDescription: "no credentials",
                environment: ["AWS_ACCESS_KEY_ID": nil, "AWS_SECRET_ACCESS_KEY": nil], exit: 1,
                says: ["[credentials.missing]", "AWS_ACCESS_KEY_ID"]),
            Refusal(
                testDescription: "a wrong secret", environment: ["AWS_SECRET_ACCESS_KEY": "wrongwrongwrongwrong"],
                exit: 1, says: ["[provider.unauthenticated]", "SignatureDoesNotMatch"]),
            Refusal(
                testDescription: "an unknown key", environment: ["AWS_ACCESS_KEY_ID": "AKIAUNKNOWNUNKNOWN00"], exit: 1,
                says: ["[provider.unauthenticated]"]),
            Refusal(
                testDescription: "a missing permission", denied: ["ec2:RunInstances"], exit: 1,
                says: ["[provider.forbidden]", "RunInstances"]),
            Refusal(
                testDescription: "an image that is not there",
                resources: "instance_type: c7i.large, image: ami-0123456789abcdef0", exit: 64,
                says: ["[provider.invalid]", "ami-0123456789abcdef0"]),
            Refusal(
                testDescription: "an image by a name that no owner vouches for",
                resources: "instance_type: c7i.large, image: my-image", exit: 64, says: ["[spec.unknown-image]"]),
            Refusal(
                testDescription: "a type that the zone lacks", zones: "us-east-1e",
                resources: "instance_type: c7i.large", exit: 64, says: ["us-east-1e: c7i.large is not offered there"]),
            Refusal(
                testDescription: "an answer that is no XML",
                fault: SimulatedFault(
                    "status", method: "POST", nth: .all, status: 200, body: "<html><p>Sign in", type: "text/html"),
                exit: 1, says: ["[provider.malformed-answer]", "AWS_ENDPOINT_URL"]),
        ]

        @Test(arguments: refusals) func `is told as what it is, and nothing is created`(refusal: Refusal) async throws {
            try await withWorkplace(["--without-guests"], face: .ec2) { place, cloud in
                try place.writeAWSSpec(zones: refusal.zones, resources: refusal.resources)
                if !refusal.denied.isEmpty {
                    _ = try await cloud.ask("PUT", "/_sim/denied", try JSONEncoder().encode(refusal.denied))
                }
                if let fault = refusal.fault { try await cloud.misbehave(fault) }
                let result = try await place.run(
                    command: ["spillway", "apply", "-y"], environment: refusal.environment)
                #expect(result.status == refusal.exit, "\(result)")
                for words in refusal.says { #expect(result.stderr.contains(words), "\(words): \(result)") }
                #expect(result.stderr.contains("Nothing"), "what exists is said: \(result)")
                #expect(!result.all.contains("wrongwrongwrongwrong"))
                try await cloud.behave()
                let world = try await cloud.world()
                #expect(world.servers == 0 && world.volumes == 0, "\(world)")
            }
        }

        @Test func `a region that is not there yet, or has no price, is refused with the way to it`() async throws {
            try await withWorkplace(["--without-guests"], face: .ec2) { place, cloud in
                try place.writeAWSSpec(zones: "eu-west-3a")
                let result = try await place.run("plan", "--offline")
                #expect(result.status == 4 && result.stderr.contains("[cost.unknown-price]"), "\(result)")
                #expect(result.stderr.contains("spillway prices update --region eu-west-3"))
                #expect(try await cloud.requests().total == 0)
            }
        }

        @Test func `no capacity falls through the zones with a reason for each, and ends with 5 and nothing left`()
            async throws
        {
            try await withWorkplace(["--without-guests"], face: .ec2) { place, cloud in
                try place.writeAWSSpec(zones: "us-east-1a, us-east-1b")
                try await cloud.setStock("us-east-1a", "c7i.large", "shortage")
                let result = try await place.run("apply", "-y")
                #expect(result.status == 0 && result.stderr.contains("us-east-1a c7i.large: out of stock"), "\(result)")
                #expect(try await place.run("destroy", "-y").status == 0)
                try await cloud.setStock("us-east-1b", "c7i.large", "shortage")
                let none = try await place.run("apply", "-y")
                #expect(none.status == 5 && none.stderr.contains("[capacity.none]"), "\(none)")
                #expect(try await cloud.world().is_empty)
            }
        }

        // MARK: What looks

        @Test func `doctor and plan --preflight name the permissions that are missing`() async throws {
            try await withWorkplace(["--without-guests"], face: .ec2) { place, cloud in
                try place.writeAWSSpec()
                let good = try await place.run("plan", "--preflight")
                #expect(good.status == 0 && good.stderr.contains(" 0 denied"), "\(good)")
                _ = try await cloud.ask("PUT", "/_sim/denied", Data(#"["ec2:TerminateInstances"]"#.utf8))
                let plan = try await place.run("plan", "--preflight")
                #expect(plan.status == 1 && plan.stderr.contains("ec2:TerminateInstances"), "\(plan)")
                let doctor = try await place.run("doctor")
                #expect(doctor.status == 1 && doctor.stdout.contains("ec2:TerminateInstances"), "\(doctor)")
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `what a lost state folder left on EC2 is adopted and removed`() async throws {
            try await withWorkplace(["--without-guests"], face: .ec2) { place, cloud in
                try place.writeAWSSpec(nodes: 2)
                #expect(try await place.run("apply", "-y").status == 0)
                try FileManager.default.removeItem(at: place.folder.appending(path: "state"))
                let adopted = try await place.run("adopt", "small", "-y")
                #expect(adopted.status == 0, "\(adopted)")
                #expect(try await place.run("destroy", "small", "-y").status == 0)
                #expect(try await cloud.world().is_empty)
            }
        }
    }
}
