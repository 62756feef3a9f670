/// What a user sets once for all of their bursts, in `$XDG_CONFIG_HOME/spillway/config.yaml`.
///
/// Everything that could turn a spec from a stranger against its reader stands here and never in a spec.
package struct UserConfiguration: Hashable, Sendable {
    /// Goes into the tags of everything that is made; the same on every machine of one user.
    package var owner: String?
    package var defaults: UserDefaults
    package var exchangeRates: ExchangeRates
    /// The accounts or projects that may be billed, by provider; a provider without an entry is not restricted.
    package var accounts: [ProviderName: [String]]
    /// How often a sweep runs that this machine cannot see; nil when none is declared.
    package var keeperInterval: Seconds?
    /// Says which address this machine has on the internet.
    package var addressURL: String?
    /// Where AWS's public price list is, when not where AWS has it.
    package var priceListURL: String?

    package init(
        owner: String? = nil, defaults: UserDefaults = UserDefaults(), exchangeRates: ExchangeRates = ExchangeRates(),
        accounts: [ProviderName: [String]] = [:], keeperInterval: Seconds? = nil, addressURL: String? = nil,
        priceListURL: String? = nil
    ) {
        self.owner = owner
        self.defaults = defaults
        self.exchangeRates = exchangeRates
        self.accounts = accounts
        self.keeperInterval = keeperInterval
        self.addressURL = addressURL
        self.priceListURL = priceListURL
    }

    /// Whether `text` may stand in the owner tag.
    package static func isOwner(_ text: String) -> Bool {
        let node = DocumentNode.scalar(text, quoted: true, SourceLocation(file: "", line: 0, column: 0))
        var reading = Reading(options: SpecDecoder.Options(), language: [])
        return ConfigurationNotations.owner.read(node, &reading) != nil
    }

    /// Throws unless `account` of `provider` may be billed.
    package func permit(_ account: String, of provider: ProviderName) throws(Diagnostic) {
        guard let allowed = accounts[provider], !allowed.contains(account) else { return }
        throw Diagnostic(
            "config.account-not-allowed", "This account may not be billed",
            detail: "The credentials are for \(account) of \(provider.rawValue); the user configuration allows "
                + "\(allowed.joined(separatedBy: "and")) there.",
            remedy: "Use other credentials, or add it to accounts.\(provider.rawValue).",
            exists: "Nothing was created.",
            exit: .refused)
    }
}

/// How many of one currency another is worth, as the user wrote it: amounts are never added without one.
package struct ExchangeRate: Hashable, Sendable {
    package var from: Currency
    package var to: Currency
    /// Billionths of `to` for one of `from`.
    package var nanos: Int64

    package init(from: Currency, to: Currency, nanos: Int64) {
        self.from = from
        self.to = to
        self.nanos = nanos
    }

    /// "1 EUR = 1.08 USD".
    package var sentence: String { "1 \(from) = \(Money.decimal(nanos, places: 9)) \(to)" }
}

/// The rates that the user wrote, each good for both directions.
package struct ExchangeRates: Hashable, Sendable {
    package enum Rounding: Sendable {
        case up, down
    }

    package var all: [ExchangeRate]

    package init(_ all: [ExchangeRate] = []) { self.all = all }

    /// nil where no rate was written for the two currencies, or the amount does not fit. An amount in `currency` is
    /// itself. A cost is rounded up, a cap down.
    package func convert(_ money: Money, to currency: Currency, rounding: Rounding) -> Money? {
        guard money.currency != currency else { return money }
        guard let rate = rate(money.currency, currency), money.micros >= 0 else { return nil }
        let (multiplier, divisor) =
            rate.from == currency ? (Int128(1_000_000_000), Int128(rate.nanos)) : (Int128(rate.nanos), 1_000_000_000)
        let (whole, part) = (Int128(money.micros) * multiplier).quotientAndRemainder(dividingBy: divisor)
        let micros = part > 0 && rounding == .up ? whole + 1 : whole
        return Int64(exactly: micros).map { Money(micros: $0, currency: currency) }
    }

    package func rate(_ one: Currency, _ other: Currency) -> ExchangeRate? {
        all.first { $0.from == one && $0.to == other } ?? all.first { $0.from == other && $0.to == one }
    }
}
