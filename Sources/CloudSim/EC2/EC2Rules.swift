/// The rules of security groups, one for each source, shown together where protocol and ports are the same.
extension EC2Face {
    private func proto(_ rule: FirewallGroup.Rule) -> String { rule.proto == "ANY" ? "-1" : rule.proto.lowercased() }

    func permissions(_ rules: [FirewallGroup.Rule]) -> [[XMLNode?]] {
        var order: [String] = []
        var families: [String: [FirewallGroup.Rule]] = [:]
        for rule in rules {
            let key = "\(rule.proto) \(rule.portFrom ?? -1) \(rule.portTo ?? -1)"
            if families[key] == nil { order.append(key) }
            families[key, default: []].append(rule)
        }
        return order.compactMap { families[$0] }.map { family in
            let ranges = family.filter { $0.sourceGroupID == nil }
            let groups = family.compactMap(\.sourceGroupID)
            func range(_ name: String) -> (FirewallGroup.Rule) -> [XMLNode?] {
                { [.text(name, $0.rangeText), .text("description", $0.description)] }
            }
            return [
                .text("ipProtocol", family.first.map(proto)), family.first?.portFrom.map { .int("fromPort", $0) },
                family.first?.portTo.map { .int("toPort", $0) },
                .list("groups", groups.map { [.text("userId", account.accountID), .text("groupId", $0)] }),
                .list("ipRanges", ranges.filter { !$0.rangeText.contains(":") }.map(range("cidrIp"))),
                .list("ipv6Ranges", ranges.filter { $0.rangeText.contains(":") }.map(range("cidrIpv6"))),
                .list("prefixListIds", []),
            ]
        }
    }

    private func view(_ rule: FirewallGroup.Rule, of group: FirewallGroup) -> [XMLNode?] {
        [
            .text("securityGroupRuleId", rule.id), .text("groupId", group.id),
            .text("groupOwnerId", account.accountID), .bool("isEgress", !rule.isInbound),
            .text("ipProtocol", proto(rule)), .int("fromPort", rule.portFrom ?? -1),
            .int("toPort", rule.portTo ?? -1),
            rule.sourceGroupID != nil
                ? .node("referencedGroupInfo", [.text("groupId", rule.sourceGroupID)])
                : .text(rule.rangeText.contains(":") ? "cidrIpv6" : "cidrIpv4", rule.rangeText),
            .text("description", rule.description), .tags(tags(rule.id)),
        ]
    }

    func describeRules() throws -> [XMLNode?] {
        let groups = listed.groups.values.filter { $0.projectID == account.accountID }
        let rules = groups.flatMap { group in group.rules.map { (group: group, rule: $0) } }
        let ids = query.list("SecurityGroupRuleId")
        let found = try Filters(query).apply(
            rules.filter { ids.isEmpty || ids.contains($0.rule.id) }.sorted { $0.rule.id < $1.rule.id },
            tags: { tags($0.rule.id) },
            ["group-id": { [$0.group.id] }, "security-group-rule-id": { [$0.rule.id] }])
        let (shown, next) = try page(found)
        return [.list("securityGroupRuleSet", shown.map { view($0.rule, of: $0.group) }), next]
    }

    // MARK: Changes

    mutating func authorizeIngress() throws -> [XMLNode?] {
        var group = try namedGroup()
        let tags = try TagSpecification.read(query, kinds: ["security-group-rule"])["security-group-rule"]
        let rules = try askedRules()
        guard !rules.isEmpty else { throw EC2Error.missing("ipPermissions") }
        for rule in rules {
            if group.rules.contains(where: { same($0, rule) }) {
                throw EC2Error(
                    "InvalidPermission.Duplicate",
                    "the specified rule \"peer: \(rule.sourceGroupID ?? rule.rangeText), \(rule.proto), from port: "
                        + "\(rule.portFrom ?? -1), to port: \(rule.portTo ?? -1), ALLOW\" already exists")
            }
            group.rules.append(rule)
            world.ec2.tags[rule.id] = tags
        }
        guard group.rules.count(where: \.isInbound) <= 60 else {
            throw EC2Error(
                "RulesPerSecurityGroupLimitExceeded",
                "The maximum number of rules per security group has been reached.")
        }
        world.groups[group.id] = group
        return [.bool("return", true), .list("securityGroupRuleSet", rules.map { view($0, of: group) })]
    }

