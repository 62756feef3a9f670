import SpillwayCore
import Testing

@Suite struct ProviderChoiceTests {
    private let cap = Located(
        Money(micros: 4_000_000, currency: .eur), at: SourceLocation(file: "spillway.yaml", line: 4, column: 1))
    private let rates = ExchangeRates([ExchangeRate(from: .eur, to: .usd, nanos: 1_100_000_000)])

    private func candidate(_ name: ProviderName, _ micros: Int64, _ currency: Currency) -> ProviderChoice.Candidate {
        .init(name: name, worstCase: Money(micros: micros, currency: currency))
    }

    @Test(arguments: [
        (1_000_000, 1_099_998, [ProviderName.aws, .scaleway]), (1_000_000, 1_100_001, [.scaleway, .aws]),
    ])
    func `the cheapest by the user's own rate comes first`(eur: Int64, usd: Int64, order: [ProviderName]) throws {
        let chosen = try ProviderChoice.cheapestFirst(
            [candidate(.scaleway, eur, .eur), candidate(.aws, usd, .usd)], cap: cap, rates: rates)
        #expect(chosen.map(\.name) == order)
    }

    @Test func `of equals the one that the spec names first comes first`() throws {
        let pair = [candidate(.aws, 1_100_000, .usd), candidate(.scaleway, 1_000_000, .eur)]
        #expect(try ProviderChoice.cheapestFirst(pair, cap: cap, rates: rates).map(\.name) == [.aws, .scaleway])
    }

    @Test func `without a rate nothing is compared, and the message says how to write one`() throws {
        let pair = [candidate(.scaleway, 1, .eur), candidate(.aws, 1, .usd)]
        let thrown = #expect(throws: Diagnostic.self) {
            try ProviderChoice.cheapestFirst(pair, cap: cap, rates: ExchangeRates())
        }
        #expect(thrown?.code == "cost.no-exchange-rate" && thrown?.exit == .refused && thrown?.source == cap.location)
        #expect(thrown?.remedy?.contains("exchange_rates: {EUR/USD:") == true)
        let alone = [candidate(.aws, 1, .usd)]
        #expect(try ProviderChoice.cheapestFirst(alone, cap: cap, rates: ExchangeRates()) == alone)
    }
}
