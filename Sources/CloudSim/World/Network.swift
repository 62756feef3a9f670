/// A public address. An IPv4 one is a loopback address of this host, so that what the API says can be dialled.
struct Address: Sendable, Codable {
    var id: String
    var zone: String
    var projectID: String
    /// The IPv4 address, or the /64 prefix of an IPv6 one.
    var value: String
    var isIPv6: Bool
    var tags: [String]
    var machineID: String?
    var reverse: String?
}

/// A packet filter in front of machines.
struct FirewallGroup: Sendable, Codable, Equatable {
    enum Action: String, Sendable, Codable { case accept, drop }

    struct Rule: Sendable, Codable, Equatable {
        var id: String
        var proto: String
        var isInbound: Bool
        var action: Action
        var range: IPv4Range?
        /// The range as it is printed, which may be IPv6.
        var rangeText: String
        var portFrom: Int?
        var portTo: Int?
        var description: String?
        /// Admits the members of a group instead of a range.
        var sourceGroupID: String?
    }

    var id: String
    var zone: String
    var projectID: String
    var name: String
    var description: String?
    var isStateful = true
    var inbound = Action.accept
    var outbound = Action.accept
    var blocksMail = true
    var isProjectDefault = false
    var tags: [String] = []
    var rules: [Rule] = []
    var syncsUntil: Instant?
    var created: Instant
    var modified: Instant

    /// Whether a TCP connection from `source` to `port` gets through: the first rule that matches decides.
    func admits(source: String, port: Int) -> Bool {
        for rule in rules where rule.isInbound && (rule.proto == "TCP" || rule.proto == "ANY") {
            guard let range = rule.range, range.contains(source) else { continue }
            if let from = rule.portFrom, !(from...max(from, rule.portTo ?? from)).contains(port) { continue }
            return rule.action == .accept
        }
        return inbound == .accept
    }
}

/// An IPv4 network such as `10.0.0.0/8`.
struct IPv4Range: Sendable, Codable, Equatable {
    private var network: UInt32
    private var prefix: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ Self.number(String($0)) }), parts.count <= 2 else { return nil }
        let length = parts.count == 2 ? Int(parts[1]) : 32
        guard let length, (0...32).contains(length) else { return nil }
        prefix = length
        network = address & Self.mask(length)
    }

    /// `1.1.1.1/32` comes back from the API as `1.1.1.1`.
    var text: String {
        let bytes = [24, 16, 8, 0].map { String(network >> UInt32($0) & 255) }.joined(separator: ".")
        return prefix == 32 ? bytes : "\(bytes)/\(prefix)"
    }

    func contains(_ address: String) -> Bool {
        Self.number(address).map { $0 & Self.mask(prefix) == network } ?? false
    }

    private static func mask(_ length: Int) -> UInt32 { length == 0 ? 0 : ~0 << UInt32(32 - length) }

    private static func number(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part) else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }
}

/// A placement group: a wish about which hosts machines share.
struct PlacementGroup: Sendable, Codable {
    var id: String
    var zone: String
    var projectID: String
    var name: String
    var mode: String
    var type: String
    var tags: [String]
    var created: Instant
    var updated: Instant
}

/// A public SSH key of a project: given to every machine of it at boot.
struct PublicKey: Sendable, Codable {
    var id: String
    var projectID: String
    var name: String
    var key: String
    var isDisabled = false
    var created: Instant
    var updated: Instant
}
