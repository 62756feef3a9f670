/// `/placement_groups` and `/servers/{id}/private_nics`: kept as records; placement and private networks have no effect here.
extension ScalewayFace {
    func json(_ group: PlacementGroup) -> JSON {
        [
            "id": .string(group.id), "name": .string(group.name), "organization": .string(world.organizationID),
            "project": .string(group.projectID), "policy_mode": .string(group.mode),
            "policy_type": .string(group.type), "policy_respected": true, "tags": .list(group.tags),
            "zone": .string(group.zone),
        ]
    }

    private func placementGroup() throws -> PlacementGroup {
        guard let group = world.placementGroups[id], group.zone == zone else {
            throw APIError.notFound("instance_placement_group", id)
        }
        return group
    }

    func listPlacementGroups() throws -> Reply {
        let groups = listed.placementGroups.values.filter {
            $0.zone == zone && passes(project: $0.projectID, name: $0.name, tags: $0.tags)
        }
        let sorted = groups.sorted { $0.created < $1.created }
        return try instancePage(sorted.map(json), key: "placement_groups", path: "placement_groups")
    }

    func getPlacementGroup() throws -> Reply { .json(["placement_group": json(try placementGroup())]) }

    mutating func createPlacementGroup() throws -> Reply {
        let body = try body()
        var group = PlacementGroup(
            id: world.newID(), zone: zone,
            projectID: try project(in: body, resource: "compute_placement_groups"),
            name: body["name"]?.string ?? "pg", mode: "optional", type: "max_availability", tags: [], created: now,
            updated: now)
        try apply(body, to: &group)
        world.placementGroups[group.id] = group
        return .json(
            ["placement_group": json(group)], status: 201, headers: location("placement_groups/\(group.id)"))
    }

    mutating func updatePlacementGroup() throws -> Reply {
        var group = try placementGroup()
        let members = world.machines.values.filter { $0.placementGroupID == id }
        guard members.allSatisfy({ $0.phase == .stopped }) else {
            throw APIError.precondition(
                "resource_not_usable", "All instances must be powered off to change a group properties.")
        }
        try apply(try body(), to: &group)
        group.updated = now
        world.placementGroups[id] = group
        return try getPlacementGroup()
    }

    private func apply(_ body: JSON, to group: inout PlacementGroup) throws {
        func choice(_ key: String, _ values: [String]) throws -> String? {
            guard let value = body[key]?.string else { return nil }
            guard values.contains(value) else { throw APIError.invalid(.constraint(key)) }
            return value
        }
        if let name = body["name"]?.string { group.name = name }
        if let mode = try choice("policy_mode", ["optional", "enforced"]) { group.mode = mode }
        if let type = try choice("policy_type", ["max_availability", "low_latency"]) { group.type = type }
        if let tags = try tags(in: body) { group.tags = tags }
    }

    mutating func deletePlacementGroup() throws -> Reply {
        _ = try placementGroup()
        for machine in world.machines.values where machine.placementGroupID == id {
            world.machines[machine.id]?.placementGroupID = nil
        }
        world.placementGroups[id] = nil
        return .empty()
    }

    // MARK: Private network interfaces

    func listNetworkInterfaces() throws -> Reply {
        let machine = try machine()
        return try instancePage(
            machine.nics.map { json($0, of: machine) }, key: "private_nics", path: "servers/\(id)/private_nics")
    }

    mutating func createNetworkInterface() throws -> Reply {
        let machine = try machine()
        let body = try body()
        guard let network = body["private_network_id"]?.string else {
            throw APIError.invalid(.required("private_network_id"))
        }
        let tail = world.newMACAddress().dropFirst("de:00:00".count)
        let nic = NetworkInterface(
            id: world.newID(), networkID: network, macAddress: "02:00:00" + tail, tags: try tags(in: body) ?? [],
            created: now, addressIDs: [world.newID(), world.newID()])
        world.machines[id]?.nics.append(nic)
        return .json(["private_nic": json(nic, of: machine)], status: 201)
    }

    private func networkInterface() throws -> NetworkInterface {
        let nicID = parameters["nic"] ?? ""
        guard let nic = try machine().nics.first(where: { $0.id == nicID || $0.macAddress == nicID }) else {
            throw APIError.notFound("instance_private_nic", nicID)
        }
        return nic
    }

    func getNetworkInterface() throws -> Reply {
        .json(["private_nic": json(try networkInterface(), of: try machine())])
    }

    mutating func deleteNetworkInterface() throws -> Reply {
        let nic = try networkInterface()
        world.machines[id]?.nics.removeAll { $0.id == nic.id }
        return .empty()
    }
}
