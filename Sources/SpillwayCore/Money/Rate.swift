/// A price as its provider really charges it: so many nano-units per base span, in granules, with a minimum.
///
/// Example: Scaleway's DEV1-S at 0.008976 EUR per started hour is `nanos: 8_976_000, base: 3600, granule: 3600,
/// minimum: 3600`. A price is known only with a `source`; there is no default, and a zero is one that a source states.
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

    /// Charged once for an item, however long it lives: a gigabyte that is sent.
    package static func once(nanos: Int64, currency: Currency, source: PriceSource) -> Rate {
        Rate(
            nanos: nanos, base: Seconds(0), granule: Seconds(1), minimum: Seconds(0), currency: currency,
            source: source)
    }

    package var isOnce: Bool { base.count == 0 }

    /// What `quantity` items cost over `span`: rounded up to the granule, then once to micro-units.
    /// Saturates instead of overflowing, so that an absurd span is refused by any cap rather than wrapped.
    package func charge(over span: Seconds, quantity: Int64 = 1) -> Money {
        Money(micros: micros(quantity, over: billed(span).count), currency: currency)
    }

    /// The span that is paid for when an item lives for `span`.
    package func billed(_ span: Seconds) -> Seconds {
        let lived = max(span, minimum)
        let over = lived.count % granule.count
        guard over > 0 else { return lived }
        let (rounded, overflow) = (lived.count - over).addingReportingOverflow(granule.count)
        return Seconds(overflow ? .max : rounded)
    }

    /// What `quantity` items cost per hour, for "costs now" lines.
    package func perHour(quantity: Int64 = 1) -> Money {
        Money(micros: isOnce ? 0 : micros(quantity, over: 3600), currency: currency)
    }

    private func micros(_ quantity: Int64, over seconds: Int64) -> Int64 {
        let items = Int128(nanos) * Int128(quantity)
        let (product, overflow) = items.multipliedReportingOverflow(by: isOnce ? 1 : Int128(seconds))
        guard !overflow else { return .max }
        let divisor = Int128(isOnce ? 1 : base.count) * 1000
        let (whole, part) = product.quotientAndRemainder(dividingBy: divisor)
        return Int64(clamping: part > 0 ? whole + 1 : whole)
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
