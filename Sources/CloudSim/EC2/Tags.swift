/// Tags, which EC2 keeps by the id of what they are on.
extension EC2Face {
    /// What a tagged thing is called, by its id.
    private static let kinds = [
        "i": "instance", "vol": "volume", "sg": "security-group", "sgr": "security-group-rule",
        "eni": "network-interface", "sir": "spot-instances-request", "key": "key-pair", "eipalloc": "elastic-ip",
        "vpc": "vpc", "subnet": "subnet",
    ]

    private func kind(_ id: String) -> String? { Self.kinds[id.split(separator: "-").first.map(String.init) ?? ""] }

    private func exists(_ id: String) -> Bool {
        let created = world.instance(id)?.created ?? world.blockVolumes[id]?.created ?? world.groups[id]?.created
        if let created { return isKnown(created) }
        return account.interfaces[id] != nil || account.spotRequests[id] != nil || account.keyPairs[id] != nil
            || world.addresses[id] != nil || id == account.vpcID || account.zone(ofSubnet: id) != nil
            || world.groups.values.contains { $0.rules.contains { $0.id == id } }
    }

    private func resources() throws -> [String] {
        let ids = try query.requiredList("ResourceId")
        for id in ids where !exists(id) {
            switch kind(id) {
            case "instance": throw EC2Error.notFound("InvalidInstanceID.NotFound", "instance", [id])
            case "volume": throw EC2Error("InvalidVolume.NotFound", "The volume '\(id)' does not exist.")
            case "security-group":
                throw EC2Error("InvalidGroup.NotFound", "The security group '\(id)' does not exist")
            case nil: throw EC2Error("InvalidID", "The ID '\(id)' is not valid")
            default: throw EC2Error("InvalidID", "The ID '\(id)' does not exist")
            }
        }
        return ids
    }

    mutating func createTags() throws -> [XMLNode?] {
        let tags = try TagSpecification.tags(query)
        guard !tags.isEmpty else { throw EC2Error.missing("Tag") }
        for id in try resources() {
            let all = self.tags(id).merging(tags) { _, new in new }
            guard all.count <= 50 else { throw EC2Error("TagLimitExceeded", "More than 50 tags on \(id).") }
            world.ec2.tags[id] = all
        }
        return [.bool("return", true)]
    }

    /// A tag with a value goes only where it has that value; without any, all go.
    mutating func deleteTags() throws -> [XMLNode?] {
        let wanted = query.members("Tag")
        for id in try resources() {
            if wanted.isEmpty { world.ec2.tags[id] = nil }
            for tag in wanted {
                let key = try tag.required("Key")
                if let value = tag.values["Value"], value != world.ec2.tags[id]?[key] { continue }
                world.ec2.tags[id]?[key] = nil
            }
        }
        return [.bool("return", true)]
    }

    private struct Tag {
        var id: String
        var kind: String
        var key: String
        var value: String
    }

    func describeTags() throws -> [XMLNode?] {
        let all = listed.ec2.tags.sorted { $0.key < $1.key }.flatMap { id, tags in
            tags.sorted { $0.key < $1.key }.map { Tag(id: id, kind: kind(id) ?? "", key: $0.key, value: $0.value) }
        }
        let found = try Filters(query).apply(
            all, tags: { [$0.key: $0.value] },
            [
                "key": { [$0.key] }, "value": { [$0.value] }, "resource-id": { [$0.id] },
                "resource-type": { [$0.kind] },
            ])
        let (shown, next) = try page(found)
        let items = shown.map { tag -> [XMLNode?] in
            [
                .text("resourceId", tag.id), .text("resourceType", tag.kind), .text("key", tag.key),
                .text("value", tag.value),
            ]
        }
        return [.list("tagSet", items), next]
    }
}
