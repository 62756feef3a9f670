extension LaunchRequest {
    private static let types: Set = ["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"]

    /// The root as the image has it, changed by a mapping for the same device; any other mapping is a volume more.
    static func disks(_ query: EC2Query, _ image: EC2Images.Image) throws -> [Disk] {
        var root = Disk(
            device: image.rootDevice, size: image.size, type: "gp3", isEncrypted: false, deletesWithMachine: true)
        var more: [Disk] = []
        for mapping in query.members("BlockDeviceMapping") {
            let device = try mapping.required("DeviceName")
            if device == image.rootDevice {
                root = try disk(mapping.below("Ebs"), over: root, snapshot: image.snapshotID)
            } else {
                let blank = Disk(device: device, size: 0, type: "gp2", isEncrypted: false, deletesWithMachine: false)
                more.append(try disk(mapping.below("Ebs"), over: blank, snapshot: nil))
            }
        }
        return [root] + more
    }

    private static func disk(_ ebs: EC2Query, over standard: Disk, snapshot: String?) throws -> Disk {
        var disk = standard
        disk.size = try ebs.int("VolumeSize") ?? standard.size
        if let snapshot, disk.size < standard.size {
            throw EC2Error(
                "InvalidBlockDeviceMapping",
                "Volume of size \(disk.size)GB is smaller than snapshot '\(snapshot)', expect size >= \(standard.size)GB"
            )
        }
        guard (1...16_384).contains(disk.size) else {
            throw EC2Error("InvalidBlockDeviceMapping", "The request must contain the parameter size or snapshotId")
        }
        disk.type = ebs["VolumeType"] ?? standard.type
        guard types.contains(disk.type) else {
            throw EC2Error.invalid("Invalid value '\(disk.type)' for VolumeType.")
        }
        disk.iops = try ebs.int("Iops")
        disk.throughput = try ebs.int("Throughput")
        if disk.throughput != nil, disk.type != "gp3" {
            throw EC2Error.combination("The parameter throughput is not supported for \(disk.type) volumes.")
        }
        disk.isEncrypted = try ebs.bool("Encrypted") ?? standard.isEncrypted
        disk.deletesWithMachine = try ebs.bool("DeleteOnTermination") ?? standard.deletesWithMachine
        return disk
    }
}

/// `TagSpecification.n.ResourceType` with `Tag.m.Key` and `.Value`.
enum TagSpecification {
    /// By kind of resource; throws for a kind that the action does not create.
    static func read(_ query: EC2Query, kinds: [String]) throws -> [String: [String: String]] {
        var found: [String: [String: String]] = [:]
        for specification in query.members("TagSpecification") {
            let kind = try specification.required("ResourceType")
            guard kinds.contains(kind) else {
                throw EC2Error.invalid("'\(kind)' is not a valid taggable resource type for this operation.")
            }
            guard found[kind] == nil else {
                throw EC2Error.invalid("The resource type '\(kind)' is specified more than once.")
            }
            found[kind] = try tags(specification)
        }
        return found
    }

    static func tags(_ query: EC2Query) throws -> [String: String] {
        var tags: [String: String] = [:]
        for tag in query.members("Tag") {
            let key = try tag.required("Key")
            guard key.count <= 128, (tag["Value"] ?? "").count <= 256 else {
                throw EC2Error.invalid("Tag key or value exceeds the maximum length of 128 or 256 characters.")
            }
            guard !key.hasPrefix("aws:") else {
                throw EC2Error.invalid("Tag keys starting with 'aws:' are reserved for internal use")
            }
            guard tags.updateValue(tag["Value"] ?? "", forKey: key) == nil else {
                throw EC2Error.invalid("Duplicate tag key '\(key)' specified.")
            }
        }
        guard tags.count <= 50 else { throw EC2Error("TagLimitExceeded", "More than 50 tags specified.") }
        return tags
    }
}
