package import SpillwayCore

extension ScalewayProvider {
    /// Image ids change with each refresh of an image: they are looked up for each create and never kept.
    package func resolveImage(
        _ alias: String, zone: String, type: InstanceType, root: RootVolume.Kind
    ) async throws(ProviderError) -> ImageReference {
        let operation = "find image \(alias) in \(zone)"
        func refused(_ detail: String) -> ProviderError {
            ProviderError(.invalid, operation: operation, detail: detail, argument: "image")
        }
        guard let name = ScalewayImages.meaning(of: alias, on: type) else {
            throw refused("Scaleway has no image alias \"\(alias)\".\(ScalewayImages.hint(for: alias))")
        }
        guard case .label(let label) = name else {
            return ImageReference(alias: alias, id: alias.lowercased(), root: root)
        }
        let call = ScalewayAPI.Call.get(
            operation, "/marketplace/v2/local-images",
            query: [
                ("image_label", label), ("zone", zone), ("type", root == .block ? "instance_sbs" : "instance_local"),
            ])
        let images: [LocalImagesPage.Image]
        do throws(ProviderError) {
            images = try await ScalewayPaging(api: api, style: .body).all(call, as: LocalImagesPage.self) { body in
                .init(items: body.local_images.map { ($0.id, $0) }, total: body.total_count)
            }
        } catch {
            guard error.kind == .notFound else { throw error }
            throw refused("the Marketplace has no image \"\(label)\".\(ScalewayImages.hint(for: alias))")
        }
        let fitting = images.filter {
            $0.arch == type.arch.rawValue && $0.compatible_commercial_types.contains(type.name)
        }
        guard let image = fitting.min(by: { $0.id < $1.id }) else {
            throw refused(
                "\(label) is not offered for \(type.name) (\(type.arch.rawValue), \(root.rawValue) root) in \(zone)")
        }
        return ImageReference(alias: alias, id: image.id, root: root)
    }
}
