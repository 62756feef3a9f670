/// Instances as the API shows them.
extension EC2Face {
    /// A number that clients compare, and its name.
    func state(_ machine: Machine) -> (code: Int, name: String) {
        if machine.instance?.ended != nil { return (48, "terminated") }
        switch machine.phase {
        case .starting: return (0, "pending")
        case .running: return (16, "running")
        case .stopping: return machine.change?.goal == .gone ? (32, "shutting-down") : (64, "stopping")
        case .stopped, .standby: return (80, "stopped")
        }
    }

    func state(_ name: String, _ state: (code: Int, name: String)) -> XMLNode {
        .node(name, [.int("code", state.code), .text("name", state.name)])
    }

    func reservation(_ id: String, _ machines: [Machine]) -> [XMLNode?] {
        [
            .text("reservationId", id), .text("ownerId", account.accountID), .list("groupSet", []),
            .list("instancesSet", machines.map(view)),
        ]
    }

    func publicAddress(_ machine: Machine) -> String? { world.sshAddress(of: machine) }

    func groupNodes(_ ids: [String], name: String = "groupSet") -> XMLNode {
        .list(name, ids.map { [.text("groupId", $0), .text("groupName", world.groups[$0]?.name ?? "")] })
    }

    private func view(_ machine: Machine) -> [XMLNode?] {
        guard let instance = machine.instance else { return [] }
        var nodes = facts(machine, instance)
        if instance.ended == nil { nodes += network(machine, instance) }
        nodes += [.list("blockDeviceMapping", disks(machine)), .texts("productCodes", []), .tags(tags(machine.id))]
        return nodes
    }

    private func facts(_ machine: Machine, _ instance: Instance) -> [XMLNode?] {
        let type = catalog.types[machine.type]
        let options = instance.metadata
        let reason = instance.reasonAt.flatMap { at in
            instance.reason?.code == Instance.Reason.user.code
                ? "User initiated (\(at.ec2Text.prefix(10)) \(at.ec2Text.dropFirst(11).prefix(8)) GMT)" : nil
        }
        return [
            .text("instanceId", machine.id), .text("imageId", machine.imageID),
            state("instanceState", state(machine)), .text("keyName", instance.keyName), .text("reason", reason ?? ""),
            .int("amiLaunchIndex", instance.launchIndex), .text("instanceType", machine.type),
            .text("launchTime", instance.launched.ec2Text),
            .node(
                "placement",
                [.text("availabilityZone", machine.zone), .text("groupName", ""), .text("tenancy", "default")]),
            .node("monitoring", [.text("state", instance.isMonitored ? "enabled" : "disabled")]),
            .text("architecture", machine.arch), .text("rootDeviceType", "ebs"),
            .text("rootDeviceName", instance.rootDevice), .text("virtualizationType", "hvm"),
            .text("clientToken", instance.clientToken), .text("hypervisor", type?.hypervisor ?? "xen"),
            .bool("ebsOptimized", instance.isEBSOptimized), .bool("enaSupport", true),
            .text("instanceLifecycle", instance.spotRequestID == nil ? nil : "spot"),
            .text("spotInstanceRequestId", instance.spotRequestID),
            instance.reason.map { .node("stateReason", [.text("code", $0.code), .text("message", $0.message)]) },
            instance.profileARN.map { .node("iamInstanceProfile", [.text("arn", $0)]) },
            .node(
                "cpuOptions",
                [
                    .int("coreCount", (type?.cpus ?? 1) / max(1, type?.threads ?? 1)),
                    .int("threadsPerCore", type?.threads ?? 1),
                ]),
            .node(
                "metadataOptions",
                [
                    .text("state", machine.phase == .starting ? "pending" : "applied"),
                    .text("httpTokens", options.needsToken ? "required" : "optional"),
                    .int("httpPutResponseHopLimit", options.hopLimit),
                    .text("httpEndpoint", options.isEnabled ? "enabled" : "disabled"),
                ]),
            .text("platformDetails", "Linux/UNIX"), .text("usageOperation", "RunInstances"),
        ]
    }

    private func network(_ machine: Machine, _ instance: Instance) -> [XMLNode?] {
        let address = publicAddress(machine)
        let name = address.map { "ec2-\($0.replacing(".", with: "-")).compute-1.amazonaws.com" }
        let interfaces = [world.ec2.interfaces[instance.interfaceID]].compactMap(\.self)
        return [
            .text("privateDnsName", "\(machine.name).ec2.internal"), .text("dnsName", name ?? ""),
            .text("ipAddress", address), .text("privateIpAddress", instance.privateAddress),
            .text("subnetId", instance.subnetID), .text("vpcId", account.vpcID), .bool("sourceDestCheck", true),
            groupNodes(instance.groupIDs),
            .list("networkInterfaceSet", interfaces.map { view($0, address: address) }),
        ]
    }

    private func view(_ interface: ElasticInterface, address: String?) -> [XMLNode?] {
        [
            .text("networkInterfaceId", interface.id), .text("subnetId", interface.subnetID),
            .text("vpcId", account.vpcID), .text("description", interface.description),
            .text("ownerId", account.accountID), .text("status", "in-use"),
            .text("macAddress", interface.macAddress), .text("privateIpAddress", interface.privateAddress),
            .bool("sourceDestCheck", true), groupNodes(interface.groupIDs),
            .node(
                "attachment",
                [
                    .text("attachmentId", interface.attachmentID), .int("deviceIndex", 0), .text("status", "attached"),
                    .text("attachTime", interface.created.ec2Text),
                    .bool("deleteOnTermination", interface.deletesWithMachine),
                ]),
            address.map { .node("association", [.text("publicIp", $0), .text("ipOwnerId", "amazon")]) },
        ]
    }

    private func disks(_ machine: Machine) -> [[XMLNode?]] {
        machine.disks.sorted { $0.key < $1.key }.map { device, disk in
            let reference = world.blockVolumes[disk.volumeID]?.reference
            return [
                .text("deviceName", device),
                .node(
                    "ebs",
                    [
                        .text("volumeId", disk.volumeID), .text("status", reference?.status.rawValue ?? "attached"),
                        .text("attachTime", (reference?.created ?? machine.created).ec2Text),
                        .bool("deleteOnTermination", disk.deletesWithMachine ?? false),
                    ]),
            ]
        }
    }
}
