package import SpillwayCore

/// Everything of an owner in every zone of one cloud, and where it could not be looked.
package struct SweepListing: Sendable {
    /// A zone and kind whose listing failed: what is there is not known.
    package struct Blind: Sendable {
        package var zone: String
        package var kind: ResourceKind
        package var error: ProviderError
    }

    package var resources: [CloudResource]
    package var blind: [Blind]

    /// One listing over all zones where that works; else zone by zone and kind by kind, so that one that fails hides
    /// nothing of the others. Throws only what would fail everywhere: wrong credentials, and being cancelled.
    static func read(_ provider: any CloudProvider, owner: String) async throws -> SweepListing {
        let zones = provider.traits.zones
        do throws(ProviderError) {
            let kinds = Set(ResourceKind.allCases)
            return SweepListing(
                resources: try await provider.list(kinds, scope: .owner(owner), zones: zones), blind: [])
        } catch {
            guard error.kind != .unauthenticated, error.kind != .cancelled else { throw error }
        }
        let places = zones.flatMap { zone in ResourceKind.allCases.map { (zone, $0) } }
        let results = await concurrently(places) { zone, kind in
            try await provider.list([kind], scope: .owner(owner), zones: [zone])
        }
        var listing = SweepListing(resources: [], blind: [])
        for ((zone, kind), result) in zip(places, results) {
            switch result {
            case .success(let found): listing.resources += found
            case .failure(let error as ProviderError):
                listing.blind.append(Blind(zone: zone, kind: kind, error: error))
            case .failure(let error): throw error
            }
        }
        return listing
    }
}
