/// `POST /servers`: a server is born stopped, with its volumes made and its addresses attached.
extension ScalewayFace {
    private static let keys: Set<String> = [
        "name", "dynamic_ip_required", "routed_ip_enabled", "commercial_type", "image", "volumes", "enable_ipv6",
        "public_ip", "public_ips", "boot_type", "bootscript", "organization", "project", "tags", "security_group",
        "placement_group", "admin_password_encryption_ssh_key_id", "protected", "filesystems",
    ]

    mutating func createServer() throws -> Reply {
        let body = try body()
        try checkArguments(body)
        let project = try project(in: body, resource: "compute_servers")
        let type = body["commercial_type"]?.string ?? ""
        guard let offer = catalog.offer(type, zone: zone), let definition = catalog.definitions[type] else {
            throw APIError.invalid(.constraint("commercial_type"))
        }
        let image = try image(body["image"]?.string ?? "", type: type, definition: definition)
        try checkQuota(type)
        if let stock = world.stock["\(zone)/\(offer.type)"], stock.refuses, stock.availability == "shortage" {
            throw APIError.outOfStock(type)
        }
        let addressIDs = try addressIDs(body)
        var machine = Machine(
            id: world.newID(), zone: zone, projectID: project, name: body["name"]?.string ?? "srv-unnamed", type: type,
            arch: definition.arch, imageID: image.id, tags: try tags(in: body) ?? [], created: now, modified: now,
            groupID: try body["security_group"]?.string.map(groupID)
                ?? world.defaultGroup(project: project, zone: zone, now: now).id,
            macAddress: world.newMACAddress())
        machine.bootType = body["boot_type"]?.string ?? "local"
        machine.isProtected = body["protected"]?.bool ?? false
        machine.wantsDynamicAddress = body["dynamic_ip_required"]?.bool ?? true
        machine.placementGroupID = try body["placement_group"].flatMap(placementGroup)
        world.machines[machine.id] = machine
        for addressID in addressIDs { attachAddress(addressID, to: machine.id) }
        try makeDisks(body["volumes"], image: image, definition: definition, machineID: machine.id)
        parameters["id"] = machine.id
        return .json(
            ["server": json(try self.machine())], status: 201, headers: location("servers/\(machine.id)"))
    }

    private func checkArguments(_ body: JSON) throws {
        var problems: [APIError.Argument] = []
        if body["commercial_type"]?.string == nil { problems.append(.required("commercial_type")) }
        if body["image"]?.string == nil && body["volumes"]?.object == nil {
            problems += [.required("image"), .required("volumes")]
        }
        problems += (body.object ?? [:]).keys.filter { !Self.keys.contains($0) }.sorted().map { .unknown($0) }
        if !problems.isEmpty { throw APIError.invalid(problems) }
    }

    private func image(_ reference: String, type: String, definition: Catalog.Definition) throws -> ImageCatalog.Image {
        var image = catalog.images.image(id: reference, zone: zone)
        if image == nil, !isUUID(reference) {
            let hasLocal = definition.volumesConstraint.maxSize > 0
            image = catalog.images.listed(label: reference, zone: zone, type: nil)
                .first { $0.arch == definition.arch && ($0.isLocal == hasLocal || !$0.isLocal) }
        }
        guard let image else { throw APIError.notFound("instance_image", reference) }
        guard image.arch == definition.arch else {
            throw APIError.invalid(.constraint("image", "image arch does not match commercial type arch"))
        }
        return image
    }

    private func checkQuota(_ type: String) throws {
        let name = "instance_servers_type_" + type.lowercased().replacing("-", with: "_")
        let used = world.machines.values.count { $0.type == type }
        if let quota = world.quotas[type] ?? world.quotas[name], used >= quota {
            throw APIError.quota(name, quota: quota, current: used, organization: world.organizationID)
        }
    }

    private func addressIDs(_ body: JSON) throws -> [String] {
        let ids = body["public_ips"]?.strings ?? (body["public_ip"]?.string.map { [$0] } ?? [])
        for addressID in ids {
            guard let address = world.addresses[addressID], address.zone == zone else {
                throw APIError.notFound("instance_ip", addressID)
            }
            if address.machineID != nil {
                throw APIError.precondition("resource_still_in_use", "ip is already attached to a server")
            }
        }
        return ids
    }

