/// Attaching and detaching volumes, and replacing the whole volume map of a server.
extension ScalewayFace {
    mutating func attachVolume() throws -> Reply {
        let machine = try machine()
        let body = try body()
        let key = String((0...).first { machine.disks[String($0)] == nil } ?? 0)
        guard let volumeID = body["volume_id"]?.string else { throw APIError.invalid(.required("volume_id")) }
        let spec: JSON = ["id": .string(volumeID), "boot": body["boot"] ?? false]
        try attachDisk(spec, key: key, to: id, attaching: true)
        return try getServer()
    }

    mutating func detachVolume() throws -> Reply {
        let machine = try machine()
        guard let volumeID = try body()["volume_id"]?.string else { throw APIError.invalid(.required("volume_id")) }
        guard let disk = machine.disks.first(where: { $0.value.volumeID == volumeID }) else {
            throw APIError.invalid(.constraint("volume_id", "volume is not attached to this server"))
        }
        releaseDisk(disk.key, of: id, lingers: machine.phase == .running)
        return try getServer()
    }

    mutating func attachDisk(_ spec: JSON, key: String, to machineID: String, attaching: Bool) throws {
        let volumeID = spec["id"]?.string ?? ""
        let boot = spec["boot"]?.bool ?? false
        if let volume = world.blockVolumes[volumeID], volume.zone == zone {
            // A volume that is still being made can be attached already.
            guard volume.reference == nil else {
                throw APIError.precondition("resource_not_usable", "volume should be available")
            }
            world.attach(volume: volumeID, to: machineID, attaching: attaching, now: now, clock: clock)
            world.machines[machineID]?.disks[key] = Machine.Disk(kind: .block, volumeID: volumeID, boot: boot)
        } else if let volume = world.localVolumes[volumeID], volume.zone == zone {
            guard volume.machineID == nil else {
                throw APIError.precondition("resource_still_in_use", "volume is already attached to a server")
            }
            world.localVolumes[volumeID]?.machineID = machineID
            world.localVolumes[volumeID]?.modified = now
            world.machines[machineID]?.disks[key] = Machine.Disk(kind: .local, volumeID: volumeID, boot: boot)
        } else {
            throw APIError.notFound("instance_volume", volumeID)
        }
    }

    private mutating func releaseDisk(_ key: String, of machineID: String, lingers: Bool = false) {
        guard let disk = world.machines[machineID]?.disks.removeValue(forKey: key) else { return }
        switch disk.kind {
        case .block: world.detach(volume: disk.volumeID, lingers: lingers, now: now, clock: clock)
        case .local:
            world.localVolumes[disk.volumeID]?.machineID = nil
            world.localVolumes[disk.volumeID]?.modified = now
        }
    }

    /// `PATCH {"volumes": …}`: what is not named is detached, what is new is attached, places may change.
    mutating func replaceDisks(_ value: JSON) throws {
        guard let specs = value.object else { throw APIError.invalid(.constraint("volumes")) }
        let old = try machine().disks
        let kept = Set(specs.values.compactMap { $0["id"]?.string })
        for (key, disk) in old where !kept.contains(disk.volumeID) { releaseDisk(key, of: id) }
        world.machines[id]?.disks = [:]
        for (key, spec) in specs.sorted(by: { $0.key < $1.key }) {
            guard let volumeID = spec["id"]?.string else { throw APIError.invalid(.required("volumes.\(key).id")) }
            if var disk = old.values.first(where: { $0.volumeID == volumeID }) {
                disk.boot = spec["boot"]?.bool ?? disk.boot
                world.machines[id]?.disks[key] = disk
                if disk.kind == .local { world.localVolumes[volumeID]?.modified = now }
            } else {
                try attachDisk(spec, key: key, to: id, attaching: true)
            }
        }
    }
}
