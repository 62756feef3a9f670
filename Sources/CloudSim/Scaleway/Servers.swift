/// `/servers`: list, read, change, delete.
extension ScalewayFace {
    func machine() throws -> Machine {
        guard let machine = world.machines[id], machine.zone == zone else {
            throw APIError.notFound("instance_server", id)
        }
        return machine
    }

    func listServers() throws -> Reply {
        let states = call.values("state")
        let ids = call.values("servers")
        var machines = listed.machines.values.filter { machine in
            machine.zone == zone && passes(project: machine.projectID, name: machine.name, tags: machine.tags)
                && (states.isEmpty || states.contains(state(machine))) && (ids.isEmpty || ids.contains(machine.id))
                && (call[query: "commercial_type"].map { $0 == machine.type } ?? true)
        }
        machines.sort { ($0.created, $0.id) > ($1.created, $1.id) }
        if call[query: "order"] == "creation_date_asc" { machines.reverse() }
        return try instancePage(machines.map(json), key: "servers", path: "servers")
    }

    func getServer() throws -> Reply { .json(["server": json(try machine())]) }

    mutating func deleteServer() throws -> Reply {
        guard try machine().phase == .stopped else {
            throw APIError.precondition("resource_still_in_use", "instance should be powered off")
        }
        world.remove(id, keepsLocalVolumes: true, now: now, clock: clock)
        return .empty()
    }

    mutating func updateServer() throws -> Reply {
        var machine = try machine()
        let body = try body()
        if let name = body["name"]?.string { machine.name = name }
        if let tags = try tags(in: body) { machine.tags = tags }
        if let wants = body["dynamic_ip_required"]?.bool { machine.wantsDynamicAddress = wants }
        if let isProtected = body["protected"]?.bool { machine.isProtected = isProtected }
        if let bootType = body["boot_type"]?.string { machine.bootType = bootType }
        if let type = body["commercial_type"]?.string, type != machine.type {
            guard machine.phase == .stopped else {
                throw APIError.precondition("resource_not_usable", "server should be stopped")
            }
            guard catalog.offer(type, zone: zone) != nil else { throw APIError.invalid(.constraint("commercial_type")) }
            machine.type = type
        }
        if let group = body["security_group"], !group.isNull {
            machine.groupID = try groupID(group["id"]?.string ?? group.string ?? "")
        }
        if let group = body["placement_group"] { machine.placementGroupID = try placementGroup(group) }
        machine.modified = now
        world.machines[id] = machine
        if let ids = body["public_ips"], !ids.isNull { try setAddresses(ids) }
        if let volumes = body["volumes"], !volumes.isNull { try replaceDisks(volumes) }
        if !(world.machines[id]?.wantsDynamicAddress ?? false) { world.machines[id]?.dynamicAddress = nil }
        world.giveDynamicAddress(id)
        return try getServer()
    }

    func groupID(_ groupID: String) throws -> String {
        guard let group = world.groups[groupID], group.zone == zone else {
            throw APIError.notFound("instance_security_group", groupID)
        }
        return group.id
    }

    func placementGroup(_ value: JSON) throws -> String? {
        if value.isNull { return nil }
        let groupID = value.string ?? ""
        guard isUUID(groupID) else { throw APIError.invalid(.constraint("placement_group")) }
        guard let group = world.placementGroups[groupID], group.zone == zone else {
            throw APIError.notFound("instance_placement_group", groupID)
        }
        return group.id
    }

    /// The whole list of addresses: what is not in it is detached.
    private mutating func setAddresses(_ value: JSON) throws {
        guard let ids = value.strings ?? value.array?.compactMap({ $0["id"]?.string }) else {
            throw APIError.invalid(.constraint("public_ips"))
        }
        for addressID in ids where world.addresses[addressID]?.zone != zone {
            throw APIError.notFound("instance_ip", addressID)
        }
        for addressID in world.machines[id]?.addressIDs ?? [] { detachAddress(addressID) }
        for addressID in ids { attachAddress(addressID, to: id) }
    }

    mutating func detachAddress(_ addressID: String) {
        if let owner = world.addresses[addressID]?.machineID {
            world.machines[owner]?.addressIDs.removeAll { $0 == addressID }
            world.addresses[addressID]?.machineID = nil
            world.giveDynamicAddress(owner)
        }
    }

    mutating func attachAddress(_ addressID: String, to machineID: String) {
        detachAddress(addressID)
        world.machines[machineID]?.addressIDs.append(addressID)
        world.addresses[addressID]?.machineID = machineID
        if world.addresses[addressID]?.isIPv6 == false { world.machines[machineID]?.dynamicAddress = nil }
    }

    func isUUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.joined().allSatisfy(\.isHexDigit)
    }

    func compatibleTypes() throws -> Reply {
        let machine = try machine()
        let types = (catalog.offers[zone] ?? []).map(\.type).filter { catalog.definitions[$0]?.arch == machine.arch }
        return .json(["compatible_types": .list(types)])
    }
}
