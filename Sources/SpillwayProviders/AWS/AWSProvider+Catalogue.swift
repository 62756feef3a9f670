package import SpillwayCore

extension AWSProvider {
    /// Types and prices from where the provider was told, each type where its zone has it: one request a region, and
    /// its pages.
    package func catalogue(zones: [String]) async throws(ProviderError) -> Catalogue {
        let found = try await boundedTryMap(regions(zones), width: 3) { region throws(ProviderError) in
            try await catalogue(region: region, zones: zones.filter { AWSZones.region(of: $0) == region })
        }
        let byName = Dictionary(found.flatMap { $0 }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return Catalogue(zones: zones.compactMap { byName[$0] })
    }

    private func catalogue(region: String, zones: [String]) async throws(ProviderError) -> [Catalogue.Zone] {
        async let offered = offerings(region: region, zones: zones)
        let known: Catalogue
        let there: [String: Set<String>]
        do {
            known = try await prices(region)
            there = try await offered
        } catch {
            throw error as? ProviderError
                ?? ProviderError(.cancelled, operation: "list the types of \(region)", detail: "\(error)")
        }
        return known.zones.filter { zones.contains($0.name) }.map { zone in
            var zone = zone
            let offered = there[zone.name] ?? []
            zone.types = zone.types.filter { offered.contains($0.name) }.map { type in
                var type = type
                // Offered is not in stock: that only a launch tells.
                type.availability = .available
                return type
            }
            return zone
        }
    }

    private func offerings(region: String, zones: [String]) async throws(ProviderError) -> [String: Set<String>] {
        let call = AWSAPI.Call(
            "list the types of \(region)", "DescribeInstanceTypeOfferings", region: region, .read
        ) { query in
            query["LocationType"] = "availability-zone"
            query.filters([("location", zones)])
        }
        var offered: [String: Set<String>] = [:]
        for item in try await api.items(call, "instanceTypeOfferingSet", pageSize: 1000) {
            guard let type = item.text("instanceType"), let zone = item.text("location") else { continue }
            offered[zone, default: []].insert(type)
        }
        return offered
    }
}
