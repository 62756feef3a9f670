import SpillwayCore
import SpillwayEngine

/// One resource in what a sweep says: for tables, `--json` and plan files alike.
struct SweepItem: Codable, Hashable {
    var provider: ProviderName
    var account: String
    var id: ResourceID
    var name: String
    var burst: String
    var run: String
    var stateID: String
    var expires: Timestamp
    var reason: String
    /// nil when it costs nothing or its price is not known.
    var perHour: Money?

    private enum CodingKeys: String, CodingKey {
        case provider, account, id, name, burst, run, expires, reason
        case stateID = "state_id"
        case perHour = "per_hour"
    }

    /// The same thing for the same reason, whatever its price is by now.
    func isSame(as other: SweepItem) -> Bool {
        var (one, two) = (self, other)
        (one.perHour, two.perHour) = (nil, nil)
        return one == two
    }
}

/// What one cloud showed, priced.
struct CloudSight: Sendable {
    var opened: SweepClouds.Opened
    var sight: SweepSight

    var candidates: [SweepItem] {
        sight.decision.candidates.map { item($0.resource, $0.tags, $0.reason.rawValue) }
    }

    var kept: [SweepItem] {
        sight.decision.kept.map { item($0.resource, $0.tags, $0.reason.rawValue) }
    }

    func item(_ resource: CloudResource, _ tags: ResourceTags, _ reason: String) -> SweepItem {
        SweepItem(
            provider: opened.name, account: opened.cloud.account, id: resource.id, name: resource.name,
            burst: tags.burst, run: tags.run, stateID: tags.stateID, expires: tags.expires, reason: reason,
            perHour: hourly(resource, tags))
    }

    func items(_ resources: [CloudResource], _ reason: String) -> [SweepItem] {
        resources.compactMap { resource in resource.tags.map { item(resource, $0, reason) } }
    }

    /// At the price its run was begun at, else at that of the catalogue in the binary.
    private func hourly(_ resource: CloudResource, _ tags: ResourceTags) -> Money? {
        if let rates = sight.rates(tags) { return rates.hourly(resource) }
        guard let zone = opened.cloud.rules.catalogue().zone(resource.id.zone) else { return nil }
        let type = resource.instanceType.flatMap(zone.type)
        guard let server = type?.rate ?? (resource.id.kind == .server ? nil : zone.types.first?.rate) else {
            return nil
        }
        return RunRates(server: server, volume: zone.blockVolume, address: zone.ipv4).hourly(resource)
    }
}

extension [SweepItem] {
    /// "2 servers and 1 volume (0.08 EUR/h)"; amounts of different currencies stand side by side.
    var sentence: String {
        let counts = ResourceKind.allCases.compactMap { kind -> String? in
            let count = filter { $0.id.kind == kind }.count
            return count == 0 ? nil : "\(count) \(count == 1 ? kind.rawValue : kind.plural)"
        }
        let list =
            counts.count < 2
            ? counts.joined() : counts.dropLast().joined(separator: ", ") + " and " + counts[counts.count - 1]
        return list + (hourly.isEmpty ? "" : " (\(hourly.map { "\($0)/h" }.joined(separator: " and ")))")
    }

    var hourly: [Money] {
        Dictionary(grouping: compactMap(\.perHour), by: \.currency).values
            .compactMap { amounts in
                amounts.first.map { Money(micros: amounts.reduce(0) { $0 + $1.micros }, currency: $0.currency) }
            }
            .sorted { $0.currency.rawValue < $1.currency.rawValue }
    }
}
