/// The one VPC of the account, a subnet for each zone, and what the account is.
extension EC2Face {
    func describeNetworks() throws -> [XMLNode?] {
        let ids = query.list("VpcId")
        if let lost = ids.first(where: { $0 != account.vpcID }) {
            throw EC2Error.notFound("InvalidVpcID.NotFound", "vpc", [lost])
        }
        let found = try Filters(query).apply(
            [account.vpcID], tags: { tags($0) },
            [
                "vpc-id": { [$0] }, "is-default": { _ in ["true"] }, "isDefault": { _ in ["true"] },
                "state": { _ in ["available"] }, "cidr": { _ in ["172.31.0.0/16"] },
            ])
        let items = found.map { id -> [XMLNode?] in
            [
                .text("vpcId", id), .text("ownerId", account.accountID), .text("state", "available"),
                .text("cidrBlock", "172.31.0.0/16"), .text("dhcpOptionsId", "default"),
                .text("instanceTenancy", "default"), .bool("isDefault", true), .tags(tags(id)),
            ]
        }
        return [.list("vpcSet", items)]
    }

    func describeSubnets() throws -> [XMLNode?] {
        let subnets = Dictionary(uniqueKeysWithValues: account.subnets.map { ($1, $0) })
        let ids = query.list("SubnetId")
        let lost = ids.filter { subnets[$0] == nil }
        guard lost.isEmpty else { throw EC2Error.notFound("InvalidSubnetID.NotFound", "subnet", lost) }
        let zones = EC2Account.zones.filter { zone in ids.isEmpty || ids.contains(account.subnets[zone] ?? "") }
        let found = try Filters(query).apply(
            zones, tags: { tags(account.subnets[$0] ?? "") },
            [
                "subnet-id": { [account.subnets[$0] ?? ""] }, "vpc-id": { _ in [account.vpcID] },
                "availability-zone": { [$0] }, "availabilityZone": { [$0] }, "default-for-az": { _ in ["true"] },
                "defaultForAz": { _ in ["true"] }, "state": { _ in ["available"] },
                "map-public-ip-on-launch": { _ in ["true"] },
            ])
        return [.list("subnetSet", found.map(subnet))]
    }

    private func subnet(_ zone: String) -> [XMLNode?] {
        let id = account.subnets[zone] ?? ""
        let used = account.interfaces.values.count { $0.zone == zone }
        return [
            .text("subnetId", id), .text("vpcId", account.vpcID), .text("ownerId", account.accountID),
            .text("state", "available"), .text("cidrBlock", "172.31.\(EC2Account.network(of: zone)).0/20"),
            .int("availableIpAddressCount", 4091 - used), .text("availabilityZone", zone),
            .text("availabilityZoneId", zoneID(zone)), .bool("defaultForAz", true), .bool("mapPublicIpOnLaunch", true),
            .bool("assignIpv6AddressOnCreation", false), .tags(tags(id)),
        ]
    }

    private func zoneID(_ zone: String) -> String {
        "use1-az\((EC2Account.zones.firstIndex(of: zone) ?? 0) + 1)"
    }

    func describeZones() throws -> [XMLNode?] {
        let names = query.list("ZoneName")
        if let lost = names.first(where: { !EC2Account.zones.contains($0) }) {
            throw EC2Error.invalid("Invalid availability zone: [\(lost)]")
        }
        let found = try Filters(query).apply(
            EC2Account.zones.filter { names.isEmpty || names.contains($0) }, tags: nil,
            [
                "zone-name": { [$0] }, "zone-id": { [zoneID($0)] }, "region-name": { _ in [EC2Account.region] },
                "state": { _ in ["available"] }, "zone-type": { _ in ["availability-zone"] },
                "opt-in-status": { _ in ["opt-in-not-required"] }, "group-name": { _ in [EC2Account.region + "-zg-1"] },
            ])
        let items = found.map { zone -> [XMLNode?] in
            [
                .text("zoneName", zone), .text("zoneId", zoneID(zone)), .text("zoneState", "available"),
                .text("regionName", EC2Account.region), .text("zoneType", "availability-zone"),
                .text("optInStatus", "opt-in-not-required"), .text("groupName", EC2Account.region + "-zg-1"),
                .text("networkBorderGroup", EC2Account.region), .list("messageSet", []),
            ]
        }
        return [.list("availabilityZoneInfo", items)]
    }

