/// What RunInstances was asked for, checked as far as it can be without choosing a zone.
struct LaunchRequest {
    struct Disk {
        var device: String
        var size: Int
        var type: String
        var iops: Int?
        var throughput: Int?
        var isEncrypted: Bool
        var deletesWithMachine: Bool
    }

    var count: ClosedRange<Int>
    var type: EC2Catalog.InstanceType
    var image: EC2Images.Image
    /// nil: wherever there is room.
    var zone: String?
    var groupIDs: [String]
    var disks: [Disk]
    var tags: [String: [String: String]]
    var userData: String?
    var maxPrice: Int?
    var isSpot: Bool
    var wantsPublicAddress: Bool
    var interfaceGoes: Bool
    var interfaceDescription: String

    init(_ face: EC2Face) throws {
        let query = face.query
        count = try Self.count(query)
        type = try Self.type(query, face.catalog)
        image = try Self.image(query, type, face.catalog)
        let interface = query.members("NetworkInterface").first
        try Self.checkInterface(query, query.members("NetworkInterface"))
        zone = try Self.zone(query, interface, face)
        groupIDs = try Self.groups(query, interface, face)
        disks = try Self.disks(query, image)
        let market = query.below("InstanceMarketOptions")
        isSpot = market["MarketType"] == "spot"
        maxPrice = try Self.maxPrice(market, type)
        tags = try TagSpecification.read(
            query, kinds: ["instance", "volume", "network-interface"] + (isSpot ? ["spot-instances-request"] : []))
        userData = try Self.userData(query["UserData"])
        wantsPublicAddress = try interface?.bool("AssociatePublicIpAddress") ?? true
        interfaceGoes = try interface?.bool("DeleteOnTermination") ?? true
        interfaceDescription = interface?["Description"] ?? ""
    }

    private static func count(_ query: EC2Query) throws -> ClosedRange<Int> {
        let (least, most) = (try query.required("MinCount"), try query.required("MaxCount"))
        guard let least = Int(least), let most = Int(most), least >= 1, least <= most else {
            throw EC2Error.invalid(
                "Value (\(most)) for parameter maxCount is invalid. It must be at least minCount (\(least)), which must be at least 1."
            )
        }
        return least...most
    }

    private static func type(_ query: EC2Query, _ catalog: EC2Catalog) throws -> EC2Catalog.InstanceType {
        let name = try query.required("InstanceType")
        guard let type = catalog.types[name] else {
            throw EC2Error.invalid("Invalid value '\(name)' for InstanceType.")
        }
        if query["CreditSpecification.CpuCredits"] != nil, !type.isBurstable {
            throw EC2Error.combination(
                "The CreditSpecification parameter is only supported for burstable instance types, and \(name) is none."
            )
        }
        return type
    }

    private static func image(
        _ query: EC2Query, _ type: EC2Catalog.InstanceType, _ catalog: EC2Catalog
    ) throws -> EC2Images.Image {
        let image = try catalog.images.known(try query.required("ImageId"))
        guard type.architectures.contains(image.arch) else {
            throw EC2Error.invalid(
                "The architecture '\(type.architectures.joined(separator: ","))' of the specified instance type does not "
                    + "match the architecture '\(image.arch)' of the specified AMI. Specify an instance type and an AMI "
                    + "that have matching architectures, and try again. You can use 'describe-instance-types' or "
                    + "'describe-images' to discover the architecture of the instance type or AMI.")
        }
        return image
    }

    private static func checkInterface(_ query: EC2Query, _ interfaces: [EC2Query]) throws {
        guard let interface = interfaces.first else { return }
        guard interfaces.count == 1, try interface.int("DeviceIndex") ?? 0 == 0 else {
            throw EC2Error.combination("cloudsim attaches one network interface, with device index 0.")
        }
        if query["SubnetId"] != nil {
            throw EC2Error.combination(
                "Network interfaces and an instance-level subnet ID may not be specified on the same request")
        }
        if !query.list("SecurityGroupId").isEmpty || !query.list("SecurityGroup").isEmpty {
            throw EC2Error.combination(
                "Network interfaces and an instance-level security groups may not be specified on the same request")
        }
    }

    private static func zone(_ query: EC2Query, _ interface: EC2Query?, _ face: EC2Face) throws -> String? {
        let placed = query["Placement.AvailabilityZone"]
        if let placed, !EC2Account.zones.contains(placed) {
            throw EC2Error.invalid("Invalid availability zone: [\(placed)]")
        }
        guard let subnet = query["SubnetId"] ?? interface?["SubnetId"] else { return placed }
        guard let zone = face.account.zone(ofSubnet: subnet) else {
            throw EC2Error.notFound("InvalidSubnetID.NotFound", "subnet", [subnet])
        }
        if let placed, placed != zone {
            throw EC2Error.combination("The subnet '\(subnet)' is not in the availability zone \(placed).")
        }
        return zone
    }

    private static func groups(_ query: EC2Query, _ interface: EC2Query?, _ face: EC2Face) throws -> [String] {
        let ids = query.list("SecurityGroupId") + (interface?.list("SecurityGroupId") ?? [])
        let named = try query.list("SecurityGroup").map { try face.group(named: $0).id }
        return try ids.map { try face.group($0).id } + named
    }

    private static func maxPrice(_ market: EC2Query, _ type: EC2Catalog.InstanceType) throws -> Int? {
        guard !market.isEmpty else { return nil }
        guard market["MarketType"] == "spot" else {
            throw EC2Error.invalid(
                "Invalid value '\(market["MarketType"] ?? "")' for InstanceMarketOptions.MarketType.")
        }
        let options = market.below("SpotOptions")
        guard (options["SpotInstanceType"] ?? "one-time") == "one-time",
            (options["InstanceInterruptionBehavior"] ?? "terminate") == "terminate"
        else { throw EC2Error.combination("cloudsim has one-time spot requests that end in termination only.") }
        guard type.usages.contains("spot") else {
            throw EC2Error.combination("The instance type \(type.name) is not supported for Spot Instances.")
        }
        guard let text = options["MaxPrice"] else { return nil }
        guard let price = Double(text), price > 0 else {
            throw EC2Error.invalid("\(text) is not a valid value for the maximum price.")
        }
        return Int((price * 1e6).rounded(.down))
    }

    /// At most 16 KB before it was encoded.
    static func userData(_ text: String?) throws -> String? {
        guard let text else { return nil }
        guard let bytes = CloudConfig.decode(base64: text) else {
            throw EC2Error.invalid("Invalid BASE64 encoding of user data.")
        }
        guard bytes.count <= 16_384 else { throw EC2Error.invalid("User data is limited to 16384 bytes") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
