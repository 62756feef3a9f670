package import SpillwayCore
extension ScalewayProvider {
    package func catalogue(zones: [String]) async throws(ProviderError) -> Catalogue { Catalogue(zones: []) }
    package func resolveImage(_ alias: String, zone: String, type: InstanceType, root: RootVolume.Kind) async throws(ProviderError) -> ImageReference { ImageReference(alias: alias, id: alias, root: root) }
}
