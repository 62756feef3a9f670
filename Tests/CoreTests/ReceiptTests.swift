import Foundation
import SpillwayCore
import TestSupport
import Testing

@Suite struct ReceiptTests {
    @Test func `the receipt of a finished run in both its forms`() throws {
        let receipt = Self.receipt(Self.state())
        try Golden.expect(try Self.json(receipt), at: "Tests/CoreTests/Golden/receipt.json")
        try Golden.expect(receipt.text, at: "Tests/CoreTests/Golden/receipt.txt")
    }

    @Test func `a program finds its keys whatever the run came to`() throws {
        var state = Self.state()
        state.jobs = []
        let bytes = Data(try Self.json(Self.receipt(state, exit: nil)).utf8)
        let object = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        for key in ["run", "outcome", "job_exit_code", "cost", "steps", "bytes_up", "bytes_down", "verified_gone_at"] {
            #expect(object.keys.contains(key), "\(key)")
        }
        let cost = try #require(object["cost"] as? [String: Any])
        #expect(Set(cost.keys).isSuperset(of: ["estimate", "worst_case", "currency"]))
    }

    @Test func `each resource is charged by its own rule for as long as it was there`() {
        let charges = Self.receipt(Self.state()).charges
        // Two servers of 65 minutes at 0.008976, 20 GB of volume at 0.000118 and an address at 0.004, each two hours.
        #expect(charges.total == Money(micros: 2 * 2 * 8976 + 2 * 20 * 118 + 2 * 4000, currency: .eur))
        #expect(charges.lines.map(\.billed) == Array(repeating: .hours(2), count: 4))
    }

    @Test func `what is not gone is charged until the receipt is written`() {
        var state = Self.state()
        state.resources[1].goneAt = nil
        let receipt = Self.receipt(state, at: Self.at(4 * 3600 + 5))
        #expect(receipt.charges.lines.map(\.billed) == [.hours(4), .hours(2), .hours(2), .hours(2)])
    }

    private static func receipt(
        _ state: BurstState, exit: RemoteExit? = RemoteExit(status: 0), at: Timestamp = at(4020)
    ) -> Receipt {
        guard let run = state.run else { fatalError("the fixture has a run") }
        return Receipt(
            state: state, run: run, outcome: "done", jobExit: exit, missing: ["work/none: not on the instance"],
            verifiedGoneAt: at)
    }

    private static func json(_ receipt: Receipt) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(receipt), as: UTF8.self) + "\n"
    }

    private static func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_795_000_000 + seconds) }

    /// Two servers up for 65 minutes, one volume a little longer, an address of which half an hour is left to pay.
    private static func state() -> BurstState {
        let place = SourceLocation(file: "spillway.yaml", line: 1, column: 1)
        let source = PriceSource(name: "catalogue", date: "2026-07-30")
        func rate(_ nanos: Int64) -> Rate {
            Rate(nanos: nanos, granule: .hours(1), minimum: .hours(1), currency: .eur, source: source)
        }
        var state = BurstState(lineage: "lineage", stateID: "state", burst: "render")
        state.run = RunRecord(
            id: "01h8run00", phase: .ended, provider: "scaleway", account: "project", owner: "owner", stateID: "state",
            zone: "fr-par-1", instanceType: "DEV1-S",
            image: ImageReference(alias: "ubuntu-24.04", id: "image-id", root: .block),
            root: RootVolume(kind: .block, sizeBytes: 20_000_000_000), nodes: 2, attempt: 1, began: at(0),
            expires: at(10800), worstCase: Money(micros: 123_456, currency: .eur),
            rates: RunRates(server: rate(8_976_000), volume: rate(118_000), address: rate(4_000_000)),
            specDigest: "sha256:spec", planDigest: "sha256:plan",
            admission: SSHAdmission(cidrs: ["203.0.113.7/32"], port: 22),
            source: RunSource(spec: Spec(at: place), folder: "/spec", cloud: .scaleway))
        func known(_ kind: ResourceKind, _ id: String, _ from: Int64, _ to: Int64, size: Int64? = nil) -> KnownResource
        {
            let resource = CloudResource(
                id: ResourceID(kind, zone: "fr-par-1", id: id), name: "spillway-render-\(id)", tags: nil,
                lifecycle: .running, sizeBytes: size, instanceType: kind == .server ? "DEV1-S" : nil)
            return KnownResource(resource: resource, since: at(from), goneAt: at(to))
        }
        state.resources = [
            known(.firewall, "group", 1, 4020), known(.server, "one", 5, 3905), known(.server, "two", 5, 3905),
            known(.volume, "disk", 5, 3960, size: 20_000_000_000), known(.address, "ip", 3, 3990),
        ]
        state.jobs = (0..<2).map { node in
            JobRecord(
                node: node, stage: .collected, ending: .exited, exit: RemoteExit(status: 0), startedAt: at(60),
                finishedAt: at(3800), up: Transferred(files: 3, bytes: 4096),
                down: Transferred(files: 1, bytes: 1 << 20))
        }
        return state
    }
}
