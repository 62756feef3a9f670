/// The part of the world that only EC2 has: the account, its default network, and what no other cloud knows.
struct EC2Account: Sendable, Codable {
    /// What a client token has led to.
    struct Launch: Sendable, Codable {
        /// The parameters of the request, in order.
        var parameters: String
        var reservationID: String
        var machineIDs: [String]
    }

    /// Temporary credentials.
    struct Session: Sendable, Codable {
        var accessKeyID: String
        var secretAccessKey: String
        var token: String
        var ends: Instant
        var arn: String
    }

    static let region = "us-east-1"
    static let zones = ["a", "b", "c", "d", "e", "f"].map { region + $0 }
    /// How long an ended instance is still listed: about an hour on the real EC2, a minute at least.
    static let secondsOnRecord = 3600.0

    let accountID: String
    let accessKeyID: String
    let secretAccessKey: String
    let vpcID: String
    /// The subnet of each zone.
    let subnets: [String: String]

    var interfaces: [String: ElasticInterface] = [:]
    var spotRequests: [String: SpotRequest] = [:]
    var keyPairs: [String: PublicKey] = [:]
    /// Of every resource, by its id.
    var tags: [String: [String: String]] = [:]
    var launches: [String: Launch] = [:]
    /// Instances that have ended.
    var ended: [String: Machine] = [:]
    var sessions: [Session] = []
    /// Actions that a test has forbidden: `ec2:RunInstances`.
    var denied: Set<String> = []

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: ~seed)
        accountID = String(generator.next() % 900_000_000_000 + 100_000_000_000)
        accessKeyID = generator.text("AKIA", 16, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        secretAccessKey = generator.text("", 40, of: EC2Account.base64)
        vpcID = generator.resourceID("vpc")
        subnets = Dictionary(uniqueKeysWithValues: Self.zones.map { ($0, generator.resourceID("subnet")) })
    }

    private static let base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    static func session(seconds: Double, arn: String, now: Instant, using generator: inout SeededGenerator) -> Session {
        Session(
            accessKeyID: generator.text("ASIA", 16, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
            secretAccessKey: generator.text("", 40, of: base64), token: generator.text("IQoJ", 200, of: base64),
            ends: now + seconds, arn: arn)
    }

    var userARN: String { "arn:aws:iam::\(accountID):user/cloudsim" }
    var isEmpty: Bool { interfaces.isEmpty && keyPairs.isEmpty }

    func zone(ofSubnet id: String) -> String? { subnets.first { $0.value == id }?.key }

    /// 172.31.0.0/20 for the first zone, 172.31.16.0/20 for the next, as in every default VPC.
    static func network(of zone: String) -> Int { (zones.firstIndex(of: zone) ?? 0) * 16 }
}

extension SeededGenerator {
    mutating func text(_ prefix: String, _ count: Int, of letters: String) -> String {
        let letters = Array(letters)
        return prefix + String((0..<count).map { _ in letters[Int(next() % UInt64(letters.count))] })
    }

    /// `i-0123456789abcdef0`.
    mutating func resourceID(_ kind: String) -> String { text(kind + "-0", 16, of: "0123456789abcdef") }
}

extension KeyedDecodingContainer {
    /// A world that was saved before there was EC2 gets an account when it is read.
    func decode(_ type: EC2Account.Type, forKey key: Key) throws -> EC2Account {
        try decodeIfPresent(type, forKey: key) ?? EC2Account(seed: .random(in: 1...UInt64.max))
    }
}