    /// The root follows the image: block by default, local with the whole quota of the type for a local image.
    private mutating func makeDisks(
        _ volumes: JSON?, image: ImageCatalog.Image, definition: Catalog.Definition, machineID: String
    ) throws {
        var specs = volumes?.object ?? [:]
        let wasGiven = specs["0"] != nil
        specs["0"] = specs["0"] ?? [:]
        for (key, spec) in specs.sorted(by: { $0.key < $1.key }) {
            let kind = try kind(of: spec, key: key, image: image)
            if spec["id"]?.string != nil {
                try attachDisk(spec, key: key, to: machineID, attaching: false)
            } else if kind == .local {
                let whole = wasGiven || key != "0" ? 10_000_000_000 : definition.volumesConstraint.maxSize
                try makeLocalDisk(spec, key: key, size: spec["size"]?.int ?? whole, image: image, machineID: machineID)
            } else {
                guard key == "0" else {
                    throw APIError.invalid(.constraint("volumes.\(key)", "create the volume with the Block API first"))
                }
                makeRootBlockDisk(spec, image: image, machineID: machineID)
            }
        }
        try checkLocalSize(of: machineID, limit: definition.volumesConstraint.maxSize)
    }

    private func kind(of spec: JSON, key: String, image: ImageCatalog.Image) throws -> Machine.Disk.Kind {
        if spec["id"]?.string != nil, spec["project"] != nil || spec["organization"] != nil {
            throw APIError.invalid(.unknown("volumes.\(key).project"))
        }
        switch spec["volume_type"]?.string {
        case nil: return image.isLocal ? .local : .block
        case "sbs_volume": return .block
        case "l_ssd", "scratch": return .local
        default: throw APIError.invalid(.constraint("volumes.\(key).volume_type"))
        }
    }

    private mutating func makeLocalDisk(
        _ spec: JSON, key: String, size: Int, image: ImageCatalog.Image, machineID: String
    ) throws {
        guard size % 512 == 0, (1_000_000_000...800_000_000_000).contains(size) else {
            throw APIError.invalid(.constraint("volumes.\(key).size", "not a valid size"))
        }
        let type = spec["volume_type"]?.string ?? "l_ssd"
        let volume = LocalVolume(
            id: world.newID(), zone: zone, projectID: world.projectID, name: spec["name"]?.string ?? image.name,
            type: type, size: size, tags: [], created: now, modified: now, machineID: machineID)
        world.localVolumes[volume.id] = volume
        world.machines[machineID]?.disks[key] = Machine.Disk(
            kind: .local, volumeID: volume.id, boot: spec["boot"]?.bool ?? false)
    }

    private mutating func makeRootBlockDisk(_ spec: JSON, image: ImageCatalog.Image, machineID: String) {
        let size = spec["size"]?.int ?? (image.label.contains("_gpu_") ? 20_000_000_000 : 10_000_000_000)
        let volume = BlockVolume(
            id: world.newID(), zone: zone, projectID: world.projectID, name: "\(image.name)_sbs_volume_0", size: size,
            iops: 5000, tags: [], created: now, updated: now, parentSnapshotID: image.rootSnapshotID)
        world.blockVolumes[volume.id] = volume
        world.attach(volume: volume.id, to: machineID, attaching: false, now: now, clock: clock)
        world.machines[machineID]?.disks["0"] = Machine.Disk(
            kind: .block, volumeID: volume.id, boot: spec["boot"]?.bool ?? false)
    }

    private func checkLocalSize(of machineID: String, limit: Int) throws {
        let disks = (world.machines[machineID]?.disks ?? [:]).values.compactMap { world.localVolumes[$0.volumeID] }
        let size = disks.filter { $0.type == "l_ssd" }.map(\.size).reduce(0, +)
        if size > limit {
            throw APIError.invalid(
                .constraint("volumes", "the total size of local volumes must be between 0 and \(limit)"))
        }
    }
}
