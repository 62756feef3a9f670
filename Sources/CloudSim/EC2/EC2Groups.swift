/// Security groups of the default VPC. What they admit is what the guests' SSH listens for.
extension EC2Face {
    private var groups: [String: FirewallGroup] { world.groups.filter { $0.value.projectID == account.accountID } }

    func group(_ id: String) throws -> FirewallGroup {
        guard Self.isID(id, kind: "sg") else {
            throw EC2Error("InvalidGroupId.Malformed", "Invalid id: \"\(id)\" (expecting \"sg-...\")")
        }
        guard let group = groups[id], isKnown(group.created) else {
            throw EC2Error("InvalidGroup.NotFound", "The security group '\(id)' does not exist")
        }
        return group
    }

    func group(named name: String) throws -> FirewallGroup {
        guard let group = groups.values.first(where: { $0.name == name }) else {
            throw EC2Error(
                "InvalidGroup.NotFound",
                "The security group '\(name)' does not exist in default VPC '\(account.vpcID)'")
        }
        return group
    }

    /// The group that an action names, by id or by name.
    func namedGroup() throws -> FirewallGroup {
        if let id = query["GroupId"] { return try group(id) }
        guard let name = query["GroupName"] else { throw EC2Error.missing("GroupName or GroupId") }
        return try group(named: name)
    }

    /// Every VPC has one, which admits its own members alone.
    mutating func defaultGroup() -> FirewallGroup {
        if let group = groups.values.first(where: \.isProjectDefault) { return group }
        var group = newGroup("default", "default VPC security group")
        group.isProjectDefault = true
        var own = rule("ANY", isInbound: true, source: "")
        (own.sourceGroupID, own.range) = (group.id, nil)
        group.rules.append(own)
        world.groups[group.id] = group
        return group
    }

    private mutating func newGroup(_ name: String, _ description: String) -> FirewallGroup {
        FirewallGroup(
            id: world.newEC2ID("sg"), zone: EC2Account.region, projectID: account.accountID, name: name,
            description: description, inbound: .drop, rules: [rule("ANY", isInbound: false, source: "0.0.0.0/0")],
            created: now, modified: now)
    }

    mutating func rule(_ proto: String, isInbound: Bool, source: String) -> FirewallGroup.Rule {
        FirewallGroup.Rule(
            id: world.newEC2ID("sgr"), proto: proto, isInbound: isInbound, action: .accept, range: IPv4Range(source),
            rangeText: source)
    }

    mutating func createSecurityGroup() throws -> [XMLNode?] {
        let (name, description) = (try query.required("GroupName"), try query.required("GroupDescription"))
        let allowed = "._-:/()#,@[]+=&;{}!$* "
        guard name.count <= 255, !name.hasPrefix("sg-"),
            (name + description).allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || allowed.contains($0) })
        else { throw EC2Error.invalid("Value (\(name)) for parameter GroupName is invalid.") }
        if let vpc = query["VpcId"], vpc != account.vpcID {
            throw EC2Error.notFound("InvalidVpcID.NotFound", "vpc", [vpc])
        }
        _ = defaultGroup()
        if groups.values.contains(where: { $0.name == name }) {
            throw EC2Error(
                "InvalidGroup.Duplicate", "The security group '\(name)' already exists for VPC '\(account.vpcID)'")
        }
        let group = newGroup(name, description)
        world.groups[group.id] = group
        world.ec2.tags[group.id] = try TagSpecification.read(query, kinds: ["security-group"])["security-group"]
        return [.bool("return", true), .text("groupId", group.id), .tags(tags(group.id))]
    }

    func describeSecurityGroups() throws -> [XMLNode?] {
        let seen = listed.groups.filter { $0.value.projectID == account.accountID }
        let ids = query.list("GroupId")
        if let lost = ids.first(where: { seen[$0] == nil }) {
            throw EC2Error("InvalidGroup.NotFound", "The security group '\(lost)' does not exist")
        }
        let names = query.list("GroupName")
        if let lost = names.first(where: { name in !seen.values.contains { $0.name == name } }) {
            throw EC2Error(
                "InvalidGroup.NotFound",
                "The security group '\(lost)' does not exist in default VPC '\(account.vpcID)'")
        }
        let groups = seen.values.filter {
            (ids.isEmpty || ids.contains($0.id)) && (names.isEmpty || names.contains($0.name))
        }.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
        let found = try Filters(query).apply(
            groups, tags: { tags($0.id) },
            [
                "group-id": { [$0.id] }, "group-name": { [$0.name] }, "vpc-id": { _ in [account.vpcID] },
                "owner-id": { _ in [account.accountID] }, "description": { [$0.description ?? ""] },
                "ip-permission.cidr": { $0.rules.filter(\.isInbound).map(\.rangeText) },
            ])
        let (shown, next) = try page(found)
        return [.list("securityGroupInfo", shown.map(view)), next]
    }

    private func view(_ group: FirewallGroup) -> [XMLNode?] {
        [
            .text("ownerId", account.accountID), .text("groupId", group.id), .text("groupName", group.name),
            .text("groupDescription", group.description), .text("vpcId", account.vpcID),
            .text(
                "securityGroupArn",
                "arn:aws:ec2:\(EC2Account.region):\(account.accountID):security-group/\(group.id)"),
            .list("ipPermissions", permissions(group.rules.filter(\.isInbound))),
            .list("ipPermissionsEgress", permissions(group.rules.filter { !$0.isInbound })), .tags(tags(group.id)),
        ]
    }

    mutating func deleteSecurityGroup() throws -> [XMLNode?] {
        let group = try namedGroup()
        if group.isProjectDefault {
            throw EC2Error(
                "CannotDelete",
                "the specified group: \"\(group.id)\" name: \"default\" cannot be deleted by a user")
        }
        let isNamed = groups.values.contains { other in
            other.id != group.id && other.rules.contains { $0.sourceGroupID == group.id }
        }
        if isNamed || account.interfaces.values.contains(where: { $0.groupIDs.contains(group.id) }) {
            throw EC2Error("DependencyViolation", "resource \(group.id) has a dependent object")
        }
        world.groups[group.id] = nil
        world.ec2.tags[group.id] = nil
        return [.bool("return", true), .text("groupId", group.id)]
    }
}
