/// The Block API: volumes and snapshots, as bare objects without a wrapper, POST answered with 200.
extension ScalewayFace {
    private func json(_ volume: BlockVolume) -> JSON {
        let references = volume.reference.map { reference -> [JSON] in
            [
                [
                    "id": .string(reference.id), "product_resource_type": "instance_server",
                    "product_resource_id": .string(reference.machineID),
                    "created_at": .string(reference.created.zuluText),
                    "type": "exclusive", "status": .string(reference.status.rawValue),
                ]
            ]
        }
        let common: JSON = [
            "id": .string(volume.id), "name": .string(volume.name), "type": .string("sbs_\(volume.iops / 1000)k"),
            "size": .int(volume.size), "project_id": .string(volume.projectID),
            "created_at": .string(volume.created.zuluText), "updated_at": .string(volume.updated.zuluText),
            "references": .array(references ?? []), "parent_snapshot_id": .optional(volume.parentSnapshotID),
            "status": .string(volume.status.rawValue), "tags": .list(volume.tags),
            "specs": ["perf_iops": .int(volume.iops), "class": "sbs"],
            "last_detached_at": .optional(volume.lastDetached?.zuluText), "zone": .string(volume.zone),
        ]
        return call.segments.contains("v1alpha1") ? common : common.merging(["kms_key_id": nil])
    }

    private func blockVolume() throws -> BlockVolume {
        guard let volume = world.blockVolumes[id], volume.zone == zone else { throw APIError.notFound("volume", id) }
        return volume
    }

    func listBlockVolumes() throws -> Reply {
        let volumes = listed.blockVolumes.values.filter { volume in
            volume.zone == zone && passes(project: volume.projectID, name: volume.name, tags: volume.tags)
                && (call[query: "product_resource_id"].map { $0 == volume.reference?.machineID } ?? true)
        }
        return try totalPage(volumes.sorted { ($0.created, $0.id) < ($1.created, $1.id) }.map(json), key: "volumes")
    }

    func getBlockVolume() throws -> Reply { .json(json(try blockVolume())) }

    mutating func createBlockVolume() throws -> Reply {
        let body = try body()
        let project = try project(in: body, key: "project_id", resource: "block_volumes")
        let snapshotID = body["from_snapshot"]?["snapshot_id"]?.string
        if let snapshotID, world.snapshots[snapshotID] == nil { throw APIError.notFound("snapshot", snapshotID) }
        let given = body["from_empty"]?["size"]?.int ?? body["from_snapshot"]?["size"]?.int
        guard let size = given ?? snapshotID.flatMap({ world.snapshots[$0]?.size }) else {
            throw APIError.invalid(.required("from_empty"))
        }
        try checkSize(size)
        let ends = now + clock.duration(of: .createVolume, using: &world.generator)
        let volume = BlockVolume(
            id: world.newID(), zone: zone, projectID: project, name: body["name"]?.string ?? "vol", size: size,
            iops: try iops(body) ?? 5000, tags: try tags(in: body) ?? [], created: now, updated: now,
            parentSnapshotID: snapshotID, transient: .creating, transientEnds: ends)
        world.blockVolumes[volume.id] = volume
        return .json(json(volume))
    }

    private func checkSize(_ size: Int) throws {
        guard size % 1_000_000_000 == 0, (1_000_000_000...10_000_000_000_000).contains(size) else {
            throw APIError.invalid(.constraint("size", "must be a multiple of 1 GB between 1 GB and 10 TB"))
        }
    }

    private func iops(_ body: JSON) throws -> Int? {
        guard let value = body["perf_iops"], !value.isNull else { return nil }
        guard let iops = value.int, [5000, 15000].contains(iops) else {
            throw APIError.invalid(.constraint("perf_iops"))
        }
        return iops
    }

    mutating func updateBlockVolume() throws -> Reply {
        var volume = try blockVolume()
        let body = try body()
        if let name = body["name"]?.string { volume.name = name }
        if let tags = try tags(in: body) { volume.tags = tags }
        if let iops = try iops(body), iops != volume.iops {
            guard volume.transient == nil else {
                throw APIError.invalid(
                    .constraint("perf_iops", "can't update perf_iops when volume is not available"))
            }
            volume.iops = iops
            (volume.transient, volume.transientEnds) = updating()
        }
        if let size = body["size"]?.int, size != volume.size {
            try checkSize(size)
            guard size > volume.size else { throw APIError.invalid(.constraint("size", "a volume can only grow")) }
            volume.size = size
            (volume.transient, volume.transientEnds) = updating()
        }
        volume.updated = now
        world.blockVolumes[id] = volume
        return .json(json(volume))
    }

    private mutating func updating() -> (BlockVolume.Status?, Instant?) {
        (.updating, now + clock.duration(of: .createVolume, using: &world.generator))
    }

    mutating func deleteBlockVolume() throws -> Reply {
        guard try blockVolume().status == .available else {
            throw APIError.precondition("resource_still_in_use", "volume should be available", status: 412)
        }
        world.blockVolumes[id] = nil
        return .empty()
    }

    // MARK: Snapshots

    private func blockJSON(_ snapshot: Snapshot) -> JSON {
        let parent = world.blockVolumes[snapshot.parentID]
        let parentJSON = parent.map { volume -> JSON in
            [
                "id": .string(volume.id), "name": .string(volume.name), "status": .string(volume.status.rawValue),
                "type": .string("sbs_\(volume.iops / 1000)k"),
            ]
        }
        return [
            "class": "sbs", "created_at": .string(snapshot.created.zuluText), "id": .string(snapshot.id),
            "name": .string(snapshot.name), "parent_volume": parentJSON ?? .null,
            "project_id": .string(snapshot.projectID), "public": false, "references": [],
            "size": .int(snapshot.size), "status": snapshot.readyAt > now ? "creating" : "available",
            "tags": .list(snapshot.tags), "updated_at": .string(snapshot.updated.zuluText),
            "zone": .string(snapshot.zone),
        ]
    }

    private func blockSnapshot() throws -> Snapshot {
        guard let snapshot = world.snapshots[id], !snapshot.isLocal, snapshot.zone == zone else {
            throw APIError.notFound("snapshot", id)
        }
        return snapshot
    }

    func listBlockSnapshots() throws -> Reply {
        let snapshots = listed.snapshots.values.filter {
            !$0.isLocal && $0.zone == zone && passes(project: $0.projectID, name: $0.name, tags: $0.tags)
        }
        return try totalPage(snapshots.sorted { $0.created < $1.created }.map(blockJSON), key: "snapshots")
    }

    func getBlockSnapshot() throws -> Reply { .json(blockJSON(try blockSnapshot())) }

    mutating func createBlockSnapshot() throws -> Reply {
        let body = try body()
        let project = try project(in: body, key: "project_id", resource: "block_snapshots")
        let volumeID = body["volume_id"]?.string ?? ""
        guard let volume = world.blockVolumes[volumeID] else { throw APIError.notFound("volume", volumeID) }
        let ready = now + clock.duration(of: .createVolume, using: &world.generator)
        let snapshot = Snapshot(
            id: world.newID(), zone: zone, projectID: project, name: body["name"]?.string ?? "snp", isLocal: false,
            size: volume.size, tags: try tags(in: body) ?? [], created: now, updated: now, parentID: volume.id,
            parentName: volume.name, readyAt: ready)
        world.snapshots[snapshot.id] = snapshot
        return .json(blockJSON(snapshot))
    }

    mutating func deleteBlockSnapshot() throws -> Reply {
        _ = try blockSnapshot()
        world.snapshots[id] = nil
        return .empty()
    }
}
