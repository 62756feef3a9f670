/// The user configuration, key by key: the one description behind decoding, the JSON Schema and "did you mean".
enum ConfigurationLanguage {
    struct Draft: Sendable {
        var configuration = UserConfiguration()
        var budget: BudgetDraft
        var keeper: Keeper?
        var notifications: Notifications?

        init(at location: SourceLocation) { budget = BudgetDraft(at: location) }

        var value: UserConfiguration {
            var value = configuration
            value.defaults = UserDefaults(maxCost: budget.maxCost?.value, maxDuration: budget.maxDuration?.value)
            value.keeperInterval = keeper?.interval
            return value
        }
    }

    struct Keeper: Sendable {
        var interval = Seconds(0)
    }

    struct Notifications: Sendable {
        var webhook: String?
    }

    static let root = Shape<Draft>.record(
        [
            Field(
                "owner", \.configuration.owner, ConfigurationNotations.owner, .optional, aliases: ["user", "owner_id"],
                """
                Who you are to your clouds: the tag that sweep, destroy --all and adopt go by. The same on every \
                machine of yours. Made and written here by the first command that needs it.
                """),
            Field(
                "budget", \.budget, budget, .optional, aliases: ["defaults", "limits"],
                "The bounds of every burst whose spec sets none."),
            Field(
                "exchange_rates", \.configuration.exchangeRates.all, rates, .optional,
                aliases: ["rates", "currencies"],
                "What one of a currency is worth in another: `EUR/USD: 1.08`. Without one, amounts in two currencies are never compared."
            ),
            Field(
                "accounts", \.configuration.accounts, accounts, .optional, aliases: ["projects", "allowed_accounts"],
                "The accounts or projects that may be billed; a provider that is not named here is not restricted."),
            Field(
                "keeper", \.keeper, keeper, .optional, aliases: ["sweep"],
                "A scheduled sweep of yours on another machine, which ends what this one no longer can."),
            Field(
                "address_url", \.configuration.addressURL, ConfigurationNotations.address, .optional,
                aliases: ["ip_url", "what_is_my_address"],
                "Asked for this machine's public address when a spec says `allow_from: auto`."),
            Field(
                "price_list_url", \.configuration.priceListURL, ConfigurationNotations.address, .optional,
                aliases: ["prices", "price_url", "pricing_url"],
                "Where `spillway prices update` finds AWS's public price list, such as a mirror of yours."),
            Field(
                "notifications", \.notifications, notifications, .optional, aliases: ["notify", "webhook"],
                "Who is told when a run has ended. Not yet available."),
        ], draft: Draft.init(at:))

    private static let budget = Shape<BudgetDraft>.record(
        [
            Field(
                "max_cost", \.maxCost, Notations.money.located, .optional, aliases: ["max_price", "cost"],
                "The worst case of one burst may not exceed this."),
            Field(
                "max_duration", \.maxDuration, Notations.duration.located, .optional,
                aliases: ["duration", "max_time"],
                "From power-on to verified gone."),
        ], draft: BudgetDraft.init(at:))

    private static let rates = Shape.dictionary(
        names: ConfigurationNotations.pair, nameForm: ConfigurationNotations.pairForm,
        values: ConfigurationNotations.rate
    ).map { rates in
        rates.compactMap { rate -> ExchangeRate? in
            let parts = rate.name.value.split(separator: "/").compactMap { Currency(rawValue: String($0)) }
            return parts.count == 2 ? ExchangeRate(from: parts[0], to: parts[1], nanos: rate.value) : nil
        }
    }

    private static let accounts = Shape<[ProviderName: [String]]>.record(
        [ProviderName.scaleway, .aws].map { provider in
            Field(
                provider.rawValue, \.[provider], ConfigurationNotations.account.oneOrMore, .optional,
                "One id, or several.")
        }
    ) { _ in [:] }

    private static let keeper = Shape<Keeper>.record(
        [
            Field(
                "interval", \.interval, Notations.duration, .required, aliases: ["every", "schedule"],
                "How often it runs: what it has to end costs up to this much longer, and the worst case counts it.")
        ]
    ) { _ in Keeper() }

    private static let notifications = Shape<Notifications>.record(
        [
            Field("webhook", \.webhook, ConfigurationNotations.address, .optional, aliases: ["url"], "An https URL.")
        ]
    ) { _ in Notifications() }
    .checked { _, location, reading in
        reading.report(
            .notYetAvailable, "\(reading.place) is understood, but this version cannot act on it.",
            remedy: "Leave it out, and look at the exit code of `spillway run` or `wait`.", at: location)
    }
}
