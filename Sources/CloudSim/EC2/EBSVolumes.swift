/// EBS volumes: made with their instance, and here for as long as nobody deletes them.
extension EC2Face {
    func status(_ volume: BlockVolume) -> String {
        switch volume.status {
        case .in_use: "in-use"
        case .updating, .snapshotting: "in-use"
        case let other: other.rawValue
        }
    }

    func describeVolumes() throws -> [XMLNode?] {
        let volumes = try selected(
            "VolumeId", from: listed.blockVolumes.filter { $0.value.ebs != nil }, code: "InvalidVolume.NotFound",
            thing: "volume")
        let found = try Filters(query).apply(
            volumes, tags: { tags($0.id) },
            [
                "volume-id": { [$0.id] }, "status": { [status($0)] }, "availability-zone": { [$0.zone] },
                "size": { [String($0.size >> 30)] }, "volume-type": { [$0.ebs?.type ?? ""] },
                "encrypted": { [$0.ebs?.isEncrypted == true ? "true" : "false"] },
                "snapshot-id": { [$0.parentSnapshotID ?? ""] },
                "attachment.instance-id": { $0.reference.map { [$0.machineID] } ?? [] },
                "attachment.status": { $0.reference.map { [$0.status.rawValue] } ?? [] },
                "attachment.device": { device($0).map { [$0] } ?? [] },
                "attachment.delete-on-termination": { [goesWithMachine($0) ? "true" : "false"] },
            ])
        // More than 500 may be asked for, and are not given.
        let (shown, next) = try page(found, size: min(500, try query.int("MaxResults") ?? found.count))
        return [.list("volumeSet", shown.map(view)), next]
    }

    private func disk(_ volume: BlockVolume) -> (key: String, value: Machine.Disk)? {
        volume.reference.flatMap { world.machines[$0.machineID]?.disks.first { $0.value.volumeID == volume.id } }
    }

    private func device(_ volume: BlockVolume) -> String? { disk(volume)?.key }

    private func goesWithMachine(_ volume: BlockVolume) -> Bool { disk(volume)?.value.deletesWithMachine ?? false }

    private func view(_ volume: BlockVolume) -> [XMLNode?] {
        let attachments = volume.reference.map { reference -> [XMLNode?] in
            [
                .text("volumeId", volume.id), .text("instanceId", reference.machineID),
                .text("device", device(volume) ?? ""), .text("status", reference.status.rawValue),
                .text("attachTime", reference.created.ec2Text), .bool("deleteOnTermination", goesWithMachine(volume)),
            ]
        }
        return [
            .text("volumeId", volume.id), .int("size", volume.size >> 30),
            .text("snapshotId", volume.parentSnapshotID ?? ""), .text("availabilityZone", volume.zone),
            .text("status", status(volume)), .text("createTime", volume.created.ec2Text),
            .list("attachmentSet", attachments.map { [$0] } ?? []), .text("volumeType", volume.ebs?.type),
            .int("iops", volume.iops), volume.ebs?.throughput.map { .int("throughput", $0) },
            .bool("encrypted", volume.ebs?.isEncrypted ?? false), .bool("multiAttachEnabled", false),
            .tags(tags(volume.id)),
        ]
    }

    mutating func deleteVolume() throws -> [XMLNode?] {
        let id = try query.required("VolumeId")
        guard let volume = world.blockVolumes[id], volume.ebs != nil else {
            throw EC2Error("InvalidVolume.NotFound", "The volume '\(id)' does not exist.")
        }
        if let reference = volume.reference {
            throw EC2Error("VolumeInUse", "Volume \(id) is currently attached to \(reference.machineID)")
        }
        world.blockVolumes[id] = nil
        world.ec2.tags[id] = nil
        return [.bool("return", true)]
    }
}