    mutating func revokeIngress() throws -> [XMLNode?] {
        var group = try namedGroup()
        let ids = query.list("SecurityGroupRuleId")
        let asked = try askedRules()
        let gone = group.rules.filter { rule in
            rule.isInbound && (ids.contains(rule.id) || asked.contains { same($0, rule) })
        }
        guard gone.count == ids.count + asked.count, !gone.isEmpty else {
            throw EC2Error(
                "InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
        }
        group.rules.removeAll { rule in gone.contains { $0.id == rule.id } }
        for rule in gone { world.ec2.tags[rule.id] = nil }
        world.groups[group.id] = group
        return [.bool("return", true)]
    }

    private func same(_ left: FirewallGroup.Rule, _ right: FirewallGroup.Rule) -> Bool {
        left.isInbound == right.isInbound && left.proto == right.proto && left.portFrom == right.portFrom
            && left.portTo == right.portTo && left.rangeText == right.rangeText
            && left.sourceGroupID == right.sourceGroupID
    }

    /// `IpPermissions.n` with its sources, or the older form with one source at the top.
    private mutating func askedRules() throws -> [FirewallGroup.Rule] {
        var rules: [FirewallGroup.Rule] = []
        let old = query["IpProtocol"] == nil ? [] : [query]
        for permission in query.members("IpPermissions") + old {
            var model = rule(try Self.proto(permission), isInbound: true, source: "")
            if model.proto != "ANY" {
                (model.portFrom, model.portTo) = (try permission.int("FromPort"), try permission.int("ToPort"))
                guard let from = model.portFrom, let to = model.portTo else {
                    throw EC2Error.missing("fromPort and toPort")
                }
                if ["TCP", "UDP"].contains(model.proto), !(0...65_535).contains(from) || !(from...65_535).contains(to) {
                    throw EC2Error.invalid("Invalid TCP port range (\(from)-\(to)).")
                }
            }
            let four = permission.members("IpRanges").map { ($0["CidrIp"] ?? "", $0["Description"]) }
            let six = permission.members("Ipv6Ranges").map { ($0["CidrIpv6"] ?? "", $0["Description"]) }
            for (source, description) in four + six + (permission["CidrIp"].map { [($0, nil)] } ?? []) {
                rules.append(try self.rule(model, from: source, description))
            }
            for source in permission.members("Groups") {
                var rule = model
                rule.id = world.newEC2ID("sgr")
                rule.sourceGroupID = try group(try source.required("GroupId")).id
                rules.append(rule)
            }
        }
        return rules
    }

    private mutating func rule(
        _ model: FirewallGroup.Rule, from source: String, _ description: String?
    ) throws -> FirewallGroup.Rule {
        let isSix = source.contains(":") && source.contains("/")
        guard isSix || source.contains("/") && IPv4Range(source) != nil else {
            throw EC2Error.invalid("CIDR block \(source) is malformed")
        }
        var rule = model
        rule.id = world.newEC2ID("sgr")
        rule.range = IPv4Range(source)
        // Stored as the network that it is: 10.1.2.3/8 comes back as 10.0.0.0/8.
        rule.rangeText = rule.range.map { $0.text.contains("/") ? $0.text : $0.text + "/32" } ?? source
        rule.description = description
        return rule
    }

    private static func proto(_ permission: EC2Query) throws -> String {
        switch try permission.required("IpProtocol").lowercased() {
        case "-1", "all": return "ANY"
        case "tcp", "6": return "TCP"
        case "udp", "17": return "UDP"
        case "icmp", "1": return "ICMP"
        case let other: throw EC2Error.invalid("Invalid value '\(other)' for IP protocol. Unknown protocol.")
        }
    }
}
