import Foundation
import TestSupport
import Testing

extension Acceptance {
    /// A spec that names two providers.
    @Suite struct Providers {
        private static let outOfStock = SimulatedFault(
            "status", method: "POST", path: "/servers$", nth: .all, status: 503,
            body: #"{"type":"out_of_stock","message":"resource is out of stock","resource":"any"}"#)

        private func write(
            _ place: Workplace, zones: String = "fr-par-1, us-east-1a", cost: String = "9.00 EUR", rate: Bool = true
        ) throws {
            try place.writeSpec(zones: zones, cost: cost)
            try place.write(
                place.text("spillway.yaml").replacing("provider: scaleway", with: "provider: [scaleway, aws]")
                    .replacing("resources: {instance_type: PLAY2-PICO}", with: "resources: {cpus: 2.., memory: 2GB..}"),
                to: "spillway.yaml")
            if rate { try place.write("exchange_rates: {EUR/USD: 1.08}\n", to: "../config/spillway/config.yaml") }
        }

        private func aws(_ cloud: CloudSimProcess) -> [String: String?] {
            [
                "AWS_ENDPOINT_URL": cloud.ec2.endpoint_url, "AWS_ACCESS_KEY_ID": cloud.ec2.access_key_id,
                "AWS_SECRET_ACCESS_KEY": cloud.ec2.secret_access_key, "AWS_REGION": cloud.ec2.region,
            ]
        }

        @Test func `the cheapest provider is taken, and the next one when that has no capacity`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try write(place)
                let both = aws(cloud)
                let plan = try await place.run("plan", environment: both)
                #expect(plan.status == 0 && plan.stdout.contains("server[0] in fr-par-1"), "\(plan)")
                #expect(plan.stderr.contains("At the worst scaleway costs"), "\(plan)")

                try await cloud.misbehave(Self.outOfStock)
                let apply = try await place.run("apply", "-y", environment: both)
                #expect(apply.status == 0, "\(apply)")
                #expect(apply.stderr.contains("scaleway has no capacity, and nothing exists there; going on with aws."))
                #expect(apply.stdout.contains("server[0] in us-east-1a"), "\(apply)")
                #expect(try await cloud.world().servers_powered == 1)
                #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [])

                // Where it is it stays, whatever is cheaper again.
                try await cloud.behave()
                let again = try await place.run("plan", "--detailed-exitcode", environment: both)
                #expect(again.status == 0 && again.stdout.contains("No changes."), "\(again)")
                let gone = try await place.run("destroy", "-y", environment: both)
                #expect(gone.status == 0, "\(gone)")
                #expect(try await cloud.world().servers_powered == 0)
            }
        }

        @Test func `what the first provider may have cost is taken off the cap of the next`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                // Enough for either alone, not for one after the other.
                try write(place, cost: "0.026 EUR")
                try await cloud.misbehave(Self.outOfStock)
                let apply = try await place.run("apply", "-y", environment: aws(cloud))
                #expect(apply.status == 4 && apply.stderr.contains("[cost.cap-exceeded]"), "\(apply)")
                #expect(apply.stderr.contains("going on with aws"), "\(apply)")
                #expect(try await cloud.world().servers_powered == 0)
            }
        }

        @Test func `a provider without credentials is passed over, and none is an error`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try write(place, zones: "fr-par-1", rate: false)
                let plan = try await place.run("plan")
                #expect(plan.status == 0 && plan.stdout.contains("server[0] in fr-par-1"), "\(plan)")
            }
            try await withOfflineWorkplace { place in
                try write(place)
                let plan = try await place.run("plan")
                #expect(plan.status != 0 && plan.stderr.contains("[credentials.missing]"), "\(plan)")
            }
        }

        @Test func `offline too the cheapest is taken; without a rate of the user's nothing is compared`() async throws
        {
            try await withOfflineWorkplace { place in
                try write(place, rate: false)
                let refused = try await place.run("plan", "--offline")
                #expect(refused.status == 4 && refused.stderr.contains("[cost.no-exchange-rate]"), "\(refused)")
                try write(place)
                let plan = try await place.run("plan", "--offline")
                #expect(plan.status == 0 && plan.stdout.contains("in fr-par-1"), "\(plan)")
                #expect(try await place.run("check").status == 0)
                try write(place, zones: "fr-par-1, us-west-9a")
                let unknown = try await place.run("plan", "--offline")
                #expect(unknown.status == 64 && unknown.stderr.contains("[spec.unknown-zone]"), "\(unknown)")
                try write(place, zones: "us-east-1a", cost: "1.00 EUR")
                let aws = try await place.run("plan", "--offline")
                #expect(aws.status == 0 && aws.stdout.contains("server[0] in us-east-1a"), "\(aws)")
                #expect(
                    aws.stdout.contains("The cap of 1.00 EUR is 1.08 USD at your rate: 1 EUR = 1.08 USD."), "\(aws)")
            }
        }

        @Test func `what is not covered by any price is refused with the command that fetches it`() async throws {
            try await withOfflineWorkplace { place in
                try place.writeAWSSpec(zones: "eu-west-3a")
                let plan = try await place.run("plan", "--offline")
                #expect(plan.status == 4 && plan.stderr.contains("[cost.unknown-price]"), "\(plan)")
                #expect(plan.stderr.contains("spillway prices update --region eu-west-3"), "\(plan)")
            }
        }

        @Test func `a spot machine is planned at its bid, and refused where there are none`() async throws {
            try await withWorkplace(["--without-guests"], face: .ec2) { place, cloud in
                try place.writeAWSSpec(resources: "instance_type: c7i.large, spot: true")
                let plan = try await place.run("plan")
                #expect(plan.status == 0 && plan.stdout.contains("x86_64), spot, ubuntu-24.04"), "\(plan)")
                #expect(plan.stdout.contains("aws may take c7i.large back at any time"), "\(plan)")
                try place.writeSpec()
                try place.write(
                    place.text("spillway.yaml").replacing("PLAY2-PICO}", with: "PLAY2-PICO, spot: true}"),
                    to: "spillway.yaml")
                let refused = try await place.run("plan", "--offline")
                #expect(refused.status == 64 && refused.stderr.contains("[spec.no-spot]"), "\(refused)")
            }
        }
    }
}
