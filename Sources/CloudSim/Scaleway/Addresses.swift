/// `/ips`: flexible addresses, which outlive the server and cost money until deleted.
extension ScalewayFace {
    private func json(_ address: Address) -> JSON {
        let owner = address.machineID.flatMap { world.machines[$0] }
        return [
            "id": .string(address.id), "address": address.isIPv6 ? .null : .string(address.value),
            "prefix": address.isIPv6 ? .string(address.value) : .null, "reverse": .optional(address.reverse),
            "server": owner.map { ["id": .string($0.id), "name": .string($0.name)] } ?? .null,
            "organization": .string(world.organizationID), "project": .string(address.projectID),
            "zone": .string(address.zone), "type": address.isIPv6 ? "routed_ipv6" : "routed_ipv4",
            "state": owner == nil ? "detached" : "attached", "tags": .list(address.tags),
            "ipam_id": .string(address.id),
        ]
    }

    /// By id or by address; an unknown address comes back as a /32.
    private func address() throws -> Address {
        let found = world.addresses[id] ?? world.addresses.values.first { $0.value == id }
        guard let found, found.zone == zone else {
            throw APIError.notFound("instance_ip", isUUID(id) ? id : id + "/32")
        }
        return found
    }

    func listAddresses() throws -> Reply {
        let addresses = listed.addresses.values.filter { address in
            address.zone == zone && passes(project: address.projectID, name: address.value, tags: address.tags)
                && (call[query: "type"].map { $0 == (address.isIPv6 ? "routed_ipv6" : "routed_ipv4") } ?? true)
        }
        return try instancePage(addresses.sorted { $0.id < $1.id }.map(json), key: "ips", path: "ips")
    }

    func getAddress() throws -> Reply { .json(["ip": json(try address())]) }

    mutating func createAddress() throws -> Reply {
        let body = try body()
        let project = try project(in: body, resource: "compute_ips")
        if let quota = world.quotas["ips"], world.addresses.count >= quota {
            throw APIError.quota(
                "instance_ips", quota: quota, current: world.addresses.count, organization: world.organizationID)
        }
        let type = body["type"]?.string ?? "routed_ipv4"
        guard ["routed_ipv4", "routed_ipv6"].contains(type) else { throw APIError.invalid(.constraint("type")) }
        let isIPv6 = type == "routed_ipv6"
        let suffix = String(world.generator.next() % 0x10000, radix: 16)
        let address = Address(
            id: world.newID(), zone: zone, projectID: project,
            value: isIPv6 ? "2001:bc8:710:\(suffix)::/64" : world.newLoopbackAddress(), isIPv6: isIPv6,
            tags: try tags(in: body) ?? [])
        world.addresses[address.id] = address
        if let server = body["server"]?.string {
            guard world.machines[server]?.zone == zone else { throw APIError.notFound("instance_server", server) }
            attachAddress(address.id, to: server)
        }
        let created = world.addresses[address.id] ?? address
        return .json(["ip": json(created)], status: 201, headers: location("ips/\(address.id)"))
    }

    mutating func updateAddress() throws -> Reply {
        let address = try address()
        let body = try body()
        if let tags = try tags(in: body) { world.addresses[address.id]?.tags = tags }
        if let reverse = body["reverse"] { world.addresses[address.id]?.reverse = reverse.string }
        if let server = body["server"] {
            if let serverID = server.string {
                guard world.machines[serverID]?.zone == zone else {
                    throw APIError.notFound("instance_server", serverID)
                }
                attachAddress(address.id, to: serverID)
            } else {
                detachAddress(address.id)
            }
        }
        return try getAddress()
    }

    /// Allowed even while attached to a live server.
    mutating func deleteAddress() throws -> Reply {
        let address = try address()
        detachAddress(address.id)
        world.addresses[address.id] = nil
        return .empty()
    }
}
