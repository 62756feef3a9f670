import Foundation
import TestSupport
import Testing

extension Acceptance {
    @Suite struct Rehearse {
        /// The keys of a receipt that others may count on.
        struct Receipt: Decodable {
            struct Cost: Decodable {
                var estimate: Decimal
                var worst_case: Decimal
                var currency: String
            }
            struct Step: Decodable, Hashable {
                var action: String
                var resource: String
                var id: String
            }
            var run: String
            var outcome: String
            var job_exit_code: Int?
            var cost: Cost
            var steps: [Step]
            var bytes_up: Int
            var bytes_down: Int
            var verified_gone_at: String
        }

        @Test func `rehearsing hello on a cloud of its own ends with a receipt and leaves that cloud empty`()
            async throws
        {
            try await withWorkplace { place, cloud in
                try place.copyTemplate("hello")
                let result = try await place.run(
                    "rehearse", "-f", "spillway.yaml", "--cloud", cloud.apiURL, "--yes", "--json")
                #expect(result.status == 0, "\(result)")
                try expectJSONLines(result)
                let receipt = try result.last(Receipt.self)
                #expect(receipt.outcome == "succeeded" && receipt.job_exit_code == 0)
                #expect(receipt.cost.currency == "EUR" && receipt.cost.estimate > 0)
                #expect(receipt.cost.estimate <= receipt.cost.worst_case && receipt.cost.worst_case <= 0.10)
                #expect(receipt.bytes_up > 0 && receipt.bytes_down > 0)
                #expect(receipt.verified_gone_at.hasSuffix("Z") && !receipt.run.isEmpty)
                let made = Set(receipt.steps.filter { $0.action == "created" }.map(\.id))
                #expect(made == Set(receipt.steps.filter { $0.action == "gone" }.map(\.id)) && made.count >= 4)
                #expect(try await cloud.leftovers(in: ["fr-par-1", "nl-ams-1"]) == [])
                #expect(try await cloud.world().is_empty)
                let greetings = place.text("out/greetings.txt").split(separator: "\n")
                #expect(greetings.count == place.text("input/names.txt").split(separator: "\n").count)
                #expect(greetings.allSatisfy { $0.hasPrefix("Hello, ") })
            }
        }

        @Test func `a rehearsal by itself starts a cloud, and ends it`() async throws {
            try await withOfflineWorkplace { place in
                try place.copyTemplate("hello")
                let result = try await place.run("rehearse", "-f", "spillway.yaml", "--yes", "--boot-delay", "0")
                #expect(result.status == 0, "\(result)")
                #expect(result.stdout.contains("verified gone") && result.stdout.contains("outcome        succeeded"))
                #expect(result.stdout.contains("greeted"), "the job's output is live on stdout")
                #expect(place.exists("out/greetings.txt"))
                #expect(!place.exists("state/rehearsal/cloudsim/endpoint.json"))
                #expect(place.text("state/.gitignore").contains("*"))
            }
        }

        @Test func `a batch on real data brings home what the same program makes here`() async throws {
            try await withWorkplace { place, cloud in
                try place.copyTemplate("python-batch")
                var spec = place.text("spillway.yaml")
                for (key, value) in [("STARTS: \"16\"", "STARTS: \"2\""), ("KICKS: \"60\"", "KICKS: \"3\"")] {
                    #expect(spec.contains(key))
                    spec = spec.replacing(key, with: value)
                }
                try place.write(spec, to: "spillway.yaml")
                let result = try await place.run(
                    "rehearse", "-f", "spillway.yaml", "--cloud", cloud.apiURL, "--yes", "--json")
                #expect(result.status == 0, "\(result)")
                #expect(try result.last(Receipt.self).outcome == "succeeded")
                let there = (place.text("out/tour.csv"), place.text("out/report.json"))
                let here = try await place.run(
                    command: ["python3", "tour.py"], environment: ["STARTS": "2", "KICKS": "3"])
                #expect(here.status == 0, "\(here)")
                #expect(there.0.split(whereSeparator: \.isNewline).count > 300)
                #expect(there.0 == place.text("out/tour.csv"))
                #expect(there.1 == place.text("out/report.json"))
                #expect(try await cloud.world().is_empty)
            }
        }
    }
}

/// `--json`: whatever is on stdout, each line of it is one JSON object.
func expectJSONLines(_ result: SpillwayResult, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(!result.lines.isEmpty, sourceLocation: sourceLocation)
    for line in result.lines {
        let value = try? JSONSerialization.jsonObject(with: Data(line.utf8))
        #expect(value is [String: Any], "not a JSON object: \(line)", sourceLocation: sourceLocation)
    }
}

extension Workplace {
    /// The sources of a template, as `spillway init` would write them.
    func copyTemplate(_ name: String) throws {
        let source = Golden.packageRoot.appending(path: "templates/\(name)")
        for item in try FileManager.default.contentsOfDirectory(atPath: source.path)
        where !["out", "state", "__pycache__"].contains(item) {
            try FileManager.default.copyItem(at: source.appending(path: item), to: folder.appending(path: item))
        }
    }
}
