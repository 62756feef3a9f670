package enum ResourceKind: String, Codable, Hashable, Sendable, CaseIterable {
    case server, volume, address, firewall, key
    /// A network interface that no server holds: one that is held belongs to its server.
    case interface
    /// A standing request that may still bring a server.
    case request

    /// Lower goes first when creating; the reverse when removing.
    package var rank: Int {
        switch self {
        case .firewall: 0
        case .key: 1
        case .address, .interface: 2
        case .volume: 3
        case .server: 4
        case .request: 5
        }
    }
}

/// What names one thing in one cloud. `id` is the provider's.
package struct ResourceID: Codable, Hashable, Sendable, CustomStringConvertible {
    package var kind: ResourceKind
    package var zone: String
    package var id: String

    package init(_ kind: ResourceKind, zone: String, id: String) {
        self.kind = kind
        self.zone = zone
        self.id = id
    }

    package var description: String { "\(kind.rawValue) \(id) (\(zone))" }
}

/// Where a resource stands, in words both clouds share.
package enum Lifecycle: String, Codable, Hashable, Sendable {
    /// A server that exists and was never powered on, or is off and not billed as running.
    case stopped
    case starting
    case running
    case stopping
    /// Off inside, still billed as running (Scaleway's "stopped in place").
    case standby
    /// A volume or an address that nothing uses.
    case available
    case attached
    /// Between states; look again.
    case changing
    /// The provider says that it failed or is locked.
    case failed
}

/// One thing as a listing showed it.
package struct CloudResource: Codable, Hashable, Sendable {
    package var id: ResourceID
    package var name: String
    /// nil: not ours, or not yet tagged.
    package var tags: ResourceTags?
    package var lifecycle: Lifecycle
    /// The provider's own words for the state, for people.
    package var detail: String
    package var created: Timestamp?
    /// The server a volume or an address is attached to.
    package var attachedTo: String?
    /// Public IPv4 of a server or an address.
    package var ipv4: String?
    package var sizeBytes: Int64?
    package var instanceType: String?
    package var image: String?
    /// Of a server: its volumes and addresses.
    package var volumes: [ResourceID]
    package var addresses: [ResourceID]
    package var firewall: ResourceID?
    /// Of a firewall: the CIDRs that SSH is admitted from, sorted, with the port.
    package var admits: SSHAdmission?

    package init(
        id: ResourceID, name: String, tags: ResourceTags?, lifecycle: Lifecycle, detail: String = "",
        created: Timestamp? = nil, attachedTo: String? = nil, ipv4: String? = nil, sizeBytes: Int64? = nil,
        instanceType: String? = nil, image: String? = nil, volumes: [ResourceID] = [], addresses: [ResourceID] = [],
        firewall: ResourceID? = nil, admits: SSHAdmission? = nil
    ) {
        self.id = id
        self.name = name
        self.tags = tags
        self.lifecycle = lifecycle
        self.detail = detail
        self.created = created
        self.attachedTo = attachedTo
        self.ipv4 = ipv4
        self.sizeBytes = sizeBytes
        self.instanceType = instanceType
        self.image = image
        self.volumes = volumes
        self.addresses = addresses
        self.firewall = firewall
        self.admits = admits
    }
}

/// Who may reach SSH: CIDRs as written by their owner, sorted, each once.
package struct SSHAdmission: Codable, Hashable, Sendable {
    package var cidrs: [String]
    package var port: Int

    package init(cidrs: [String], port: Int) {
        self.cidrs = Set(cidrs).sorted()
        self.port = port
    }
}
