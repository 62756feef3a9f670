package import SpillwayCore

extension AWSProvider {
    /// A group's name is unique in its network: when an answer was lost and the call is repeated, "duplicate" means
    /// that it was made, and it is looked up.
    package func createFirewall(
        _ request: FirewallRequest, log: any MutationLog
    ) async throws(ProviderError) -> CloudResource {
        let region = AWSZones.region(of: request.zone)
        let subnet = try await subnet(in: request.zone)
        let pairs = AWSTags.pairs(request.tags, name: request.name) + [(AWSTags.zone, request.zone)]
        let call = AWSAPI.Call(
            "create security group in \(request.zone)", "CreateSecurityGroup", region: region, .create
        ) { query in
            query["GroupName"] = request.name
            query["GroupDescription"] = "Spillway burst \(request.tags.burst), zone \(request.zone)"
            query["VpcId"] = subnet.network
            AWSTags.specify(["security-group"], pairs, in: &query)
        }
        let intent = Intent(.createFirewall, zone: request.zone, tags: request.tags)
        var group = try await log.perform(intent) { () async throws(ProviderError) -> (CloudResource, Outcome) in
            let id = try await groupID(call, request, network: subnet.network)
            let group = CloudResource(
                id: ResourceID(.firewall, zone: request.zone, id: id), name: request.name, tags: request.tags,
                lifecycle: .available, detail: "available", admits: SSHAdmission(cidrs: [], port: 22))
            return (group, .done(created: [group]))
        }
        let rules = EC2Rules(admitting: request.admission)
        try await change("AuthorizeSecurityGroupIngress", rules, of: group.id, log: log)
        group.admits = request.admission
        return group
    }

    private func groupID(
        _ call: AWSAPI.Call, _ request: FirewallRequest, network: String
    ) async throws(ProviderError) -> String {
        let response = try await api.exchange(call)
        if (200..<300).contains(response.status), let id = (try? api.xml(response.body))?.text("groupId") { return id }
        guard AWSErrors.code(response, api.xml) == "InvalidGroup.Duplicate" else {
            guard !(200..<300).contains(response.status) else {
                throw AWSErrors.malformed(call, response, "no group's id")
            }
            throw api.error(call, response)
        }
        let same: [(name: String, values: [String])] = [("group-name", [request.name]), ("vpc-id", [network])]
        for item in try await items(.firewall, same, region: call.region) {
            guard AWSTags.decode(AWSTags.raw(item["tagSet"])) == request.tags, let id = item.text("groupId") else {
                continue
            }
            return id
        }
        throw api.error(call, response)
    }

    /// What is to be admitted is, before what no longer is goes. Both may be repeated.
    package func admit(
        _ admission: SSHAdmission, firewall: ResourceID, log: any MutationLog
    ) async throws(ProviderError) {
        let found = try await items(.firewall, [("group-id", [firewall.id])], region: firewall.region)
        guard let group = found.first else {
            throw ProviderError(.notFound, operation: "look up \(firewall)", detail: "there is no such group")
        }
        let have = EC2Rules(group["ipPermissions"])
        let want = EC2Rules(admitting: admission)
        try await change("AuthorizeSecurityGroupIngress", want.subtracting(have), of: firewall, log: log)
        try await change("RevokeSecurityGroupIngress", have.subtracting(want), of: firewall, log: log)
    }

    private func change(
        _ action: String, _ rules: EC2Rules, of group: ResourceID, log: any MutationLog
    ) async throws(ProviderError) {
        guard !rules.rules.isEmpty else { return }
        let call = AWSAPI.Call("set the rules of \(group)", action, region: group.region, .named) { query in
            query["GroupId"] = group.id
            rules.write(to: &query)
        }
        let api = api
        try await log.perform(Intent(.admit, zone: group.zone, target: group)) {
            () async throws(ProviderError) -> (Void, Outcome) in
            do throws(ProviderError) {
                try await api.settling(call)
            } catch {
                // Asked a second time it is there, or gone, already.
                guard
                    error.detail.hasSuffix("(InvalidPermission.Duplicate)")
                        || error.detail.hasSuffix("(InvalidPermission.NotFound)")
                else { throw error }
            }
            return ((), .done)
        }
    }

    // MARK: Network

    /// The subnet of the zone that instances are put into: the user's, or the default one.
    func subnet(in zone: String) async throws(ProviderError) -> AWSMemory.Subnet {
        if let known = memory.subnet(in: zone) { return known }
        let region = AWSZones.region(of: zone)
        let chosen = api.settings.choices?.subnetID
        let call = AWSAPI.Call("list the subnets of \(region)", "DescribeSubnets", region: region, .read) { query in
            if let chosen {
                query["SubnetId.1"] = chosen
            } else {
                query.filters([("default-for-az", ["true"])])
            }
        }
        for item in try await api.items(call, "subnetSet", pageSize: 1000, isPaged: chosen == nil) {
            guard let zone = item.text("availabilityZone"), let id = item.text("subnetId"),
                let network = item.text("vpcId")
            else { continue }
            memory.keep(AWSMemory.Subnet(id: id, network: network), in: zone)
        }
        if let found = memory.subnet(in: zone) { return found }
        throw ProviderError(
            .invalid, operation: call.operation,
            detail: chosen.map { "subnet \($0) is not in \(zone)" }
                ?? "\(zone) has no default subnet; make one (aws ec2 create-default-subnet --availability-zone \(zone)), "
                + "or name a subnet", argument: "zone")
    }
}
