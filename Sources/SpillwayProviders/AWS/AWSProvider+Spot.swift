package import SpillwayCore

/// What a type costs on the spot market of a zone.
package struct AWSSpotPrice: Sendable, Hashable {
    package var zone: String
    package var type: String
    package var rate: Rate
    package var at: Timestamp
}

extension AWSProvider {
    /// The prices of now for Linux, the newest for each type and zone. One request a region, and its pages.
    package func spotPrices(of types: [String], zones: [String]) async throws(ProviderError) -> [AWSSpotPrice] {
        guard !types.isEmpty else { return [] }
        let found = try await boundedTryMap(regions(zones), width: 3) { region throws(ProviderError) in
            try await spotPrices(of: types, region: region)
        }
        var newest: [String: AWSSpotPrice] = [:]
        for price in found.flatMap({ $0 }) where zones.contains(price.zone) {
            let key = "\(price.zone) \(price.type)"
            if newest[key].map({ $0.at < price.at }) ?? true { newest[key] = price }
        }
        return newest.values.sorted { ($0.zone, $0.type) < ($1.zone, $1.type) }
    }

    private func spotPrices(of types: [String], region: String) async throws(ProviderError) -> [AWSSpotPrice] {
        let now = now()
        let call = AWSAPI.Call(
            "list the spot prices of \(region)", "DescribeSpotPriceHistory", region: region, .read
        ) { query in
            // With the start at now EC2 gives the price in force, one a type and zone.
            query["StartTime"] = now.description
            query.list("InstanceType", types)
            query["ProductDescription.1"] = "Linux/UNIX"
        }
        return try await api.items(call, "spotPriceHistorySet", pageSize: 1000).compactMap { item in
            guard let zone = item.text("availabilityZone"), let type = item.text("instanceType"),
                let price = item.text("spotPrice").flatMap({ NanoPrice($0) }),
                let at = item.text("timestamp").flatMap({ Timestamp(rfc3339: $0) })
            else { return nil }
            return AWSSpotPrice(zone: zone, type: type, rate: Self.rate(price.nanos, at: now), at: at)
        }
    }

    /// By the second, a minute at least.
    private static func rate(_ nanos: Int64, at now: Timestamp) -> Rate {
        Rate(
            nanos: nanos, granule: Seconds(1), minimum: .minutes(1), currency: .usd,
            source: PriceSource(name: "api", date: String(now.description.prefix(10))))
    }

    /// A one-time request: taken back it is not asked for again, and its instance goes.
    static func writeSpot(
        _ group: ServerGroup, to query: inout AWSQuery, _ call: AWSAPI.Call
    ) throws(ProviderError) {
        let rate = group.rate
        guard rate.currency == .usd, rate.base == .hours(1), rate.nanos > 0 else {
            throw ProviderError(
                .invalid, operation: call.operation, detail: "a bid is in USD an hour, and this is in \(rate.currency)")
        }
        query["InstanceMarketOptions.MarketType"] = "spot"
        query["InstanceMarketOptions.SpotOptions.SpotInstanceType"] = "one-time"
        query["InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior"] = "terminate"
        query["InstanceMarketOptions.SpotOptions.MaxPrice"] = Money.decimal(rate.nanos, places: 9)
    }
}
