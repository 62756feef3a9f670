import Foundation
import TestSupport
import Testing

extension Acceptance {
    /// What is wrong in a file: where, what, what to do instead, exit 64; and nothing is asked of any cloud.
    @Suite struct BadSpec {
        struct Case: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var replaces: String
            var with: String
            var says: [String]
            var exit: Int32 = 64
        }

        static let cases = [
            Case(
                testDescription: "broken YAML", replaces: "zone: [fr-par-1]", with: "zone: [fr-par-1",
                says: ["[spec.yaml-syntax]", "the file is not valid YAML", "spillway.yaml:"]),
            Case(
                testDescription: "an unknown key", replaces: "run: echo done", with: "rnu: echo done",
                says: ["spillway.yaml:8:1: error: Unknown key [spec.unknown-key]", "Did you mean `run`?"]),
            Case(
                testDescription: "a wrong unit", replaces: "9.00 EUR", with: "4 apples",
                says: ["spillway.yaml:6:20:", "[spec.wrong-unit]", "4 apples", "Write an amount such as `4.00 EUR`."]),
            Case(
                testDescription: "a time without a unit", replaces: "max_duration: 30m", with: "max_duration: 30",
                says: ["spillway.yaml:6:44:", "[spec.wrong-unit]"]),
            Case(
                testDescription: "no budget", replaces: "budget: {max_cost: 9.00 EUR, max_duration: 30m}", with: "",
                says: ["[spec.missing-budget]", "A burst without a bound is refused", "Add `budget: {"]),
            Case(
                testDescription: "an unknown zone", replaces: "fr-par-1", with: "fr-par-9",
                says: ["spillway.yaml:3:8:", "[spec.unknown-zone]", "\"fr-par-9\"", "Did you mean fr-par-1?"]),
            Case(
                testDescription: "an unknown type", replaces: "PLAY2-PICO", with: "PLAY2-PICCO",
                says: ["spillway.yaml:4:28:", "[spec.unknown-instance-type]", "\"PLAY2-PICCO\"", "PLAY2-PICO"]),
            Case(
                testDescription: "an unknown image", replaces: "PLAY2-PICO}", with: "PLAY2-PICO, image: beos-5}",
                says: ["spillway.yaml:4:47:", "[spec.unknown-image]", "\"beos-5\"", "ubuntu-24.04"]),
            Case(
                testDescription: "a cap below the worst case", replaces: "9.00 EUR", with: "0.001 EUR",
                says: [
                    "spillway.yaml:6:20:", "[cost.cap-exceeded]",
                    "The worst case is 0.02064 EUR, the cap is 0.001 EUR.",
                    "Nothing was created.",
                ], exit: 4),
        ]

        @Test(arguments: cases) func `is refused with its place and a remedy`(wrong: Case) async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                let spec = place.text("spillway.yaml")
                #expect(spec.contains(wrong.replaces))
                try place.write(spec.replacing(wrong.replaces, with: wrong.with), to: "spillway.yaml")
                for arguments in [["plan"], ["apply", "-y"], ["run", "-y"]] {
                    let result = try await place.run(command: ["spillway"] + arguments)
                    #expect(result.status == wrong.exit, "\(arguments): \(result)")
                    for words in wrong.says + ["Nothing was c"] {
                        #expect(result.stderr.contains(words), "\(arguments), \"\(words)\": \(result)")
                    }
                    #expect(wrong.exit == 4 || result.stdout.isEmpty, "\(arguments): \(result)")
                }
                #expect(try await cloud.requests().mutating == 0)
                #expect(try await cloud.world().is_empty)
            }
        }

        @Test func `several problems are told in one go, each with its place`() async throws {
            try await withOfflineWorkplace { place in
                try place.write(
                    "name: Bad Name\nprovider: azure\nbudget: {max_cost: 1}\nsteps: 3\n", to: "spillway.yaml")
                let result = try await place.run("check")
                #expect(result.status == 64, "\(result)")
                for position in [
                    "spillway.yaml:1:7:", "spillway.yaml:2:11:", "spillway.yaml:3:20:", "spillway.yaml:4:1:",
                ] {
                    #expect(result.stderr.contains(position), "\(position): \(result)")
                }
            }
        }

        @Test func `without a spec, or with wrong arguments, it says what to write`() async throws {
            try await withOfflineWorkplace { place in
                let missing = try await place.run("plan", "--offline")
                #expect(missing.status == 64 && missing.stderr.contains("[spec.not-found]"), "\(missing)")
                #expect(missing.stderr.contains("spillway init"))
                let wrong = try await place.run("aply")
                #expect(wrong.status == 64 && wrong.stderr.contains("[usage]"), "\(wrong)")
            }
        }

        @Test func `without a terminal nothing is asked, and nothing is done`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                let result = try await place.run("apply")
                #expect(result.status == 64 && result.stderr.contains("[usage.no-terminal]"), "\(result)")
                #expect(result.stderr.contains("Nothing was changed."))
                #expect(try await cloud.requests().mutating == 0)
            }
        }
    }
}
