import SpillwayCore
import Testing

@Suite struct MoneyTests {
    @Test(arguments: [
        ("4 EUR", 4_000_000, "4.00 EUR"), ("4.00 EUR", 4_000_000, "4.00 EUR"), ("0.5EUR", 500_000, "0.50 EUR"),
        ("0.008976 EUR", 8976, "0.008976 EUR"), ("12.3450 USD", 12_345_000, "12.345 USD"),
    ])
    func `amounts are read exactly and written with two decimals or more`(text: String, micros: Int64, written: String)
    {
        #expect(Money(text)?.micros == micros)
        #expect(Money(text)?.description == written)
    }

    @Test(arguments: [
        "", "EUR", "4", "4.00", "-1 EUR", "4,00 EUR", "4.0000001 EUR", "1e3 EUR", "4. EUR", ".5 EUR", "4 eur", "4 EURO",
        "99999999999999999999 EUR", "4.00 €",
    ])
    func `what is not an amount with a currency is refused`(text: String) { #expect(Money(text) == nil) }

    @Test(arguments: [
        (0, 100_000), (1, 100_000), (3600, 100_000), (3601, 200_000), (10_800, 300_000),
    ])
    func `an hourly price is charged by started hours with an hour at least`(seconds: Int64, micros: Int64) {
        #expect(PlanningFixture.hourly.charge(over: Seconds(seconds)).micros == micros)
    }

    @Test func `a price per second with a minimum of a minute is charged so`() {
        let rate = Rate(
            nanos: 3_600_000_000, granule: Seconds(1), minimum: Seconds(60), currency: .usd,
            source: PriceSource(name: "test", date: "2026-01-01"))
        #expect(rate.charge(over: Seconds(1)).micros == 60_000)
        #expect(rate.charge(over: Seconds(61)).micros == 61_000)
    }

    @Test func `a charge is rounded up once, after the quantity`() {
        let rate = Rate(
            nanos: 1, granule: .hours(1), minimum: .hours(1), currency: .eur,
            source: PriceSource(name: "test", date: "2026-01-01"))
        #expect(rate.charge(over: .hours(1), quantity: 1000).micros == 1)
        #expect(rate.charge(over: .hours(1), quantity: 1001).micros == 2)
    }

    @Test func `an absurd span is dear, never negative`() {
        #expect(PlanningFixture.hourly.charge(over: Seconds(.max / 4), quantity: .max).micros == .max)
    }

    @Test func `no charge ever shrinks when the span grows`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let rate = Rate(
                nanos: .random(in: 0...10_000_000_000, using: &random),
                granule: Seconds(.random(in: 1...7200, using: &random)),
                minimum: Seconds(.random(in: 0...7200, using: &random)), currency: .eur,
                source: PriceSource(name: "test", date: "2026-01-01"))
            let short = Int64.random(in: 0...100_000, using: &random)
            let long = short + .random(in: 0...100_000, using: &random)
            #expect(rate.charge(over: Seconds(short)).micros <= rate.charge(over: Seconds(long)).micros)
            #expect(rate.billed(Seconds(short)) >= Seconds(short))
        }
    }
}
