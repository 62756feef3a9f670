package import SpillwayCore

extension ScalewayProvider {
    package func createFirewall(
        _ request: FirewallRequest, log: any MutationLog
    ) async throws(ProviderError) -> CloudResource {
        let body = CreateSecurityGroupRequest(
            name: request.name, project: api.settings.projectID, tags: ScalewayTags.encode(request.tags))
        let call = try ScalewayAPI.Call(
            "create security group in \(request.zone)", .post, instance(request.zone, "/security_groups"), .create
        ).sending(body)
        var group = try await create(.createFirewall, request.zone, request.tags, rate: nil, log: log) {
            () async throws(ProviderError) in
            CloudResource(try await api.send(call, as: SecurityGroupAnswer.self).security_group, zone: request.zone)
        }
        try await admit(request.admission, firewall: group.id, log: log)
        group.admits = request.admission
        return group
    }

    package func admit(
        _ admission: SSHAdmission, firewall: ResourceID, log: any MutationLog
    ) async throws(ProviderError) {
        let rules = admission.cidrs.enumerated().map { index, cidr in
            SetRulesRequest.Rule(ip_range: cidr, dest_port_from: admission.port, position: index + 1)
        }
        let replace = try ScalewayAPI.Call("set the rules of \(firewall)", .put, path(firewall) + "/rules", .named)
            .sending(SetRulesRequest(rules: rules))
        let describe = try ScalewayAPI.Call("describe \(firewall)", .patch, path(firewall), .named)
            .sending(DescribeRequest(description: ScalewayAdmission.describe(admission)))
        try await mutate(.admit, firewall, log: log, replace)
        try await mutate(.admit, firewall, log: log, describe)
    }

    package func createAddress(
        _ request: AddressRequest, log: any MutationLog
    ) async throws(ProviderError) -> CloudResource {
        let body = CreateAddressRequest(project: api.settings.projectID, tags: ScalewayTags.encode(request.tags))
        let call = try ScalewayAPI.Call(
            "create address in \(request.zone)", .post, instance(request.zone, "/ips"), .create
        ).sending(body)
        return try await create(
            .createAddress, request.zone, request.tags, rate: ScalewayRates.ipv4, log: log
        ) {
            () async throws(ProviderError) in
            CloudResource(try await api.send(call, as: AddressAnswer.self).ip, zone: request.zone)
        }
    }

    package func createServers(
        _ group: ServerGroup, log: any MutationLog
    ) async -> [Result<CloudResource, ProviderError>] {
        await boundedMap(group.nodes, width: Self.width) { node in
            do throws(ProviderError) {
                return .success(try await createServer(node, of: group, log: log))
            } catch {
                return .failure(error)
            }
        }
    }

    private func createServer(
        _ node: ServerGroup.Node, of group: ServerGroup, log: any MutationLog
    ) async throws(ProviderError) -> CloudResource {
        guard !Task.isCancelled else {
            throw ProviderError(
                .cancelled, operation: "create server \(node.name)", detail: "cancelled before it began")
        }
        var tags = group.tags
        tags.node = node.index
        let volume = CreateServerRequest.Volume(
            size: group.root.sizeBytes, volume_type: group.root.kind == .block ? "sbs_volume" : "l_ssd")
        let body = CreateServerRequest(
            name: node.name, commercial_type: group.instanceType, image: group.image.id,
            project: api.settings.projectID, tags: ScalewayTags.encode(tags),
            public_ips: node.address.map { [$0.id] } ?? [], security_group: group.firewall.id, volumes: ["0": volume])
        let call = try ScalewayAPI.Call(
            "create server \(node.name) in \(group.zone)", .post, instance(group.zone, "/servers"), .create
        ).sending(body)
        let server = try await create(.createServers, group.zone, tags, rate: group.rate, log: log) {
            () async throws(ProviderError) in
            CloudResource(try await api.send(call, as: ServerAnswer.self).server, zone: group.zone)
        }
        for volume in server.volumes {
            try await tagNewVolume(volume, tags, name: node.name, storage: group.root.kind, log: log)
        }
        return server
    }

    /// Journals the intent with the tags to look for, makes the one call, journals what it made.
    private func create(
        _ operation: Intent.Operation, _ zone: String, _ tags: ResourceTags, rate: Rate?, log: any MutationLog,
        _ make: @escaping @Sendable () async throws(ProviderError) -> CloudResource
    ) async throws(ProviderError) -> CloudResource {
        try await log.perform(Intent(operation, zone: zone, tags: tags, rate: rate)) {
            () async throws(ProviderError) -> (CloudResource, Outcome) in
            let resource = try await make()
            return (resource, .done(created: [resource]))
        }
    }
}
