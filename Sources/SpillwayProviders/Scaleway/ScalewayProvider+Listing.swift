package import SpillwayCore

extension ScalewayProvider {
    /// One request per listing and zone, plus further pages: five per zone for all kinds. Security groups tell whom
    /// they admit in their description, so no request per group is needed.
    package func list(
        _ kinds: Set<ResourceKind>, scope: TagScope, zones: [String]
    ) async throws(ProviderError) -> [CloudResource] {
        let listings = Listing.allCases.filter { kinds.contains($0.kind) }
        let asked = zones.flatMap { zone in listings.map { (zone: zone, listing: $0) } }
        let found = try await boundedTryMap(asked, width: Self.width) { asked throws(ProviderError) in
            try await list(asked.listing, scope: scope, zone: asked.zone)
        }
        return found.flatMap { $0 }.filter { $0.tags.map(scope.contains) ?? false }
    }

    private enum Listing: CaseIterable {
        case servers, addresses, groups, localVolumes, blockVolumes

        var kind: ResourceKind {
            switch self {
            case .servers: .server
            case .addresses: .address
            case .groups: .firewall
            case .localVolumes, .blockVolumes: .volume
            }
        }
    }

    private func list(
        _ listing: Listing, scope: TagScope, zone: String
    ) async throws(ProviderError) -> [CloudResource] {
        let filter = ScalewayTags.filter(scope)
        let project = api.settings.projectID
        func call(_ what: String, _ path: String, _ project: (String, String), _ order: [(String, String)] = [])
            -> ScalewayAPI.Call
        { .get("list \(what) in \(zone)", path, query: [project, ("tags", filter)] + order) }
        let header = ScalewayPaging(api: api, style: .header)
        switch listing {
        case .servers:
            let call = call(
                "servers", instance(zone, "/servers"), ("project", project), [("order", "creation_date_asc")])
            return try await header.all(call, as: ServersPage.self) { body in
                .init(items: body.servers.map { ($0.id, CloudResource($0, zone: zone)) })
            }
        case .addresses:
            let call = call("addresses", instance(zone, "/ips"), ("project", project))
            return try await header.all(call, as: AddressesPage.self) { body in
                .init(items: body.ips.map { ($0.id, CloudResource($0, zone: zone)) })
            }
        case .groups:
            let call = call("security groups", instance(zone, "/security_groups"), ("project", project))
            return try await header.all(call, as: SecurityGroupsPage.self) { body in
                .init(items: body.security_groups.map { ($0.id, CloudResource($0, zone: zone)) })
            }
        case .localVolumes:
            let call = call("local volumes", instance(zone, "/volumes"), ("project", project))
            return try await header.all(call, as: InstanceVolumesPage.self) { body in
                .init(items: body.volumes.map { ($0.id, CloudResource($0, zone: zone)) })
            }
        case .blockVolumes:
            let call = call(
                "block volumes", block(zone, "/volumes"), ("project_id", project), [("order_by", "created_at_asc")])
            return try await ScalewayPaging(api: api, style: .body).all(call, as: BlockVolumesPage.self) { body in
                .init(items: body.volumes.map { ($0.id, CloudResource($0, zone: zone)) }, total: body.total_count)
            }
        }
    }

    package func areGone(_ ids: [ResourceID]) async -> [Result<Bool, ProviderError>] {
        await boundedResults(ids, width: Self.width) { id throws(ProviderError) in try await isMissing(id) }
    }

    private func isMissing(_ id: ResourceID) async throws(ProviderError) -> Bool {
        guard try await isMissing(id, path(id)) else { return false }
        // A volume is gone when neither storage knows it.
        return id.kind == .volume ? try await isMissing(id, localVolumePath(id)) : true
    }

    private func isMissing(_ id: ResourceID, _ path: String) async throws(ProviderError) -> Bool {
        do throws(ProviderError) {
            try await api.send(.get("look up \(id)", path))
            return false
        } catch {
            if error.kind == .notFound { return true }
            throw error
        }
    }
}
