import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct ConfigurationDecoderTests {
    static func decode(_ text: String) throws -> (UserConfiguration?, [Diagnostic]) {
        ConfigurationDecoder.decode(try YAMLReader.read(text: text, file: "config.yaml"))
    }

    /// "config.yaml:3:5 code: detail / remedy"
    static func problems(_ text: String) throws -> [String] {
        let (configuration, problems) = try decode(text)
        #expect((configuration == nil) == problems.contains { $0.severity == .error })
        return problems.map {
            "\($0.source?.description ?? "nowhere") \($0.code): \($0.detail) / \($0.remedy ?? "no remedy")"
        }
    }

    static let full = """
        owner: ada-7f3a
        budget:
          max_cost: 5.00 EUR
          max_duration: 4h
        exchange_rates:
          EUR/USD: 1.08
          USD/EUR: 0.93
        accounts:
          scaleway: 11111111-2222-3333-4444-555555555555
          aws: ["123456789012"]
        keeper:
          interval: 15m
        address_url: https://ip.example.net/plain
        """

    @Test func `every key is read`() throws {
        let (configuration, problems) = try Self.decode(Self.full)
        #expect(problems.isEmpty)
        #expect(
            configuration
                == UserConfiguration(
                    owner: "ada-7f3a",
                    defaults: UserDefaults(
                        maxCost: Money(micros: 5_000_000, currency: .eur), maxDuration: .hours(4)),
                    exchangeRates: ExchangeRates([
                        ExchangeRate(from: .eur, to: .usd, nanos: 1_080_000_000),
                        ExchangeRate(from: .usd, to: .eur, nanos: 930_000_000),
                    ]),
                    accounts: [
                        .scaleway: ["11111111-2222-3333-4444-555555555555"], .aws: ["123456789012"],
                    ], keeperInterval: .minutes(15), addressURL: "https://ip.example.net/plain"))
    }

    @Test(arguments: ["# nothing but a comment\n", "{}", "~", ""])
    func `a file that sets nothing is a configuration`(text: String) throws {
        let (configuration, problems) = try Self.decode(text)
        #expect(configuration == UserConfiguration())
        #expect(problems.isEmpty)
    }

    @Test func `every problem is told in one go, with its place`() throws {
        #expect(
            try Self.problems(
                """
                ownr: ada
                budget: {max_cost: 5, duration: 4h}
                exchange_rates: {EUR: 2, EUR/EUR: 1, EUR/USD: 0}
                accounts: {scalway: x}
                keeper: {}
                address_url: http://ip.example.net
                notifications: {webhook: https://x.y}
                """) == [
                    "config.yaml:1:1 config.unknown-key: The user configuration has no key `ownr`. / Did you mean `owner`?",
                    "config.yaml:2:20 config.wrong-unit: `budget.max_cost` is `5`: an amount needs its currency. / Write `5 EUR`.",
                    "config.yaml:2:23 config.unknown-key: `budget` has no key `duration`. / Did you mean `max_duration`?",
                    "config.yaml:3:18 config.wrong-name: `exchange_rates.EUR` is `EUR`: a rate is named by two currencies of three capital letters. / Write a pair of currencies such as `EUR/USD`.",
                    "config.yaml:3:26 config.contradiction: `exchange_rates.EUR/EUR` is `EUR/EUR`: both currencies are the same. / Write a pair of currencies such as `EUR/USD`.",
                    "config.yaml:3:47 config.wrong-range: `exchange_rates.EUR/USD` is `0`: a rate is more than nothing. / Write a number such as `1.08`.",
                    "config.yaml:4:12 config.unknown-key: `accounts` has no key `scalway`. / Did you mean `scaleway`?",
                    "config.yaml:5:9 config.missing-key: `keeper` has no `interval`: How often it runs: what it has to end costs up to this much longer, and the worst case counts it. / Add `interval:` with a duration such as `90s`.",
                    "config.yaml:6:14 config.wrong-value: `address_url` is `http://ip.example.net`: it is asked over https, or over http on this machine alone. / Write an https URL such as `https://checkip.amazonaws.com`.",
                    "config.yaml:7:16 config.not-yet-available: `notifications` is understood, but this version cannot act on it. / Leave it out, and look at the exit code of `spillway run` or `wait`.",
                ])
    }

    @Test(arguments: ["", "-a", "a b", "é", "a/b", String(repeating: "a", count: 64)])
    func `an owner that could not stand in a tag is refused`(owner: String) throws {
        let (configuration, problems) = try Self.decode("owner: \"\(owner)\"")
        #expect(configuration == nil)
        #expect(problems.map(\.code) == ["config.wrong-name"])
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080/ip", true), ("http://localhost/", true), ("http://[::1]:1", true),
        ("http://127.0.0.1.evil.org/", false), ("http://localhost.evil.org", false), ("https://", false),
        ("ftp://x", false), ("https://a b", false),
    ])
    func `addresses are asked over https, or on this machine`(url: String, allowed: Bool) throws {
        #expect(try (Self.decode("address_url: \"\(url)\"").0 != nil) == allowed)
    }

    @Test(arguments: [("1", 1_000_000_000), ("0.000000001", 1), ("1.08", 1_080_000_000)] as [(String, Int64)])
    func `rates are exact`(text: String, nanos: Int64) throws {
        #expect(try Self.decode("exchange_rates: {EUR/USD: \(text)}").0?.exchangeRates.all.first?.nanos == nanos)
    }

    @Test(arguments: ["1.0000000001", "-1", "1,08", "1.", ".5", "1e3", "1000000"])
    func `what is no plain decimal is no rate`(text: String) throws {
        #expect(try Self.decode("exchange_rates: {EUR/USD: \"\(text)\"}").0 == nil)
    }

    @Test func `a rate converts both ways, rounds as it is told, and nothing is converted without one`() throws {
        let rates = ExchangeRates([ExchangeRate(from: .eur, to: .usd, nanos: 1_080_000_001)])
        func usd(_ micros: Int64, _ rounding: ExchangeRates.Rounding) -> Int64? {
            rates.convert(Money(micros: micros, currency: .eur), to: .usd, rounding: rounding)?.micros
        }
        #expect(usd(1, .up) == 2 && usd(1, .down) == 1)
        #expect(usd(1_000_000, .up) == 1_080_001 && usd(1_000_000, .down) == 1_080_000)
        let back = rates.convert(Money(micros: 1_080_001, currency: .usd), to: .eur, rounding: .down)
        #expect(back == Money(micros: 1_000_000, currency: .eur))
        let pound = try #require(Currency(rawValue: "GBP"))
        #expect(rates.convert(Money(micros: 1, currency: .usd), to: pound, rounding: .up) == nil)
        #expect(ExchangeRates().convert(Money(micros: 7, currency: .usd), to: .usd, rounding: .up)?.micros == 7)
        let absurd = ExchangeRates([ExchangeRate(from: .eur, to: .usd, nanos: .max)])
        #expect(absurd.convert(Money(micros: .max, currency: .eur), to: .usd, rounding: .up) == nil)
    }

    @Test func `an account that is not allowed is refused, another provider is not restricted`() throws {
        let configuration = UserConfiguration(accounts: [.scaleway: ["a", "b"]])
        try configuration.permit("a", of: .scaleway)
        try configuration.permit("z", of: .aws)
        let diagnostic = #expect(throws: Diagnostic.self) { try configuration.permit("z", of: .scaleway) }
        #expect(diagnostic?.exit == .refused)
        #expect(
            diagnostic?.detail
                == "The credentials are for z of scaleway; the user configuration allows a and b there.")
    }

    @Test func `the checked-in schema is the one the decoder's description gives`() throws {
        try Golden.expect(JSONSchema.renderConfiguration(), at: "docs/schema/config.schema.json")
    }
}
