/// What is known of a provider without asking it: enough to plan offline. Pure; `catalogue` is read at most once a run.
package struct ProviderRules: Sendable {
    package var traits: ProviderTraits
    /// From the binary, dated.
    package var catalogue: @Sendable () -> Catalogue
    /// The root volume of `type` for the spec's `disk` (nil: the smallest sensible one) and image alias.
    /// Throws code `spec.disk` when the type cannot have it.
    package var root: @Sendable (_ type: InstanceType, _ disk: Int64?, _ image: String) throws(Diagnostic) -> RootVolume
    /// Throws code `spec.unknown-image` with the aliases there are.
    package var checkImage: @Sendable (_ alias: String) throws(Diagnostic) -> Void
    /// The command that fetches the prices of a zone that `catalogue` lacks; nil where there is none.
    package var priceCommand: @Sendable (_ zone: String) -> String?

    package init(
        traits: ProviderTraits, catalogue: @escaping @Sendable () -> Catalogue,
        root: @escaping @Sendable (InstanceType, Int64?, String) throws(Diagnostic) -> RootVolume,
        checkImage: @escaping @Sendable (String) throws(Diagnostic) -> Void,
        priceCommand: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.traits = traits
        self.catalogue = catalogue
        self.root = root
        self.checkImage = checkImage
        self.priceCommand = priceCommand
    }
}
