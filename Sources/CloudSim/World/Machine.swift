/// A virtual machine of the simulated cloud, whichever API made it.
struct Machine: Sendable, Codable {
    enum Phase: String, Sendable, Codable {
        case stopped, starting, running, stopping
        /// Stopped with its host still reserved, and still billed.
        case standby
    }

    /// What a change under way ends in.
    enum Goal: String, Sendable, Codable {
        case running, stopped, standby, gone
        /// A reboot: first down, then up again.
        case restart
        /// A start that finds no capacity.
        case noCapacity
    }

    struct Change: Sendable, Codable {
        var goal: Goal
        var began: Instant
        var ends: Instant
    }

    struct Disk: Sendable, Codable, Equatable {
        enum Kind: String, Sendable, Codable { case local, block }
        var kind: Kind
        var volumeID: String
        var boot = false
        /// Set on EC2 alone; elsewhere network volumes stay.
        var deletesWithMachine: Bool?
    }

    var id: String
    var zone: String
    var projectID: String
    var name: String
    var type: String
    var arch: String
    var imageID: String
    var tags: [String]
    var created: Instant
    var modified: Instant
    var bootType = "local"
    var isProtected = false

    var phase = Phase.stopped
    var detail = ""
    var change: Change?
    /// Counts boots, so that a sandbox belongs to exactly one of them.
    var boots = 0
    var bootsAt: Instant?
    var bootFailure: String?
    /// Set once the guest has applied its first-boot user data.
    var isInitialised = false

    var disks: [String: Disk] = [:]
    var addressIDs: [String] = []
    var wantsDynamicAddress = true
    var dynamicAddress: Address?
    var groupID: String
    var placementGroupID: String?
    var nics: [NetworkInterface] = []
    var userData: [String: String] = [:]
    var macAddress: String
    var node: Int?
    /// Of an EC2 instance.
    var instance: Instance?

    /// The packet filters in front of it: a connection gets through where one of them lets it.
    var firewallIDs: [String] { instance?.groupIDs ?? [groupID] }
    var isPowered: Bool { phase == .starting || phase == .running }
}

/// A private network interface of a machine.
struct NetworkInterface: Sendable, Codable {
    var id: String
    var networkID: String
    var macAddress: String
    var tags: [String]
    var created: Instant
    var addressIDs: [String]
}
