/// `RunInstances`: all of the least number or none, once for each client token.
extension EC2Face {
    mutating func runInstances() throws -> [XMLNode?] {
        if let token = query["ClientToken"], let launch = account.launches[token] { return try repeated(launch) }
        var request = try LaunchRequest(self)
        if let key = query["KeyName"], !account.keyPairs.values.contains(where: { $0.name == key }) {
            throw EC2Error("InvalidKeyPair.NotFound", "The key pair '\(key)' does not exist")
        }
        if request.groupIDs.isEmpty { request.groupIDs = [defaultGroup().id] }
        let zone = try zone(for: request)
        let count = try admitted(request)
        if case .refused(let why) = canSandbox {
            throw EC2Error("InternalError", "cloudsim: \(why)", status: 500)
        }
        let reservation = world.newEC2ID("r")
        let machines = try (0..<count).map { try launch(request, zone: zone, index: $0, reservation: reservation) }
        if let token = query["ClientToken"] {
            guard token.utf8.count <= 64 else { throw EC2Error.invalid("Invalid client token: at most 64 characters.") }
            world.ec2.launches[token] = EC2Account.Launch(
                parameters: query.fingerprint, reservationID: reservation, machineIDs: machines)
        }
        return self.reservation(reservation, machines.compactMap { world.machines[$0] })
    }

