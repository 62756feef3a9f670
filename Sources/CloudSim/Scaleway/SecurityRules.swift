/// `/security_groups/{id}/rules`: six fixed rules against mail first, then what was set, positions numbered per direction.
extension ScalewayFace {
    func listRules() throws -> Reply { try rulesReply(of: try group()) }

    mutating func setRules() throws -> Reply {
        var group = try group()
        guard let items = try body()["rules"]?.array else { throw APIError.invalid(.required("rules")) }
        group.rules = []
        for (index, item) in items.enumerated() where item["editable"]?.bool != false {
            group.rules.append(try rule(item, path: "rules.\(index)."))
        }
        synchronise(&group)
        world.groups[id] = group
        return .json(["rules": .array(rules(of: group))])
    }

    mutating func addRule() throws -> Reply {
        var group = try group()
        let rule = try rule(try body(), path: "")
        group.rules.append(rule)
        world.groups[id] = group
        return .json(["rule": try found(rule.id)], status: 201)
    }

    func getRule() throws -> Reply { .json(["rule": try found(parameters["rule"] ?? "")]) }

    mutating func deleteRule() throws -> Reply {
        let ruleID = parameters["rule"] ?? ""
        guard try group().rules.contains(where: { $0.id == ruleID }) else {
            throw APIError.notFound("instance_security_group_rule", ruleID)
        }
        world.groups[id]?.rules.removeAll { $0.id == ruleID }
        return .empty()
    }

    private func found(_ ruleID: String) throws -> JSON {
        guard let rule = rules(of: try group()).first(where: { $0["id"]?.string == ruleID }) else {
            throw APIError.notFound("instance_security_group_rule", ruleID)
        }
        return rule
    }

    /// Pages without the headers that every other listing of this API has.
    private func rulesReply(of group: FirewallGroup) throws -> Reply {
        var reply = try instancePage(rules(of: group), key: "rules", path: "security_groups/\(group.id)/rules")
        reply.headers["X-Total-Count"] = nil
        reply.headers["Link"] = nil
        return reply
    }

    private func rules(of group: FirewallGroup) -> [JSON] {
        var next = [true: 1, false: 1]
        var out: [JSON] = []
        func append(_ rule: FirewallGroup.Rule, editable: Bool) {
            let position = next[rule.isInbound] ?? 1
            next[rule.isInbound] = position + 1
            let isSinglePort = rule.portTo == rule.portFrom
            out.append([
                "id": .string(rule.id), "protocol": .string(rule.proto),
                "direction": rule.isInbound ? "inbound" : "outbound", "ip_range": .string(rule.rangeText),
                "dest_ip_range": nil, "dest_port_from": rule.portFrom.map(JSON.int) ?? .null,
                "dest_port_to": isSinglePort ? .null : rule.portTo.map(JSON.int) ?? .null, "position": .int(position),
                "editable": .bool(editable), "action": .string(rule.action.rawValue), "zone": .string(group.zone),
            ])
        }
        if group.blocksMail {
            for (index, port) in [25, 465, 587, 25, 465, 587].enumerated() {
                let fixed = FirewallGroup.Rule(
                    id: "11111111-2222-4333-8444-00000000000\(index + 1)", proto: "TCP", isInbound: false,
                    action: .drop,
                    rangeText: index < 3 ? "0.0.0.0/0" : "::/0", portFrom: port)
                append(fixed, editable: false)
            }
        }
        for rule in group.rules { append(rule, editable: true) }
        return out
    }

    private mutating func rule(_ item: JSON, path: String) throws -> FirewallGroup.Rule {
        func field(_ key: String, _ values: [String]) throws -> String {
            guard let value = item[key]?.string else { throw APIError.invalid(.required(path + key)) }
            guard values.contains(value) else { throw APIError.invalid(.constraint(path + key)) }
            return value
        }
        func port(_ key: String) throws -> Int? {
            guard let value = item[key], !value.isNull else { return nil }
            guard let number = value.int, (1...65_535).contains(number) else {
                throw APIError.invalid(.constraint(path + key, "value must be at least 1"))
            }
            return number
        }
        let rangeText = item["ip_range"]?.string ?? "0.0.0.0/0"
        let range = IPv4Range(rangeText)
        guard range != nil || rangeText.contains(":") else { throw APIError.invalid(.constraint(path + "ip_range")) }
        let action = try field("action", ["accept", "drop"])
        return FirewallGroup.Rule(
            id: world.newID(), proto: try field("protocol", ["TCP", "UDP", "ICMP", "ANY"]),
            isInbound: try field("direction", ["inbound", "outbound"]) == "inbound",
            action: action == "accept" ? .accept : .drop, range: range, rangeText: range?.text ?? rangeText,
            portFrom: try port("dest_port_from"), portTo: try port("dest_port_to"))
    }
}
