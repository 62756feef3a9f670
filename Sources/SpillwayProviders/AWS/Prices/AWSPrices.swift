package import SpillwayCore

/// The prices of a region for a live plan: as known here, else by the Pricing API, kept for the next time.
package struct AWSPrices: Sendable {
    private let catalogue: AWSCatalogue
    private let api: AWSPricingAPI?
    private let keep: @Sendable (AWSPriceList) -> Void

    package init(
        _ catalogue: AWSCatalogue, api: AWSPricingAPI?, keep: @escaping @Sendable (AWSPriceList) -> Void = { _ in }
    ) {
        self.catalogue = catalogue
        self.api = api
        self.keep = keep
    }

    /// Without zones where no source has the region or the credentials may not ask: a price is then not known, and
    /// whoever plans says how to fetch it.
    package func catalogue(region: String) async throws(ProviderError) -> Catalogue {
        if let zones = catalogue.zones(of: region) { return Catalogue(zones: zones) }
        guard let api else { return Catalogue(zones: []) }
        do {
            let list = try await api.list(region: region)
            guard !list.types.isEmpty else { return Catalogue(zones: []) }
            keep(list)
            return Catalogue(zones: list.zones(source: "api"))
        } catch {
            guard [.forbidden, .unavailable].contains(error.kind) else { throw error }
            return Catalogue(zones: [])
        }
    }
}
