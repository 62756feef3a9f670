/// What the resources of a run cost for as long as they were known to exist, at the run's own prices and billing rules.
///
/// An estimate: the provider's clock, taxes, discounts and free tiers are not known here.
package struct Charges: Sendable, Hashable, Codable {
    package struct Line: Sendable, Hashable, Codable {
        package var what: String
        package var billed: Seconds
        package var cost: Money
    }

    package var lines: [Line]
    package var total: Money

    package init(_ resources: [KnownResource], rates: RunRates, until now: Timestamp) {
        lines = resources.compactMap { known in
            let resource = known.resource
            let lived = max((known.goneAt ?? now) - known.since, Seconds(0))
            let rate: Rate?
            let quantity: Int64
            switch resource.id.kind {
            case .server: (rate, quantity) = (rates.server, 1)
            case .volume: (rate, quantity) = (rates.volume, ((resource.sizeBytes ?? 0) + 999_999_999) / 1_000_000_000)
            case .address: (rate, quantity) = (rates.address, 1)
            case .firewall, .key, .interface, .request: (rate, quantity) = (nil, 0)
            }
            guard let rate else { return nil }
            return Line(
                what: "\(resource.id.kind.rawValue) \(resource.instanceType ?? resource.ipv4 ?? resource.name)",
                billed: rate.billed(lived), cost: rate.charge(over: lived, quantity: quantity))
        }
        let micros = lines.reduce(Int64(0)) { total, line in
            let (sum, overflow) = total.addingReportingOverflow(line.cost.micros)
            return overflow ? .max : sum
        }
        total = Money(micros: micros, currency: rates.server.currency)
    }
}
