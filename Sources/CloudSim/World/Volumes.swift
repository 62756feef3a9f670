/// A volume on the machine's own host: it goes when the machine is terminated.
struct LocalVolume: Sendable, Codable {
    var id: String
    var zone: String
    var projectID: String
    var name: String
    /// `l_ssd` or `scratch`.
    var type: String
    var size: Int
    var tags: [String]
    var created: Instant
    var modified: Instant
    var machineID: String?
    var isDeleting = false
    var isSnapshotting = false
}

/// A network volume: it survives its machine and costs money until it is deleted.
struct BlockVolume: Sendable, Codable {
    enum Status: String, Sendable, Codable { case creating, available, in_use, updating, snapshotting }

    struct Reference: Sendable, Codable {
        enum Status: String, Sendable, Codable { case attaching, attached, detaching }
        var id: String
        var machineID: String
        var created: Instant
        var status: Status
        /// When the status passes: attaching to attached, detaching to gone.
        var ends: Instant?
        /// Asked to go, though it still says attached: a volume taken from a running server shows this first.
        var isLeaving = false
    }

    var id: String
    var zone: String
    var projectID: String
    var name: String
    var size: Int
    var iops: Int
    var tags: [String]
    var created: Instant
    var updated: Instant
    var parentSnapshotID: String?
    var reference: Reference?
    var lastDetached: Instant?
    /// A transient status and when it passes.
    var transient: Status?
    var transientEnds: Instant?
    /// Of an EBS volume.
    var ebs: EBS?

    struct EBS: Sendable, Codable {
        var type: String
        var throughput: Int?
        var isEncrypted: Bool
    }

    var status: Status { transient ?? (reference == nil ? .available : .in_use) }
}

/// A copy of a volume, local or block.
struct Snapshot: Sendable, Codable {
    var id: String
    var zone: String
    var projectID: String
    var name: String
    var isLocal: Bool
    var size: Int
    var tags: [String]
    var created: Instant
    var updated: Instant
    var parentID: String
    var parentName: String
    var readyAt: Instant
}
