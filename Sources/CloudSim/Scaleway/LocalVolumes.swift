/// `/volumes`, `/snapshots` and `/images` of the Instance API. Block volumes are not found here: the ids share no namespace.
extension ScalewayFace {
    func json(_ volume: LocalVolume) -> JSON {
        let owner = volume.machineID.flatMap { world.machines[$0] }
        return [
            "id": .string(volume.id), "name": .string(volume.name), "volume_type": .string(volume.type),
            "export_uri": nil, "organization": .string(world.organizationID), "project": .string(volume.projectID),
            "server": owner.map { ["id": .string($0.id), "name": .string($0.name)] } ?? .null,
            "size": .int(volume.size), "state": .string(state(volume)),
            "creation_date": .string(volume.created.instanceText),
            "modification_date": .string(volume.modified.instanceText), "tags": .list(volume.tags),
            "zone": .string(volume.zone),
        ]
    }

    private func state(_ volume: LocalVolume) -> String {
        volume.isDeleting ? "deleting" : volume.isSnapshotting ? "snapshotting" : "available"
    }

    private func volume() throws -> LocalVolume {
        guard let volume = world.localVolumes[id], volume.zone == zone else {
            throw APIError.notFound("instance_volume", id)
        }
        return volume
    }

    func listVolumes() throws -> Reply {
        let volumes = listed.localVolumes.values.filter { volume in
            volume.zone == zone && passes(project: volume.projectID, name: volume.name, tags: volume.tags)
                && (call[query: "volume_type"].map { $0 == volume.type } ?? true)
        }
        let sorted = volumes.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
        return try instancePage(sorted.map(json), key: "volumes", path: "volumes", perPage: 100)
    }

    func getVolume() throws -> Reply { .json(["volume": json(try volume())]) }

    mutating func createVolume() throws -> Reply {
        let body = try body()
        let project = try project(in: body, resource: "compute_volumes")
        let type = body["volume_type"]?.string ?? ""
        guard type == "l_ssd" || type == "scratch" else { throw APIError.invalid(.constraint("volume_type")) }
        let limit = type == "l_ssd" ? 800_000_000_000 : 60_000_000_000_000
        guard let size = body["size"]?.int else { throw APIError.invalid(.required("size")) }
        guard size % 512 == 0, (1_000_000_000...limit).contains(size) else {
            throw APIError.invalid(.constraint("size"))
        }
        let volume = LocalVolume(
            id: world.newID(), zone: zone, projectID: project, name: body["name"]?.string ?? "vol", type: type,
            size: size, tags: try tags(in: body) ?? [], created: now, modified: now)
        world.localVolumes[volume.id] = volume
        return .json(["volume": json(volume)], status: 201, headers: location("volumes/\(volume.id)"))
    }

    mutating func updateVolume() throws -> Reply {
        var volume = try volume()
        let body = try body()
        if let name = body["name"]?.string { volume.name = name }
        if let tags = try tags(in: body) { volume.tags = tags }
        volume.modified = now
        world.localVolumes[id] = volume
        return .json(["volume": json(volume)])
    }

    mutating func deleteVolume() throws -> Reply {
        guard try volume().machineID == nil else {
            throw APIError.precondition("resource_still_in_use", "volume is attached to a server")
        }
        world.localVolumes[id] = nil
        return .empty()
    }

    // MARK: Snapshots

    private func json(_ snapshot: Snapshot) -> JSON {
        [
            "id": .string(snapshot.id), "name": .string(snapshot.name), "volume_type": "l_ssd",
            "creation_date": .string(snapshot.created.instanceText),
            "modification_date": .string(snapshot.updated.instanceText), "organization": .string(world.organizationID),
            "project": .string(snapshot.projectID), "size": .int(snapshot.size),
            "state": snapshot.readyAt > now ? "snapshotting" : "available",
            "base_volume": ["id": .string(snapshot.parentID), "name": .string(snapshot.parentName)],
            "tags": .list(snapshot.tags), "zone": .string(snapshot.zone), "error_details": nil,
        ]
    }

    private func localSnapshot() throws -> Snapshot {
        guard let snapshot = world.snapshots[id], snapshot.isLocal, snapshot.zone == zone else {
            throw APIError.notFound("instance_snapshot", id)
        }
        return snapshot
    }

    func listSnapshots() throws -> Reply {
        let snapshots = listed.snapshots.values.filter {
            $0.isLocal && $0.zone == zone && passes(project: $0.projectID, name: $0.name, tags: $0.tags)
        }
        return try instancePage(
            snapshots.sorted { $0.created > $1.created }.map(json), key: "snapshots", path: "snapshots")
    }

    func getSnapshot() throws -> Reply { .json(["snapshot": json(try localSnapshot())]) }

    mutating func createSnapshot() throws -> Reply {
        let body = try body()
        let project = try project(in: body, resource: "compute_snapshots")
        let volumeID = body["volume_id"]?.string ?? ""
        guard let volume = world.localVolumes[volumeID] else { throw APIError.notFound("instance_volume", volumeID) }
        let ready = now + clock.duration(of: .snapshot, using: &world.generator)
        let snapshot = Snapshot(
            id: world.newID(), zone: zone, projectID: project, name: body["name"]?.string ?? "snp", isLocal: true,
            size: volume.size, tags: try tags(in: body) ?? [], created: now, updated: now, parentID: volume.id,
            parentName: volume.name, readyAt: ready)
        world.snapshots[snapshot.id] = snapshot
        world.localVolumes[volumeID]?.isSnapshotting = true
        let task = task(from: "/snapshots", result: "snapshots/\(snapshot.id)")
        return .json(["snapshot": json(snapshot), "task": task], status: 201)
    }

    mutating func deleteSnapshot() throws -> Reply {
        _ = try localSnapshot()
        world.snapshots[id] = nil
        return .empty()
    }

    func getImage() throws -> Reply {
        guard let image = catalog.images.image(id: id, zone: zone) else {
            throw APIError.notFound("instance_image", id)
        }
        return .json(["image": json(image)])
    }
}
