import Foundation
import SpillwayCore
import Testing

@Suite struct ReceiptTests {
    private let goneAt = Timestamp(seconds: 4000)

    private func receipt(_ jobs: [JobRecord]) -> Receipt {
        var state = PlanningFixture.state()
        state.jobs = jobs
        let server = PlanningFixture.server(0)
        state.resources = [
            server, PlanningFixture.volume(of: server), PlanningFixture.address(0), PlanningFixture.firewall(),
        ]
        .map { KnownResource(resource: $0, since: Timestamp(seconds: 100), goneAt: goneAt) }
        return Receipt(
            state: state, run: PlanningFixture.run(), outcome: "succeeded", jobExit: RemoteExit(status: 0), missing: [],
            verifiedGoneAt: goneAt)
    }

    @Test func `what was used is charged by the billing rule, line by line`() {
        // 3,900 s are two started hours: 0.20 server, 20 × 0.002 volume, 0.20 address; a firewall costs nothing.
        let charges = receipt([]).charges
        #expect(charges.lines.map(\.cost.micros).sorted() == [40_000, 200_000, 200_000])
        #expect(charges.total == Money(micros: 440_000, currency: .eur))
    }

    @Test func `as JSON it has every field that is promised, amounts as exact numbers`() throws {
        let job = JobRecord(
            stage: .collected, up: Transferred(files: 1, bytes: 10), down: Transferred(files: 2, bytes: 30))
        let bytes = try JSONEncoder().encode(receipt([job]))
        let object = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        #expect(object["run"] as? String == "r1")
        #expect(object["outcome"] as? String == "succeeded")
        #expect(object["job_exit_code"] as? Int == 0)
        #expect(object["bytes_up"] as? Int == 10)
        #expect(object["bytes_down"] as? Int == 30)
        #expect(object["verified_gone_at"] as? String == "1970-01-01T01:06:40Z")
        let cost = try #require(object["cost"] as? [String: Any])
        #expect(cost["estimate"] as? Double == 0.44)
        #expect(cost["worst_case"] as? Double == 0.000001)
        #expect(cost["currency"] as? String == "EUR")
        let steps = try #require(object["steps"] as? [[String: Any]])
        #expect(steps.count == 8)
        #expect(
            steps.map { $0["action"] as? String ?? "" } == Array(repeating: "created", count: 4)
                + Array(repeating: "gone", count: 4))
    }

    @Test func `as text it ends with what was verified`() {
        let text = receipt([JobRecord(stage: .collected, missing: [])]).text
        #expect(text.hasSuffix("verified gone  1970-01-01T01:06:40Z\n"))
        #expect(text.contains("about 0.44 EUR"))
    }
}
