/// What a machine looks like in the Instance API.
extension ScalewayFace {
    func json(_ machine: Machine) -> JSON {
        let addresses = world.addresses(of: machine)
        let publicIPs = addresses.enumerated().map { json($1, of: machine, isFirst: $0 == 0) }
        let isBooked = machine.node != nil && machine.phase != .stopped
        let location: JSON = [
            "zone_id": .string(machine.zone), "platform_id": "14", "cluster_id": "35", "hypervisor_id": "1302",
            "node_id": .string(String(machine.node ?? 0)),
        ]
        let group = world.groups[machine.groupID]
        return [
            "id": .string(machine.id), "name": .string(machine.name), "arch": .string(machine.arch),
            "commercial_type": .string(machine.type), "boot_type": .string(machine.bootType),
            "organization": .string(world.organizationID), "project": .string(machine.projectID),
            "hostname": .string(machine.name),
            "image": catalog.images.image(id: machine.imageID).map(json) ?? .null,
            "volumes": .object(machine.disks.mapValues { json($0, of: machine) }), "tags": .list(machine.tags),
            "state": .string(state(machine)), "protected": .bool(machine.isProtected),
            "state_detail": .string(machine.detail), "public_ip": publicIPs.first ?? .null,
            "public_ips": .array(publicIPs), "mac_address": .string(machine.macAddress), "routed_ip_enabled": true,
            "ipv6": nil, "extra_networks": [], "dynamic_ip_required": .bool(machine.wantsDynamicAddress),
            "enable_ipv6": false, "private_ip": nil, "creation_date": .string(machine.created.instanceText),
            "modification_date": .string(machine.modified.instanceText), "bootscript": nil,
            "security_group": ["id": .string(machine.groupID), "name": .string(group?.name ?? "")],
            "location": isBooked ? location : .null, "maintenances": [],
            "allowed_actions": .list(allowedActions(machine)),
            "placement_group": machine.placementGroupID.flatMap { world.placementGroups[$0] }.map(json) ?? .null,
            "private_nics": .array(machine.nics.map { json($0, of: machine) }), "zone": .string(machine.zone),
            "filesystems": [], "end_of_service": .bool(isEndOfService(machine)),
            "dns": .string("\(machine.id).pub.instances.scw.cloud"),
        ]
    }

    func state(_ machine: Machine) -> String {
        machine.phase == .standby ? "stopped in place" : machine.phase.rawValue
    }

    func allowedActions(_ machine: Machine) -> [String] {
        let isMovingDisks = machine.disks.values.contains { disk in
            world.blockVolumes[disk.volumeID]?.reference?.status == .attaching
                || world.localVolumes[disk.volumeID].map { $0.isSnapshotting || $0.isDeleting } == true
        }
        if isMovingDisks { return [] }
        switch machine.phase {
        case .running where machine.isProtected: return ["backup"]
        case .running: return ["poweroff", "terminate", "reboot", "stop_in_place", "backup"]
        case .stopped: return ["poweron", "backup"]
        case .standby: return ["poweron", "poweroff", "terminate", "reboot", "backup"]
        case .starting, .stopping: return ["stop_in_place", "backup"]
        }
    }

    private func isEndOfService(_ machine: Machine) -> Bool {
        catalog.offer(machine.type, zone: machine.zone)?.status != "general_availability"
    }

    private func json(_ disk: Machine.Disk, of machine: Machine) -> JSON {
        switch disk.kind {
        case .local:
            let volume = world.localVolumes[disk.volumeID].map(json) ?? ["id": .string(disk.volumeID)]
            return volume.merging(["boot": .bool(disk.boot)])
        case .block:
            let reference = world.blockVolumes[disk.volumeID]?.reference
            return [
                "boot": .bool(disk.boot), "volume_type": "sbs_volume", "id": .string(disk.volumeID),
                "state": reference?.status == .attaching ? "attaching" : "available", "zone": .string(machine.zone),
            ]
        }
    }

    private func json(_ address: Address, of machine: Machine, isFirst: Bool) -> JSON {
        let isDynamic = machine.dynamicAddress?.id == address.id
        let common: JSON = [
            "id": .string(address.id), "dynamic": .bool(isDynamic), "tags": .list(address.tags),
            "state": isDynamic ? "pending" : "attached", "ipam_id": .string(address.id),
        ]
        guard address.isIPv6 else {
            return common.merging([
                "address": .string(address.value), "gateway": "62.210.0.1", "netmask": "32", "family": "inet",
                "provisioning_mode": isFirst ? "dhcp" : "manual",
            ])
        }
        let prefix = address.value.split(separator: "::").first.map(String.init) ?? ""
        return common.merging([
            "address": .string(prefix + ":dc00:ff:fed1:4603"), "gateway": "fe80::dc00:ff:fed1:4604", "netmask": "64",
            "family": "inet6", "provisioning_mode": "slaac",
        ])
    }

    func json(_ image: ImageCatalog.Image) -> JSON {
        let owner: JSON = "51b656e3-4865-41e8-adbc-0c45bdd780db"
        let root: JSON = [
            "volume_type": image.isLocal ? "l_ssd" : "sbs_snapshot", "id": .string(image.rootSnapshotID),
            "size": image.isLocal ? 10_000_000_000 : 0, "name": image.isLocal ? .string(image.name) : "",
        ]
        return [
            "id": .string(image.id), "name": .string(image.name), "organization": owner, "project": owner,
            "root_volume": root, "extra_volumes": [:], "public": true, "arch": .string(image.arch),
            "creation_date": "2026-05-12T15:20:10.934226+00:00",
            "modification_date": "2026-05-12T15:20:10.934226+00:00", "default_bootscript": nil, "from_server": "",
            "state": "available", "tags": [], "zone": .string(image.zone),
        ]
    }

    func json(_ nic: NetworkInterface, of machine: Machine) -> JSON {
        [
            "id": .string(nic.id), "private_network_id": .string(nic.networkID), "server_id": .string(machine.id),
            "mac_address": .string(nic.macAddress), "state": "available",
            "creation_date": .string(nic.created.instanceText), "modification_date": .string(nic.created.instanceText),
            "zone": .string(machine.zone), "tags": .list(nic.tags), "ipam_ip_ids": .list(nic.addressIDs),
        ]
    }
}
