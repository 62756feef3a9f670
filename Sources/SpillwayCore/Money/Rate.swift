/// A price as its provider really charges it: so many nano-units per base span, in granules, with a minimum.
///
/// Example: Scaleway's DEV1-S at 0.008976 EUR per started hour is `nanos: 8_976_000, base: 3600, granule: 3600,
/// minimum: 3600`. A price is known only with a `source`; there is no default and no zero.
package struct Rate: Hashable, Sendable, Codable {
    /// Nano-units of `currency` for one item over `base`.
    package var nanos: Int64
    package var base: Seconds
    package var granule: Seconds
    package var minimum: Seconds
    package var currency: Currency
    package var source: PriceSource

    package init(
        nanos: Int64, base: Seconds = .hours(1), granule: Seconds, minimum: Seconds, currency: Currency,
        source: PriceSource
    ) {
        self.nanos = nanos
        self.base = base
        self.granule = granule
        self.minimum = minimum
        self.currency = currency
        self.source = source
    }

    /// What `quantity` items cost over `span`: rounded up to the granule, then once to micro-units.
    /// Saturates instead of overflowing, so that an absurd span is refused by any cap rather than wrapped.
    package func charge(over span: Seconds, quantity: Int64 = 1) -> Money {
        Money(
            micros: ceilMicros(
                numerator: Int128(nanos) * Int128(quantity) * Int128(billed(span).count),
                denominator: Int128(base.count) * 1000), currency: currency)
    }

    /// The span that is paid for when an item lives for `span`.
    package func billed(_ span: Seconds) -> Seconds {
        let lived = max(span, minimum)
        let granules = (lived.count + granule.count - 1) / granule.count
        return Seconds(granules * granule.count)
    }

    /// What `quantity` items cost per hour, for "costs now" lines.
    package func perHour(quantity: Int64 = 1) -> Money {
        Money(
            micros: ceilMicros(
                numerator: Int128(nanos) * Int128(quantity) * 3600,
                denominator: Int128(base.count) * 1000), currency: currency)
    }

    private func ceilMicros(numerator: Int128, denominator: Int128) -> Int64 {
        let micros = (numerator + denominator - 1) / denominator
        return Int64(clamping: micros)
    }
}

/// Where a price was read and when; printed with every estimate.
package struct PriceSource: Hashable, Sendable, Codable {
    /// "catalogue" (in the binary), "api", "lock".
    package var name: String
    /// The day the price was read from the provider, "2026-07-30".
    package var date: String

    package init(name: String, date: String) {
        self.name = name
        self.date = date
    }
}
