/// `/security_groups`.
extension ScalewayFace {
    private func json(_ group: FirewallGroup) -> JSON {
        let servers = world.machines.values.filter { $0.groupID == group.id }.sorted { $0.created < $1.created }
        return [
            "id": .string(group.id), "creation_date": .string(group.created.instanceText),
            "modification_date": .string(group.modified.instanceText), "name": .string(group.name),
            "description": .optional(group.description), "organization": .string(world.organizationID),
            "project": .string(group.projectID),
            "servers": .array(servers.map { ["id": .string($0.id), "name": .string($0.name)] }),
            "stateful": .bool(group.isStateful), "inbound_default_policy": .string(group.inbound.rawValue),
            "outbound_default_policy": .string(group.outbound.rawValue), "organization_default": false,
            "project_default": .bool(group.isProjectDefault), "enable_default_security": .bool(group.blocksMail),
            "state": (group.syncsUntil ?? now) > now ? "syncing" : "available", "tags": .list(group.tags),
            "zone": .string(group.zone),
        ]
    }

    func group() throws -> FirewallGroup {
        guard let group = world.groups[id], group.zone == zone else {
            throw APIError.notFound("instance_security_group", id)
        }
        return group
    }

    func listGroups() throws -> Reply {
        let groups = listed.groups.values.filter { group in
            group.zone == zone && passes(project: group.projectID, name: group.name, tags: group.tags)
                && (call[query: "project_default"].map { ($0 == "true") == group.isProjectDefault } ?? true)
        }
        let sorted = groups.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
        return try instancePage(sorted.map(json), key: "security_groups", path: "security_groups")
    }

    func getGroup() throws -> Reply { .json(["security_group": json(try group())]) }

    mutating func createGroup() throws -> Reply {
        let body = try body()
        let project = try project(in: body, resource: "compute_security_groups")
        var group = FirewallGroup(
            id: world.newID(), zone: zone, projectID: project, name: body["name"]?.string ?? "sg", created: now,
            modified: now)
        try apply(body, to: &group)
        world.groups[group.id] = group
        return .json(
            ["security_group": json(group)], status: 201, headers: location("security_groups/\(group.id)"))
    }

    mutating func updateGroup() throws -> Reply {
        let old = try group()
        var group = old
        try apply(try body(), to: &group)
        if group != old {
            group.modified = now
            synchronise(&group)
        }
        world.groups[id] = group
        return try getGroup()
    }

    /// A changed group takes a moment to reach its servers.
    mutating func synchronise(_ group: inout FirewallGroup) {
        group.syncsUntil = now + clock.duration(of: .attach, using: &world.generator)
    }

    private func apply(_ body: JSON, to group: inout FirewallGroup) throws {
        func policy(_ key: String) throws -> FirewallGroup.Action? {
            guard let value = body[key], !value.isNull else { return nil }
            guard let action = value.string.flatMap(FirewallGroup.Action.init(rawValue:)) else {
                throw APIError.invalid(.constraint(key))
            }
            return action
        }
        if let name = body["name"]?.string { group.name = name }
        if let description = body["description"]?.string { group.description = description }
        if let isStateful = body["stateful"]?.bool { group.isStateful = isStateful }
        if let inbound = try policy("inbound_default_policy") { group.inbound = inbound }
        if let outbound = try policy("outbound_default_policy") { group.outbound = outbound }
        if let blocksMail = body["enable_default_security"]?.bool { group.blocksMail = blocksMail }
        if let isDefault = body["project_default"]?.bool { group.isProjectDefault = isDefault }
        if let tags = try tags(in: body) { group.tags = tags }
    }

    mutating func deleteGroup() throws -> Reply {
        let group = try group()
        if group.isProjectDefault || world.machines.values.contains(where: { $0.groupID == group.id }) {
            throw APIError.precondition("resource_still_in_use", "Group is in use. You cannot delete it.")
        }
        world.groups[id] = nil
        return .empty()
    }
}
