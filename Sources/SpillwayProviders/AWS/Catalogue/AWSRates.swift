internal import SpillwayCore

/// How AWS charges, apart from the prices themselves.
enum AWSRates {
    /// Linux instances: by the second, 60 s at the least.
    static func server(nanosPerHour: Int64, source: PriceSource) -> Rate {
        Rate(nanos: nanosPerHour, granule: Seconds(1), minimum: .minutes(1), currency: .usd, source: source)
    }

    /// Volumes: by the second, 60 s at the least, of a monthly price. The shortest month has 28 days.
    static func volume(nanosPerMonth: Int64, source: PriceSource) -> Rate {
        Rate(
            nanos: nanosPerMonth, base: .hours(28 * 24), granule: Seconds(1), minimum: .minutes(1), currency: .usd,
            source: source)
    }

    /// Public addresses: the announcement names a price an hour and no smaller unit.
    static func address(nanosPerHour: Int64, source: PriceSource) -> Rate {
        Rate(nanos: nanosPerHour, granule: .hours(1), minimum: .hours(1), currency: .usd, source: source)
    }

    static func egress(nanosPerGB: Int64, source: PriceSource) -> Rate {
        .once(nanos: nanosPerGB, currency: .usd, source: source)
    }
}
