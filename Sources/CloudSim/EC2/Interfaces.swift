/// Network interfaces, which stay behind where they were told not to go with their instance.
extension EC2Face {
    func describeInterfaces() throws -> [XMLNode?] {
        let interfaces = try selected(
            "NetworkInterfaceId", from: listed.ec2.interfaces, code: "InvalidNetworkInterfaceID.NotFound",
            thing: "networkInterface")
        let found = try Filters(query).apply(
            interfaces, tags: { tags($0.id) },
            [
                "network-interface-id": { [$0.id] }, "group-id": { $0.groupIDs }, "subnet-id": { [$0.subnetID] },
                "vpc-id": { _ in [account.vpcID] }, "availability-zone": { [$0.zone] },
                "status": { [$0.machineID == nil ? "available" : "in-use"] },
                "attachment.instance-id": { $0.machineID.map { [$0] } ?? [] },
                "private-ip-address": { [$0.privateAddress] }, "description": { [$0.description] },
                "mac-address": { [$0.macAddress] },
            ])
        let (shown, next) = try page(found)
        return [.list("networkInterfaceSet", shown.map(view)), next]
    }

    private func view(_ interface: ElasticInterface) -> [XMLNode?] {
        let machine = interface.machineID.flatMap { world.machines[$0] }
        let attachment: [XMLNode?] = [
            .text("attachmentId", interface.attachmentID), .text("instanceId", interface.machineID),
            .text("instanceOwnerId", account.accountID), .int("deviceIndex", 0), .text("status", "attached"),
            .text("attachTime", interface.created.ec2Text), .bool("deleteOnTermination", interface.deletesWithMachine),
        ]
        return [
            .text("networkInterfaceId", interface.id), .text("subnetId", interface.subnetID),
            .text("vpcId", account.vpcID), .text("availabilityZone", interface.zone),
            .text("description", interface.description), .text("ownerId", account.accountID),
            .bool("requesterManaged", false), .text("status", machine == nil ? "available" : "in-use"),
            .text("macAddress", interface.macAddress), .text("privateIpAddress", interface.privateAddress),
            .bool("sourceDestCheck", true), .text("interfaceType", "interface"), groupNodes(interface.groupIDs),
            machine == nil ? nil : .node("attachment", attachment),
            machine.flatMap(publicAddress).map {
                .node("association", [.text("publicIp", $0), .text("ipOwnerId", "amazon")])
            },
            .tags(tags(interface.id)),
        ]
    }

    mutating func deleteInterface() throws -> [XMLNode?] {
        let id = try query.required("NetworkInterfaceId")
        guard let interface = world.ec2.interfaces[id] else {
            throw EC2Error.notFound("InvalidNetworkInterfaceID.NotFound", "networkInterface", [id])
        }
        guard interface.machineID == nil else {
            throw EC2Error.invalid("Network interface '\(id)' is currently in use.")
        }
        world.ec2.interfaces[id] = nil
        world.ec2.tags[id] = nil
        return [.bool("return", true)]
    }
}