    func describeRegions() throws -> [XMLNode?] {
        let names = query.list("RegionName")
        if let lost = names.first(where: { $0 != EC2Account.region }) {
            throw EC2Error("InvalidParameterValue", "Invalid region name provided: \(lost)")
        }
        let found = try Filters(query).apply(
            [EC2Account.region], tags: nil,
            [
                "region-name": { [$0] }, "opt-in-status": { _ in ["opt-in-not-required"] },
                "endpoint": { ["ec2.\($0).amazonaws.com"] },
            ])
        let items = found.map { region -> [XMLNode?] in
            [
                .text("regionName", region), .text("regionEndpoint", "ec2.\(region).amazonaws.com"),
                .text("optInStatus", "opt-in-not-required"),
            ]
        }
        return [.list("regionInfo", items)]
    }

    func describeAccountAttributes() throws -> [XMLNode?] {
        let all = [
            ("default-vpc", account.vpcID), ("max-instances", String(world.quotas["vcpus"] ?? 1152)),
            ("supported-platforms", "VPC"), ("vpc-max-security-groups-per-interface", "5"),
        ]
        let names = query.list("AttributeName")
        let items = all.filter { names.isEmpty || names.contains($0.0) }.map { name, value -> [XMLNode?] in
            [.text("attributeName", name), .list("attributeValueSet", [[.text("attributeValue", value)]])]
        }
        return [.list("accountAttributeSet", items)]
    }

    // MARK: Elastic addresses

    private var addresses: [String: Address] { listed.addresses.filter { $0.value.projectID == account.accountID } }

    mutating func allocateAddress() throws -> [XMLNode?] {
        let address = Address(
            id: world.newEC2ID("eipalloc"), zone: EC2Account.region, projectID: account.accountID,
            value: world.newLoopbackAddress(), isIPv6: false, tags: [])
        world.addresses[address.id] = address
        world.ec2.tags[address.id] = try TagSpecification.read(query, kinds: ["elastic-ip"])["elastic-ip"]
        return [
            .text("publicIp", address.value), .text("allocationId", address.id), .text("domain", "vpc"),
            .text("networkBorderGroup", EC2Account.region),
        ]
    }

    func describeAddresses() throws -> [XMLNode?] {
        let (ids, values) = (query.list("AllocationId"), query.list("PublicIp"))
        if let lost = ids.first(where: { addresses[$0] == nil }) { throw lostAddress(lost) }
        if let lost = values.first(where: { value in !addresses.values.contains { $0.value == value } }) {
            throw EC2Error("InvalidAddress.NotFound", "Address '\(lost)' not found.")
        }
        let asked = addresses.values.filter {
            (ids.isEmpty || ids.contains($0.id)) && (values.isEmpty || values.contains($0.value))
        }
        let found = try Filters(query).apply(
            asked.sorted { $0.id < $1.id }, tags: { tags($0.id) },
            [
                "allocation-id": { [$0.id] }, "public-ip": { [$0.value] }, "domain": { _ in ["vpc"] },
                "instance-id": { $0.machineID.map { [$0] } ?? [] },
            ])
        let items = found.map { address -> [XMLNode?] in
            [
                .text("publicIp", address.value), .text("allocationId", address.id), .text("domain", "vpc"),
                .text("networkBorderGroup", EC2Account.region), .tags(tags(address.id)),
            ]
        }
        return [.list("addressesSet", items)]
    }

    mutating func releaseAddress() throws -> [XMLNode?] {
        let id = try query.required("AllocationId")
        guard world.addresses[id]?.projectID == account.accountID else { throw lostAddress(id) }
        world.addresses[id] = nil
        world.ec2.tags[id] = nil
        return [.bool("return", true)]
    }

    private func lostAddress(_ id: String) -> EC2Error {
        EC2Error("InvalidAllocationID.NotFound", "The allocation ID '\(id)' does not exist")
    }
}
