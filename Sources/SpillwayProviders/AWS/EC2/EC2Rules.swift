internal import SpillwayCore

/// The inbound rules of a security group: as a listing shows them, and as a request writes them.
struct EC2Rules: Sendable, Hashable {
    struct Rule: Sendable, Hashable {
        var proto: String
        var from: Int?
        var to: Int?
        /// The rest of a rule's name in a request: ("IpRanges", "CidrIp"), and what it admits.
        var list: String
        var key: String
        var value: String
    }

    var rules: [Rule]

    init(_ permissions: XMLElement?) {
        let kinds = [
            ("ipRanges", "cidrIp", "IpRanges", "CidrIp"), ("ipv6Ranges", "cidrIpv6", "Ipv6Ranges", "CidrIpv6"),
            ("groups", "groupId", "Groups", "GroupId"),
            ("prefixListIds", "prefixListId", "PrefixListIds", "PrefixListId"),
        ]
        rules = (permissions?.all("item") ?? []).flatMap { item in
            kinds.flatMap { set, field, list, key in
                item.items(set).compactMap { $0.text(field) }.map { value in
                    Rule(
                        proto: item.text("ipProtocol") ?? "-1", from: item.text("fromPort").flatMap { Int($0) },
                        to: item.text("toPort").flatMap { Int($0) }, list: list, key: key, value: value)
                }
            }
        }
    }

    init(admitting admission: SSHAdmission) {
        rules = admission.cidrs.map { cidr in
            let isSix = cidr.contains(":")
            return Rule(
                proto: "tcp", from: admission.port, to: admission.port, list: isSix ? "Ipv6Ranges" : "IpRanges",
                key: isSix ? "CidrIpv6" : "CidrIp", value: cidr)
        }
    }

    /// Who is admitted; a rule that is none of ours stands there in words, so that no admission we want equals it.
    var admission: SSHAdmission {
        let port = rules.first { $0.proto == "tcp" && $0.from == $0.to }?.from ?? 22
        return SSHAdmission(
            cidrs: rules.map { rule in
                let isOurs = rule.proto == "tcp" && rule.from == port && rule.to == port && rule.key.hasPrefix("Cidr")
                return isOurs ? rule.value : "\(rule.proto) \(rule.from ?? 0)-\(rule.to ?? 65535) from \(rule.value)"
            }, port: port)
    }

    func subtracting(_ other: EC2Rules) -> EC2Rules {
        var left = self
        left.rules.removeAll(where: other.rules.contains)
        return left
    }

    func write(to query: inout AWSQuery) {
        for (index, rule) in rules.enumerated() {
            let name = "IpPermissions.\(index + 1)"
            query["\(name).IpProtocol"] = rule.proto
            query["\(name).FromPort"] = rule.from.map(String.init)
            query["\(name).ToPort"] = rule.to.map(String.init)
            query["\(name).\(rule.list).1.\(rule.key)"] = rule.value
        }
    }
}
