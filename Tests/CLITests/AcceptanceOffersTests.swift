import Foundation
import TestSupport
import Testing

extension Acceptance {
    @Suite struct Offers {
        private struct Listing: Decodable {
            struct Offer: Decodable {
                struct Money: Decodable { var micros: Int64, currency: String }
                var provider: String, zone: String, instance_type: String, arch: String, stock: String
                var cpus: Int, memory_bytes: Int64, is_live: Bool
                var worst_case: Money, per_hour: Money
            }
            var offers: [Offer]
        }

        private static let resources = "resources: {cpus: 2..4, memory: 2GB..}"

        private func write(_ place: Workplace, zones: String = "fr-par-1, nl-ams-1") throws {
            try place.writeSpec(zones: zones)
            try place.write(
                place.text("spillway.yaml").replacing("resources: {instance_type: PLAY2-PICO}", with: Self.resources),
                to: "spillway.yaml")
        }

        @Test func `the cheapest that fits is made, what is out of stock is passed over, and the burst stays there`()
            async throws
        {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try write(place)
                let listing = try await place.run("offers", "--json").last(Listing.self)
                let first = try #require(listing.offers.first)
                let other = try #require(listing.offers.first { $0.instance_type != first.instance_type })
                #expect(listing.offers.allSatisfy { (2...4).contains($0.cpus) && $0.arch == "x86_64" && $0.is_live })
                for (one, next) in zip(listing.offers, listing.offers.dropFirst()) {
                    #expect(one.worst_case.micros <= next.worst_case.micros)
                }
                for zone in ["fr-par-1", "nl-ams-1"] {
                    try await cloud.setStock(zone, first.instance_type, "shortage")
                }
                let apply = try await place.run("apply", "-y")
                #expect(apply.status == 0, "\(apply)")
                #expect(apply.stdout.contains("server[0] in \(other.zone): \(other.instance_type) ("), "\(apply)")
                #expect(apply.stdout.contains("passed over  out of stock: fr-par-1 \(first.instance_type)"), "\(apply)")
                #expect(try await cloud.world().servers_powered == 1)

                // It took the last one, and something cheaper is there again.
                try await cloud.setStock(other.zone, other.instance_type, "shortage")
                try await cloud.setStock(first.zone, first.instance_type, "available")
                let before = try await cloud.requests()
                let plan = try await place.run("plan", "--detailed-exitcode")
                #expect(plan.status == 0 && plan.stdout.contains("No changes."), "\(plan)")
                #expect(try await cloud.requests().total - before.total <= 5)
                try write(place, zones: "nl-ams-1, fr-par-1")
                #expect(try await place.run("plan", "--detailed-exitcode").status == 0)
            }
        }

        @Test func `offers by options need no spec, and offline no network`() async throws {
            try await withOfflineWorkplace { place in
                let result = try await place.run(
                    "offers", "--offline", "--provider", "scaleway", "--gpu", "L4:1", "--for", "30m", "--nodes", "2")
                #expect(result.status == 0 && result.stderr.isEmpty, "\(result)")
                try Golden.expect(result.stdout, at: "Tests/CLITests/Golden/offers-offline.txt")
                let listing = try await place.run("offers", "--offline", "--json").last(Listing.self)
                #expect(listing.offers.contains { $0.stock == "unknown" })
                #expect(listing.offers.allSatisfy { !$0.is_live })
            }
        }

        @Test func `options replace what the spec says`() async throws {
            try await withOfflineWorkplace { place in
                try place.writeSpec()
                let own = try await place.run("offers", "--offline", "--json").last(Listing.self)
                #expect(Set(own.offers.map(\.instance_type)) == ["PLAY2-PICO"])
                let arguments = ["offers", "--offline", "--json", "--cpus", "16", "--zone", "fr-par-2"]
                let other = try await place.run(command: ["spillway"] + arguments).last(Listing.self)
                #expect(!other.offers.isEmpty && other.offers.allSatisfy { $0.cpus == 16 && $0.zone == "fr-par-2" })
            }
        }

        @Test(arguments: [
            (["--cpus", "5000"], "[spec.nothing-fits]"), (["--cpus", "many"], "[spec.wrong-range]"),
            (["--zone", "fr-par-9"], "[spec.unknown-zone]"), (["--instance-type", "DEV1-XXS"], "Did you mean DEV1-"),
            (["--spot", "sometimes"], "[spec.unknown-value]"),
        ])
        func `what cannot be found says why`(arguments: [String], says: String) async throws {
            try await withOfflineWorkplace { place in
                let result = try await place.run(
                    command: ["spillway", "offers", "--offline", "--provider", "scaleway"] + arguments)
                #expect(result.status == 64 && result.stdout.isEmpty && result.stderr.contains(says), "\(result)")
                #expect(!result.stderr.contains("command line:1"))
            }
        }
    }
}
