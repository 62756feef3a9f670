/// Bodies that are sent. `organization` is never among their fields: every resource goes to the project.
struct CreateServerRequest: Encodable, Sendable {
    struct Volume: Encodable, Sendable {
        var size: Int64
        var volume_type: String
    }

    var name: String
    var commercial_type: String
    var image: String
    var project: String
    var tags: [String]
    /// The API's own default is true: it must be sent.
    var dynamic_ip_required = false
    var public_ips: [String]
    var security_group: String
    var boot_type = "local"
    var volumes: [String: Volume]
}

struct CreateAddressRequest: Encodable, Sendable {
    var project: String
    var type = "routed_ipv4"
    var tags: [String]
}

struct CreateSecurityGroupRequest: Encodable, Sendable {
    var name: String
    var project: String
    var stateful = true
    var inbound_default_policy = "drop"
    var outbound_default_policy = "accept"
    /// Scaleway's own block on outgoing mail stays.
    var enable_default_security = true
    var tags: [String]
}

struct SetRulesRequest: Encodable, Sendable {
    struct Rule: Encodable, Sendable {
        var action = "accept"
        var `protocol` = "TCP"
        var direction = "inbound"
        var ip_range: String
        var dest_port_from: Int
        var position: Int
    }

    var rules: [Rule]
}

struct DescribeRequest: Encodable, Sendable {
    var description: String
}

struct TagVolumeRequest: Encodable, Sendable {
    var name: String
    var tags: [String]
}

struct ActionRequest: Encodable, Sendable {
    var action: String
}
