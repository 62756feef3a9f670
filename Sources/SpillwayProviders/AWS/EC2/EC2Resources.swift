internal import SpillwayCore

/// EC2's XML as resources. Each throws when what it must have is missing; nil for what is there no more.
struct EC2Reader: Sendable {
    let operation: String
    let region: String

    func required(_ element: XMLElement, _ path: String...) throws(ProviderError) -> String {
        var found: XMLElement? = element
        for name in path { found = found?[name] }
        guard let text = nonEmpty(found?.text) else {
            throw ProviderError(
                .malformedAnswer, operation: operation, detail: "an item without \(path.joined(separator: "."))")
        }
        return text
    }

    func id(_ kind: ResourceKind, _ zone: String, _ id: String) -> ResourceID { ResourceID(kind, zone: zone, id: id) }

    func instance(_ item: XMLElement) throws(ProviderError) -> CloudResource? {
        let state = try required(item, "instanceState", "name")
        guard state != "terminated" else { return nil }
        let zone = try required(item, "placement", "availabilityZone")
        let raw = AWSTags.raw(item["tagSet"])
        let groups = item.items("networkInterfaceSet").flatMap { $0.items("groupSet") } + item.items("groupSet")
        // A group that the user chose besides stands there as well.
        let group = groups.first { $0.text("groupName")?.hasPrefix("spillway-") ?? false } ?? groups.first
        let server = try required(item, "instanceId")
        return CloudResource(
            id: id(.server, zone, server), name: raw[AWSTags.name] ?? server,
            tags: AWSTags.decode(raw, index: item.text("amiLaunchIndex").flatMap { Int($0) }),
            lifecycle: Self.lifecycle(instance: state), detail: Self.detail(state, item),
            created: item.text("launchTime").flatMap { Timestamp(rfc3339: $0) },
            ipv4: item.text("ipAddress"), instanceType: item.text("instanceType"), image: item.text("imageId"),
            volumes: item.items("blockDeviceMapping").compactMap { $0.text("ebs", "volumeId") }
                .map { id(.volume, zone, $0) },
            firewall: group?.text("groupId").map { id(.firewall, zone, $0) })
    }

    /// The root volume, as far as its instance tells of it: exactly as ``volume(_:)`` reads it. nil while it is not
    /// attached, and where its size is not told.
    func root(of instance: XMLElement) -> CloudResource? {
        let raw = AWSTags.raw(instance["tagSet"])
        guard let device = instance.text("rootDeviceName"),
            let ebs = instance.items("blockDeviceMapping").first(where: { $0.text("deviceName") == device })?["ebs"],
            let volume = ebs.text("volumeId"), ebs.text("status") == "attached",
            let server = instance.text("instanceId"),
            let zone = instance.text("placement", "availabilityZone"),
            let size = raw[AWSTags.disk].flatMap({ Int64($0) })
        else { return nil }
        return CloudResource(
            id: id(.volume, zone, volume), name: raw[AWSTags.name] ?? volume, tags: AWSTags.decode(raw),
            lifecycle: .attached, detail: "in-use",
            created: ebs.text("attachTime").flatMap { Timestamp(rfc3339: $0) }, attachedTo: server,
            sizeBytes: size * 1_000_000_000)
    }

    func volume(_ item: XMLElement) throws(ProviderError) -> CloudResource? {
        let state = try required(item, "status")
        guard state != "deleted" else { return nil }
        let raw = AWSTags.raw(item["tagSet"])
        let volume = try required(item, "volumeId")
        let attachment = item.items("attachmentSet").first
        return CloudResource(
            id: id(.volume, try required(item, "availabilityZone"), volume), name: raw[AWSTags.name] ?? volume,
            tags: AWSTags.decode(raw), lifecycle: Self.lifecycle(volume: state), detail: state,
            created: (attachment?.text("attachTime") ?? item.text("createTime")).flatMap { Timestamp(rfc3339: $0) },
            attachedTo: attachment?.text("instanceId"),
            // EBS counts in GiB and charges each as one GB of its price list; so does this.
            sizeBytes: item.text("size").flatMap { Int64($0) }.map { $0 * 1_000_000_000 })
    }

    /// `zones` are those asked about: a group without the tag that says which it serves is told with the first.
    func group(_ item: XMLElement, zones: [String]) throws(ProviderError) -> CloudResource? {
        let raw = AWSTags.raw(item["tagSet"])
        let zone = raw[AWSTags.zone] ?? zones.first { AWSZones.region(of: $0) == region } ?? region
        return CloudResource(
            id: id(.firewall, zone, try required(item, "groupId")), name: try required(item, "groupName"),
            tags: AWSTags.decode(raw), lifecycle: .available, detail: "available",
            admits: EC2Rules(item["ipPermissions"]).admission)
    }

    func interface(_ item: XMLElement) throws(ProviderError) -> CloudResource? {
        let raw = AWSTags.raw(item["tagSet"])
        let state = try required(item, "status")
        let interface = try required(item, "networkInterfaceId")
        return CloudResource(
            id: id(.interface, try required(item, "availabilityZone"), interface), name: raw[AWSTags.name] ?? interface,
            tags: AWSTags.decode(raw), lifecycle: state == "available" ? .available : .attached, detail: state,
            attachedTo: item.text("attachment", "instanceId"))
    }

    func request(_ item: XMLElement, zones: [String]) throws(ProviderError) -> CloudResource? {
        let raw = AWSTags.raw(item["tagSet"])
        let request = try required(item, "spotInstanceRequestId")
        let zone =
            item.text("launchedAvailabilityZone") ?? item.text("launchSpecification", "placement", "availabilityZone")
            ?? zones.first { AWSZones.region(of: $0) == region } ?? region
        return CloudResource(
            id: id(.request, zone, request), name: raw[AWSTags.name] ?? request, tags: AWSTags.decode(raw),
            lifecycle: .changing, detail: item.text("status", "code") ?? item.text("state") ?? "open",
            created: item.text("createTime").flatMap { Timestamp(rfc3339: $0) })
    }

    // MARK: States

    private static func lifecycle(instance state: String) -> Lifecycle {
        switch state {
        case "pending": .starting
        case "running": .running
        case "stopping", "shutting-down": .stopping
        case "stopped": .stopped
        default: .changing
        }
    }

    private static func lifecycle(volume state: String) -> Lifecycle {
        switch state {
        case "available": .available
        case "in-use": .attached
        case "error": .failed
        default: .changing
        }
    }

    /// With the reason where there is one: "shutting-down, Server.SpotInstanceTermination: …".
    private static func detail(_ state: String, _ item: XMLElement) -> String {
        guard let code = item.text("stateReason", "code"), code != "pending" else { return state }
        return "\(state), \(item.text("stateReason", "message") ?? code)"
    }
}
