package import SpillwayCore

extension AWSProvider {
    /// Types and prices from where the provider was told, each type where its zone has it: one request a region, and
    /// its pages, of a thousand types each.
    package func catalogue(zones: [String]) async throws(ProviderError) -> Catalogue {
        try await catalogue(zones: zones, asking: nil)
    }

    /// One request a region. Types other than `type` stand there whether a zone has them or not.
    package func catalogue(zones: [String], of type: String) async throws(ProviderError) -> Catalogue {
        try await catalogue(zones: zones, asking: type)
    }

    private func catalogue(zones: [String], asking type: String?) async throws(ProviderError) -> Catalogue {
        let found = try await boundedTryMap(regions(zones), width: 3) { region throws(ProviderError) in
            try await catalogue(region: region, zones: zones.filter { AWSZones.region(of: $0) == region }, type)
        }
        let byName = Dictionary(found.flatMap { $0 }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return Catalogue(zones: zones.compactMap { byName[$0] })
    }

    private func catalogue(
        region: String, zones: [String], _ asked: String?
    ) async throws(ProviderError) -> [Catalogue.Zone] {
        async let offered = offerings(region: region, zones: zones, asked)
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
            zone.types = zone.types.compactMap { type in
                guard asked == nil || type.name == asked else { return type }
                guard offered.contains(type.name) else { return nil }
                var type = type
                // Offered is not in stock: that only a launch tells.
                type.availability = .available
                return type
            }
            return zone
        }
    }

    private func offerings(
        region: String, zones: [String], _ type: String?
    ) async throws(ProviderError) -> [String: Set<String>] {
        let call = AWSAPI.Call(
            "list the types of \(region)", "DescribeInstanceTypeOfferings", region: region, .read
        ) { query in
            query["LocationType"] = "availability-zone"
            query.filters([("location", zones)] + (type.map { [("instance-type", [$0])] } ?? []))
        }
        var offered: [String: Set<String>] = [:]
        for item in try await api.items(call, "instanceTypeOfferingSet", pageSize: 1000) {
            guard let type = item.text("instanceType"), let zone = item.text("location") else { continue }
            offered[zone, default: []].insert(type)
        }
        return offered
    }
}
