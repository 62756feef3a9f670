internal import SpillwayCore

// Scaleway's objects as resources of ours.

extension CloudResource {
    init(_ server: ServerBody, zone: String) {
        func id(_ kind: ResourceKind, _ id: String) -> ResourceID { ResourceID(kind, zone: zone, id: id) }
        let flexible = server.public_ips.filter { !$0.dynamic }
        self.init(
            id: id(.server, server.id), name: server.name, tags: ScalewayTags.decode(server.tags),
            lifecycle: Self.lifecycle(server: server.state),
            detail: [server.state, server.state_detail].filter { !$0.isEmpty }.joined(separator: ": "),
            created: server.creation_date,
            ipv4: server.public_ips.first { $0.family == "inet" && $0.address.value != nil }?.address.value,
            instanceType: server.commercial_type, image: server.image.value?.id,
            volumes: server.volumes.sorted { $0.key < $1.key }.map { id(.volume, $0.value.id) },
            addresses: flexible.map { id(.address, $0.id) },
            firewall: server.security_group.value.map { id(.firewall, $0.id) })
    }

    init(_ address: AddressBody, zone: String) {
        let server = address.server.value?.id
        self.init(
            id: ResourceID(.address, zone: zone, id: address.id), name: address.address.value ?? address.id,
            tags: ScalewayTags.decode(address.tags), lifecycle: server == nil ? .available : .attached,
            detail: address.state, attachedTo: server, ipv4: address.address.value)
    }

    init(_ group: SecurityGroupBody, zone: String) {
        self.init(
            id: ResourceID(.firewall, zone: zone, id: group.id), name: group.name,
            tags: ScalewayTags.decode(group.tags), lifecycle: group.servers.isEmpty ? .available : .attached,
            detail: group.state, created: group.creation_date, attachedTo: group.servers.first?.id,
            admits: ScalewayAdmission.read(group.description.value))
    }

    init(_ volume: InstanceVolumeBody, zone: String) {
        let server = volume.server.value?.id
        let lifecycle: Lifecycle =
            switch volume.state {
            case "available": server == nil ? .available : .attached
            case "error": .failed
            default: .changing
            }
        self.init(
            id: ResourceID(.volume, zone: zone, id: volume.id), name: volume.name,
            tags: ScalewayTags.decode(volume.tags), lifecycle: lifecycle,
            detail: "\(volume.volume_type): \(volume.state)", created: volume.creation_date, attachedTo: server,
            sizeBytes: volume.size)
    }

    init(_ volume: BlockVolumeBody, zone: String) {
        let reference = volume.references.first { $0.product_resource_type == "instance_server" }
        let lifecycle: Lifecycle =
            switch volume.status {
            case "available": .available
            // For seconds after its server is gone a volume is still held: neither attached nor to be deleted.
            case "in_use": reference?.status == "attached" ? .attached : .changing
            case "error", "locked": .failed
            default: .changing
            }
        self.init(
            id: ResourceID(.volume, zone: zone, id: volume.id), name: volume.name,
            tags: ScalewayTags.decode(volume.tags), lifecycle: lifecycle, detail: "sbs_volume: \(volume.status)",
            created: volume.created_at, attachedTo: reference?.product_resource_id, sizeBytes: volume.size)
    }

    private static func lifecycle(server state: String) -> Lifecycle {
        switch state {
        case "running": .running
        case "stopped": .stopped
        case "stopped in place": .standby
        case "starting": .starting
        case "stopping": .stopping
        case "locked": .failed
        default: .changing
        }
    }
}
