package import SpillwayCore

/// What is known of AWS without asking it.
package enum AWSRules {
    /// Roots of EBS: "at least what the image has" is 8 to 10 GB for the listed ones.
    private static let minimum: Int64 = 10
    private static let usual: Int64 = 20
    /// gp3 ended at 16 TiB for years, and does where an account was not moved on.
    private static let maximum: Int64 = 16_000
    private static let gigabyte: Int64 = 1_000_000_000

    package static func rules(
        _ catalogue: AWSCatalogue, traits: ProviderTraits,
        checkImage: @escaping @Sendable (String) throws(Diagnostic) -> Void
    ) -> ProviderRules {
        ProviderRules(
            traits: traits, catalogue: { catalogue.all },
            root: { _, disk, _ throws(Diagnostic) in try root(disk) }, checkImage: checkImage,
            priceCommand: { AWSRegions.region(of: $0).map { "spillway prices update --region \($0)" } })
    }

    /// Always a gp3 volume, in whole GB, which AWS counts as GiB.
    static func root(_ diskBytes: Int64?) throws(Diagnostic) -> RootVolume {
        let wanted = diskBytes.map { $0 / gigabyte + ($0 % gigabyte == 0 ? 0 : 1) } ?? usual
        guard (minimum...maximum).contains(wanted) else {
            let isSmall = wanted < minimum
            throw Diagnostic(
                "spec.disk", isSmall ? "The disk is too small" : "The disk is too large",
                detail: "On aws a root volume has \(minimum) to \(maximum) GB; the spec asks for \(wanted) GB.",
                remedy: "Write disk: \(isSmall ? minimum : maximum)GB, or leave it out.", exit: .usage)
        }
        return RootVolume(kind: .block, sizeBytes: wanted * gigabyte)
    }
}
