/// What a machine has besides when it is an EC2 instance.
struct Instance: Sendable, Codable {
    enum ShutdownBehavior: String, Sendable, Codable { case stop, terminate }

    struct MetadataOptions: Sendable, Codable {
        var needsToken: Bool
        var hopLimit: Int
        var isEnabled = true
    }

    /// Why an instance is not running.
    struct Reason: Sendable, Codable {
        var code: String
        var message: String

        static let user = Reason(code: "Client.UserInitiatedShutdown", message: "User initiated shutdown")
        static let guest = Reason(code: "Client.InstanceInitiatedShutdown", message: "Instance initiated shutdown")
        static let spot = Reason(code: "Server.SpotInstanceTermination", message: "Spot instance termination")
    }

    var reservationID: String
    var launchIndex: Int
    var clientToken: String
    var keyName: String?
    var shutdownBehavior = ShutdownBehavior.stop
    var metadata: MetadataOptions
    var cpuCredits: String?
    var profileARN: String?
    var isEBSOptimized = false
    var isMonitored = false
    var subnetID: String
    var privateAddress: String
    var interfaceID: String
    var groupIDs: [String]
    var rootDevice: String
    /// Who logs in on the image: "ubuntu".
    var loginUser: String
    var spotRequestID: String?
    /// Of the last start.
    var launched: Instant
    var reason: Reason?
    var reasonAt: Instant?
    /// When AWS takes a spot instance back.
    var interruption: Instant?
    var ended: Instant?
}

/// A network interface of EC2, which lives on its own where it is told to.
struct ElasticInterface: Sendable, Codable {
    var id: String
    var zone: String
    var subnetID: String
    var groupIDs: [String]
    var privateAddress: String
    var macAddress: String
    var description: String
    var machineID: String?
    var attachmentID: String?
    var deletesWithMachine: Bool
    var created: Instant
}

/// A wish for one spot instance, which stays on record after the instance is gone.
struct SpotRequest: Sendable, Codable {
    enum State: String, Sendable, Codable { case active, closed, cancelled }

    var id: String
    var state: State
    var code: String
    var message: String
    var maxPrice: String
    var machineID: String
    var type: String
    var imageID: String
    var zone: String
    var created: Instant
    var updated: Instant
}
