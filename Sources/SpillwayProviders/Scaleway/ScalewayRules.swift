package import SpillwayCore

/// What is known of Scaleway without asking it.
package enum ScalewayRules {
    package static let rules = ProviderRules(
        traits: ScalewayProvider.traits,
        catalogue: { ScalewayCatalogue.offline },
        root: { type, disk, image throws(Diagnostic) in
            try ScalewayRootVolume.choose(for: type, diskBytes: disk, image: image)
        },
        checkImage: ScalewayImages.check)
}
