import SpillwayCore
import Testing

@Suite struct WorstCaseTests {
    private let assumptions = WorstCase.Assumptions(maxDuration: .minutes(50), boot: .minutes(5), teardown: .minutes(5))

    @Test func `everything counts: servers, volumes by the gigabyte, addresses, for every node`() {
        let estimate = WorstCase.estimate(offers: [PlanningFixture.offer()], nodes: 2, assuming: assumptions)
        // One started hour each: 2 × 0.10 server, 2 × 20 × 0.001 volume, 2 × 0.10 address.
        #expect(estimate.lines.map(\.cost.micros) == [200_000, 40_000, 200_000])
        #expect(estimate.total == Money(micros: 440_000, currency: .eur))
    }

    @Test func `a minute more than the hour costs the next hour`() {
        var longer = assumptions
        longer.maxDuration = .minutes(51)
        let estimate = WorstCase.estimate(offers: [PlanningFixture.offer()], nodes: 1, assuming: longer)
        #expect(estimate.total.micros == 440_000)
    }

    @Test func `each offer that may be tried and left costs its minimum`() {
        let estimate = WorstCase.estimate(
            offers: [PlanningFixture.offer("z1"), PlanningFixture.offer("z2")], nodes: 1, assuming: assumptions)
        #expect(estimate.total.micros == 220_000 + 120_000)
        #expect(estimate.lines.last?.what == "1 × public IPv4, if z1 has no stock")
    }

    @Test func `a keeper's interval is paid for when it is counted on`() {
        var kept = assumptions
        kept.keeperInterval = .minutes(15)
        let estimate = WorstCase.estimate(offers: [PlanningFixture.offer()], nodes: 1, assuming: kept)
        #expect(estimate.total.micros == 440_000)
    }

    @Test func `the longest duration that a cap pays for fits, and a minute more does not`() throws {
        let cap = Money(micros: 700_000, currency: .eur)
        let asked = WorstCase.Assumptions(maxDuration: .hours(9), boot: .minutes(5), teardown: .minutes(5))
        let longest = try #require(
            WorstCase.longest(offers: [PlanningFixture.offer()], nodes: 1, assuming: asked, cap: cap))
        #expect(longest == .minutes(170))
    }

    @Test func `a cap that is too small is refused with the lines, and nothing was created`() {
        let estimate = WorstCase.estimate(offers: [PlanningFixture.offer()], nodes: 1, assuming: assumptions)
        let thrown = #expect(throws: Diagnostic.self) {
            try CostGuard.check(
                estimate, cap: Money(micros: 219_999, currency: .eur), source: nil, longest: .minutes(50))
        }
        #expect(thrown?.exit == .refused)
        #expect(thrown?.exists == "Nothing was created.")
        #expect(thrown?.detail.contains("1 × T1 in z1: 0.10 EUR") == true)
        #expect(throws: Never.self) {
            try CostGuard.check(estimate, cap: Money(micros: 220_000, currency: .eur), source: nil, longest: nil)
        }
    }

    @Test func `a cap in another currency is never compared`() {
        let estimate = WorstCase.estimate(offers: [PlanningFixture.offer()], nodes: 1, assuming: assumptions)
        let thrown = #expect(throws: Diagnostic.self) {
            try CostGuard.check(estimate, cap: Money(micros: .max, currency: .usd), source: nil, longest: nil)
        }
        #expect(thrown?.code == "cost.currency")
    }
}
