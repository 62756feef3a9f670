package import SpillwayCore

/// An image as far as launches need it.
struct AWSImage: Sendable, Hashable {
    /// A mapping to a volume.
    struct Device: Sendable, Hashable {
        var name: String
        var isRoot: Bool
    }

    var id: String
    var created: String
    var devices: [Device]

    /// nil for what cannot be launched: no root volume, or not available.
    init?(_ item: XMLElement) {
        guard let id = item.text("imageId"), let root = item.text("rootDeviceName"),
            item.text("imageState") ?? "available" == "available", item.text("rootDeviceType") ?? "ebs" == "ebs"
        else { return nil }
        self.id = id
        created = item.text("creationDate") ?? ""
        let volumes = item.items("blockDeviceMapping").filter { $0["ebs"] != nil }.compactMap { $0.text("deviceName") }
        devices =
            [Device(name: root, isRoot: true)]
            + volumes.filter { $0 != root }.map { Device(name: $0, isRoot: false) }
    }
}

extension AWSProvider {
    /// The newest image of the alias's publisher for the type's architecture. One request.
    package func resolveImage(
        _ alias: String, zone: String, type: InstanceType, root: RootVolume.Kind
    ) async throws(ProviderError) -> ImageReference {
        let region = AWSZones.region(of: zone)
        var call = AWSAPI.Call("find image \(alias) in \(region)", "DescribeImages", region: region, .read)
        if AWSImages.isID(alias) {
            call.query["ImageId.1"] = alias
        } else {
            guard let source = AWSImages.source(alias, type.arch) else {
                throw ProviderError(
                    .invalid, operation: call.operation,
                    detail: "\(alias) is no alias, and a name is taken only with the account that publishes it",
                    argument: "image")
            }
            call.query["Owner.1"] = source.owner
            call.query.filters([
                ("name", [source.name]), ("architecture", [type.arch.rawValue]), ("state", ["available"]),
                ("root-device-type", ["ebs"]), ("virtualization-type", ["hvm"]),
            ])
        }
        let images = try await images(call)
        guard let newest = images.max(by: { ($0.created, $0.id) < ($1.created, $1.id) }) else {
            throw ProviderError(
                .invalid, operation: call.operation, detail: "\(region) has no such image for \(type.arch.rawValue)",
                argument: "image")
        }
        return ImageReference(alias: alias, id: newest.id, root: root)
    }

    /// The volumes that an image brings, its root first.
    func devices(of image: String, region: String) async throws(ProviderError) -> [AWSImage.Device] {
        if let known = memory.devices(of: image) { return known }
        var call = AWSAPI.Call("look up image \(image)", "DescribeImages", region: region, .read)
        call.query["ImageId.1"] = image
        guard let found = try await images(call).first else {
            throw ProviderError(
                .invalid, operation: call.operation, detail: "\(region) has no image \(image) that can be launched",
                argument: "image")
        }
        return found.devices
    }

    private func images(_ call: AWSAPI.Call) async throws(ProviderError) -> [AWSImage] {
        // Not paged: one name has few images, and with ids EC2 refuses to page.
        let images = try await api.items(call, "imagesSet", pageSize: 1000, isPaged: false).compactMap(AWSImage.init)
        for image in images { memory.keep(image.devices, of: image.id) }
        return images
    }
}

extension AWSImages {
    /// Whose image, and the pattern of its name.
    static func source(_ alias: String, _ arch: InstanceType.Arch) -> (owner: String, name: String)? {
        if let source = aliases[alias] { return (source.owner, source.pattern(arch)) }
        return owned(alias)
    }
}