    private func repeated(_ launch: EC2Account.Launch) throws -> [XMLNode?] {
        guard launch.parameters == query.fingerprint else {
            throw EC2Error(
                "IdempotentParameterMismatch",
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
        }
        let machines = launch.machineIDs.compactMap { world.machines[$0] }
        guard machines.count == launch.machineIDs.count, machines.allSatisfy({ $0.change?.goal != .gone }) else {
            throw EC2Error(
                "IdempotentInstanceTerminated",
                "The request to launch an instance uses the same client token as a previous request for which the "
                    + "instance has been terminated.")
        }
        return reservation(launch.reservationID, machines)
    }

    // MARK: Room

    private func hasRoom(_ type: EC2Catalog.InstanceType, in zone: String) -> Bool {
        type.zones.contains(zone) && world.stock["\(zone)/\(type.name)"]?.availability != "shortage"
    }

    private func zone(for request: LaunchRequest) throws -> String {
        let type = request.type
        let open = type.zones.filter { hasRoom(type, in: $0) }
        if let zone = request.zone, !type.zones.contains(zone) {
            throw EC2Error(
                "Unsupported",
                "Your requested instance type (\(type.name)) is not supported in your requested Availability Zone "
                    + "(\(zone)). Please retry your request by not specifying an Availability Zone or choosing "
                    + "\(type.zones.joined(separator: ", ")).")
        }
        guard let zone = request.zone ?? open.first, open.contains(zone) else {
            throw noCapacity(request, open: open)
        }
        let price = type.spotPrice(zone: zone)
        if request.isSpot, let most = request.maxPrice, most < price {
            throw EC2Error(
                "SpotMaxPriceTooLow",
                "Your Spot request price of \(EC2Face.dollars(most)) is lower than the minimum required Spot request "
                    + "fulfillment price of \(EC2Face.dollars(price)).")
        }
        return zone
    }

    func noCapacity(_ type: String, zone: String?, open: [String]) -> EC2Error {
        let place =
            zone.map { "in the Availability Zone you requested (\($0))" } ?? "in zones with support for 'gp3' volumes"
        let hint =
            zone == nil || open.isEmpty
            ? ""
            : " You can currently get \(type) capacity by not specifying an Availability Zone in your request or choosing "
                + "\(open.joined(separator: ", "))."
        return EC2Error(
            "InsufficientInstanceCapacity",
            "We currently do not have sufficient \(type) capacity \(place). Our system will be working on provisioning "
                + "additional capacity.\(hint)", status: 500)
    }

    private func noCapacity(_ request: LaunchRequest, open: [String]) -> EC2Error {
        if request.isSpot {
            return EC2Error(
                "InsufficientInstanceCapacity", "There is no Spot capacity available that matches your request.",
                status: 500)
        }
        return noCapacity(request.type.name, zone: request.zone, open: open)
    }

    /// How many may be launched: the quotas `vcpus` and `spot_vcpus` are the account's.
    private func admitted(_ request: LaunchRequest) throws -> Int {
        guard let quota = world.quotas[request.isSpot ? "spot_vcpus" : "vcpus"] else { return request.count.upperBound }
        let used = world.instances.filter {
            $0.phase != .stopped && ($0.instance?.spotRequestID != nil) == request.isSpot
        }.reduce(0) { $0 + (catalog.types[$1.type]?.cpus ?? 0) }
        let count = min(request.count.upperBound, max(0, quota - used) / max(1, request.type.cpus))
        if count >= request.count.lowerBound { return count }
        if request.isSpot { throw EC2Error("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded") }
        throw EC2Error(
            "VcpuLimitExceeded",
            "You have requested more vCPU capacity than your current vCPU limit of \(quota) allows for the instance bucket "
                + "that the specified instance type belongs to. Please visit "
                + "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.")
    }

    // MARK: Making one

    private mutating func launch(
        _ request: LaunchRequest, zone: String, index: Int, reservation: String
    ) throws -> String {
        let id = world.newEC2ID("i")
        let address = world.newPrivateAddress(zone: zone)
        let interface = ElasticInterface(
            id: world.newEC2ID("eni"), zone: zone, subnetID: account.subnets[zone] ?? "", groupIDs: request.groupIDs,
            privateAddress: address, macAddress: world.newMACAddress(), description: request.interfaceDescription,
            machineID: id, attachmentID: world.newEC2ID("eni-attach"), deletesWithMachine: request.interfaceGoes,
            created: now)
        world.ec2.interfaces[interface.id] = interface
        var machine = Machine(
            id: id, zone: zone, projectID: account.accountID,
            name: "ip-" + address.replacing(".", with: "-"), type: request.type.name,
            arch: request.image.arch, imageID: request.image.id, tags: [], created: now, modified: now,
            groupID: request.groupIDs.first ?? "", macAddress: interface.macAddress)
        machine.wantsDynamicAddress = request.wantsPublicAddress
        machine.isProtected = try query.bool("DisableApiTermination") ?? false
        machine.userData["cloud-init"] = request.userData
        machine.instance = try instance(request, interface, index: index, reservation: reservation)
        world.machines[id] = machine
        world.ec2.tags[id] = request.tags["instance"]
        world.ec2.tags[interface.id] = request.tags["network-interface"]
        for disk in request.disks { makeVolume(disk, request, on: id, zone: zone) }
        if request.isSpot { makeSpotRequest(request, for: machine) }
        world.powerOn(id, step: .launch, now: now, clock: clock)
        return id
    }

    private func instance(
        _ request: LaunchRequest, _ interface: ElasticInterface, index: Int, reservation: String
    ) throws -> Instance {
        let metadata = query.below("MetadataOptions")
        let behavior = query["InstanceInitiatedShutdownBehavior"]
        guard let shutdown = Instance.ShutdownBehavior(rawValue: behavior ?? "stop") else {
            throw EC2Error.invalid("Invalid value '\(behavior ?? "")' for InstanceInitiatedShutdownBehavior.")
        }
        if request.isSpot, behavior == "stop" {
            throw EC2Error.combination("A one-time spot instance cannot be stopped.")
        }
        let profile = query["IamInstanceProfile.Name"].map {
            "arn:aws:iam::\(account.accountID):instance-profile/\($0)"
        }
        return Instance(
            reservationID: reservation, launchIndex: index, clientToken: query["ClientToken"] ?? "",
            keyName: query["KeyName"], shutdownBehavior: request.isSpot ? .terminate : shutdown,
            metadata: Instance.MetadataOptions(
                needsToken: metadata["HttpTokens"] == "required",
                hopLimit: try metadata.int("HttpPutResponseHopLimit") ?? 1,
                isEnabled: metadata["HttpEndpoint"] != "disabled"),
            cpuCredits: request.type.isBurstable ? query["CreditSpecification.CpuCredits"] ?? "unlimited" : nil,
            profileARN: query["IamInstanceProfile.Arn"] ?? profile,
            isEBSOptimized: try query.bool("EbsOptimized") ?? false,
            isMonitored: try query.bool("Monitoring.Enabled") ?? false, subnetID: interface.subnetID,
            privateAddress: interface.privateAddress, interfaceID: interface.id, groupIDs: request.groupIDs,
            rootDevice: request.image.rootDevice, loginUser: request.image.loginUser, launched: now)
    }

    private mutating func makeVolume(_ disk: LaunchRequest.Disk, _ request: LaunchRequest, on id: String, zone: String)
    {
        let isRoot = disk.device == request.image.rootDevice
        var volume = BlockVolume(
            id: world.newEC2ID("vol"), zone: zone, projectID: account.accountID, name: "", size: disk.size << 30,
            iops: disk.iops ?? (disk.type == "gp3" ? 3000 : max(100, disk.size * 3)), tags: [], created: now,
            updated: now, parentSnapshotID: isRoot ? request.image.snapshotID : nil)
        volume.ebs = BlockVolume.EBS(
            type: disk.type, throughput: disk.type == "gp3" ? disk.throughput ?? 125 : nil,
            isEncrypted: disk.isEncrypted)
        world.blockVolumes[volume.id] = volume
        world.attach(volume: volume.id, to: id, attaching: true, now: now, clock: clock)
        world.machines[id]?.disks[disk.device] = Machine.Disk(
            kind: .block, volumeID: volume.id, boot: isRoot, deletesWithMachine: disk.deletesWithMachine)
        world.ec2.tags[volume.id] = request.tags["volume"]
    }
}
