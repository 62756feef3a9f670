package import SpillwayCore

/// What is known of AWS's prices without asking it: us-east-1 in the binary, and the regions that were fetched.
package struct AWSCatalogue: Sendable {
    /// Of the region in the binary. Read on first use, once.
    package static let builtIn = AWSPriceList(AWSCatalogueText.text)

    /// The text of a list that was fetched for a region, if it was.
    package var stored: @Sendable (_ region: String) -> String?

    package init(stored: @escaping @Sendable (String) -> String? = { _ in nil }) { self.stored = stored }

    /// The newer of what was fetched and what is in the binary; nil where neither has the region.
    package func zones(of region: String) -> [Catalogue.Zone]? {
        let fetched = stored(region).flatMap { AWSPriceList($0) }.flatMap { $0.region == region ? $0 : nil }
        let own = Self.builtIn.flatMap { $0.region == region ? $0 : nil }
        if let fetched, own.map({ $0.date <= fetched.date }) ?? true { return fetched.zones(source: "price list") }
        return own?.zones(source: "catalogue")
    }

    /// Of every region that is known.
    package var all: Catalogue { Catalogue(zones: AWSRegions.names.flatMap { zones(of: $0) ?? [] }) }
}
