internal import FoundationEssentials
package import SpillwayCore

extension AWSProvider {
    /// One call for all nodes that are booted alike, under the attempt's token: all of them come, or none. Nodes with
    /// user data of their own are launched by themselves, under a token that is the attempt's and their place in it.
    package func createServers(
        _ group: ServerGroup, log: any MutationLog
    ) async -> [Result<CloudResource, ProviderError>] {
        let launches = Self.launches(group)
        let results = await boundedMap(Array(launches.enumerated()), width: Self.width) { number, launch in
            do throws(ProviderError) {
                return try await self.launch(launch, number: number, of: group, log: log)
                    .map { Result<CloudResource, ProviderError>.success($0) }
            } catch {
                return launch.map { _ in Result.failure(error) }
            }
        }
        var byNode: [Int: Result<CloudResource, ProviderError>] = [:]
        for (launch, outcome) in zip(launches, results) {
            for (node, result) in zip(launch, outcome) { byNode[node.index] = result }
        }
        return group.nodes.compactMap { byNode[$0.index] }
    }

    /// Alike in user data, and few enough for their list to fit a tag.
    private static func launches(_ group: ServerGroup) -> [[ServerGroup.Node]] {
        var launches: [[ServerGroup.Node]] = []
        for node in group.nodes {
            let index = launches.firstIndex { launch in
                launch[0].userData == node.userData
                    && AWSTags.text((launch + [node]).map(\.index)).utf8.count <= AWSTags.longest
            }
            if let index { launches[index].append(node) } else { launches.append([node]) }
        }
        return launches
    }

    private func launch(
        _ nodes: [ServerGroup.Node], number: Int, of group: ServerGroup, log: any MutationLog
    ) async throws(ProviderError) -> [CloudResource] {
        let region = AWSZones.region(of: group.zone)
        let what = nodes.count == 1 ? nodes[0].name : "\(nodes.count) servers"
        let call = AWSAPI.Call("create \(what) in \(group.zone)", "RunInstances", region: region, .create)
        guard !Task.isCancelled else {
            throw ProviderError(.cancelled, operation: call.operation, detail: "cancelled before it began")
        }
        let query = try await query(nodes, number: number, of: group, call)
        var tags = group.tags
        if nodes.count == 1 { tags.node = nodes[0].index }
        let intent = Intent(.createServers, zone: group.zone, tags: tags, count: nodes.count, rate: group.rate)
        let servers = try await log.perform(intent) {
            () async throws(ProviderError) -> ([CloudResource], Outcome) in
            var call = call
            call.query = query
            let servers = try read(try await api.settling(call), nodes, of: group, call)
            return (servers, .done(created: servers))
        }
        memory.note(servers, at: now())
        return servers
    }

    /// In the order of `nodes`.
    private func read(
        _ root: XMLElement, _ nodes: [ServerGroup.Node], of group: ServerGroup, _ call: AWSAPI.Call
    ) throws(ProviderError) -> [CloudResource] {
        let read = EC2Reader(operation: call.operation, region: call.region)
        var byNode: [Int: CloudResource] = [:]
        for item in root.items("instancesSet") {
            guard var server = try read.instance(item) else { continue }
            let place = item.text("amiLaunchIndex").flatMap { Int($0) } ?? 0
            guard nodes.indices.contains(place) else { continue }
            server.tags = group.tags
            server.tags?.node = nodes[place].index
            server.firewall = group.firewall
            byNode[nodes[place].index] = server
        }
        let servers = nodes.compactMap { byNode[$0.index] }
        guard servers.count == nodes.count else {
            throw ProviderError(
                .unknownOutcome, operation: call.operation,
                detail: "\(nodes.count) were asked for and the answer tells of \(servers.count)")
        }
        return servers
    }

    // MARK: The request

    /// EC2's own limit on user data, before it is encoded.
    static let largestUserData = 16_384

    private func query(
        _ nodes: [ServerGroup.Node], number: Int, of group: ServerGroup, _ call: AWSAPI.Call
    ) async throws(ProviderError) -> AWSQuery {
        let userData = nodes[0].userData
        guard userData.utf8.count <= Self.largestUserData else {
            throw ProviderError(
                .invalid, operation: call.operation,
                detail: "the user data has \(userData.utf8.count) bytes, and EC2 takes \(Self.largestUserData) at most")
        }
        let devices = try await devices(of: group.image.id, region: call.region)
        let subnet = try await subnet(in: group.zone)
        let choices = api.settings.choices
        var query = call.query
        query["ImageId"] = group.image.id
        query["InstanceType"] = group.instanceType
        query["MinCount"] = String(nodes.count)
        query["MaxCount"] = String(nodes.count)
        query["ClientToken"] = number == 0 ? group.tags.attempt : "\(group.tags.attempt)-\(number)"
        query["UserData"] = userData.isEmpty ? nil : Data(userData.utf8).base64EncodedString()
        query["InstanceInitiatedShutdownBehavior"] = "terminate"
        query["MetadataOptions.HttpEndpoint"] = "enabled"
        query["MetadataOptions.HttpTokens"] = "required"
        query["MetadataOptions.HttpPutResponseHopLimit"] = "1"
        if Self.isBurstable(group.instanceType) { query["CreditSpecification.CpuCredits"] = "standard" }
        query["KeyName"] = choices?.keyName
        if let profile = choices?.iamInstanceProfile {
            query["IamInstanceProfile.\(profile.hasPrefix("arn:") ? "Arn" : "Name")"] = profile
        }
        query["NetworkInterface.1.DeviceIndex"] = "0"
        query["NetworkInterface.1.SubnetId"] = subnet.id
        query["NetworkInterface.1.AssociatePublicIpAddress"] = "true"
        query["NetworkInterface.1.DeleteOnTermination"] = "true"
        query["NetworkInterface.1.SecurityGroupId.1"] = group.firewall.id
        query["NetworkInterface.1.SecurityGroupId.2"] = choices?.securityGroupID
        Self.write(devices, root: group.root, to: &query)
        if group.isSpot { try Self.writeSpot(group, to: &query, call) }
        let name = nodes.count == 1 ? nodes[0].name : "spillway-\(group.tags.burst)"
        AWSTags.specify(
            ["instance", "volume", "network-interface"] + (group.isSpot ? ["spot-instances-request"] : []),
            AWSTags.pairs(group.tags, nodes: nodes.map(\.index), name: name)
                + [(AWSTags.disk, String(group.root.wholeGB))], in: &query)
        return query
    }

    /// Types that would run up a bill of CPU credits by themselves.
    static func isBurstable(_ type: String) -> Bool {
        ["t2", "t3", "t3a", "t4g"].contains(String(type.prefix { $0 != "." }))
    }

    private static func write(_ devices: [AWSImage.Device], root: RootVolume, to query: inout AWSQuery) {
        for (index, device) in devices.enumerated() {
            let name = "BlockDeviceMapping.\(index + 1)"
            query["\(name).DeviceName"] = device.name
            query["\(name).Ebs.DeleteOnTermination"] = "true"
            query["\(name).Ebs.Encrypted"] = "true"
            query["\(name).Ebs.VolumeType"] = "gp3"
            if device.isRoot {
                // What a price list calls a GB is a GiB: whoever asks for 20 GB gets, and pays, 20 of them.
                query["\(name).Ebs.VolumeSize"] = String(root.wholeGB)
            }
        }
    }
}

extension RootVolume {
    var wholeGB: Int64 { (sizeBytes + 999_999_999) / 1_000_000_000 }
}
