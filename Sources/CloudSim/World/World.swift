/// Everything that exists in the simulated cloud, as one value. No API shape, no process and no clock is in it.
struct World: Sendable, Codable {
    var secretKey: String
    var accessKey: String
    var projectID: String
    var organizationID: String
    var apiPort: UInt16 = 0
    var sshPort: UInt16 = 0

    var machines: [String: Machine] = [:]
    var localVolumes: [String: LocalVolume] = [:]
    var blockVolumes: [String: BlockVolume] = [:]
    var snapshots: [String: Snapshot] = [:]
    var addresses: [String: Address] = [:]
    var groups: [String: FirewallGroup] = [:]
    var placementGroups: [String: PlacementGroup] = [:]
    var publicKeys: [String: PublicKey] = [:]
    var generator: SeededGenerator
    /// Stock that a test has set, by `zone/type`; it wins over the recorded availability.
    var stock: [String: Stock] = [:]
    var quotas: [String: Int] = [:]
    var ec2: EC2Account

    struct Stock: Sendable, Codable {
        var availability: String
        /// Whether a power-on in shortage is refused (503) instead of falling back to stopped.
        var refuses: Bool
    }

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        ec2 = EC2Account(seed: seed)
        secretKey = generator.uuid()
        projectID = generator.uuid()
        organizationID = projectID
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")
        accessKey = "SCW"
        for _ in 0..<17 { accessKey.append(letters[Int(generator.next() % UInt64(letters.count))]) }
    }

    /// Nothing that costs money or was made by somebody is left. Default groups come by themselves and do not count.
    var isEmpty: Bool {
        machines.isEmpty && localVolumes.isEmpty && blockVolumes.isEmpty && snapshots.isEmpty && addresses.isEmpty
            && placementGroups.isEmpty && publicKeys.isEmpty && ec2.isEmpty
            && groups.values.allSatisfy(\.isProjectDefault)
    }

    /// How many servers are on, or on their way there or back.
    var powered: Int { machines.values.count { $0.phase != .stopped } }

    mutating func newID() -> String { generator.uuid() }

    /// A loopback address that no other address has, away from those that hosts use themselves (127.0.x.x).
    mutating func newLoopbackAddress() -> String {
        let taken = Set(addresses.values.map(\.value) + machines.values.compactMap { $0.dynamicAddress?.value })
        while true {
            let bits = generator.next()
            let octets = (64 + bits % 128, bits >> 16 & 255, 1 + (bits >> 32) % 254)
            let address = "127.\(octets.0).\(octets.1).\(octets.2)"
            if !taken.contains(address) { return address }
        }
    }

    mutating func newMACAddress() -> String {
        let bits = generator.next()
        let tail = (0..<4).map { index in
            let byte = String(bits >> (8 * UInt64(index)) & 255, radix: 16)
            return byte.count == 1 ? "0" + byte : byte
        }
        return "de:00:" + tail.joined(separator: ":")
    }

    /// The group of a project for machines that name none, made on first use.
    mutating func defaultGroup(project: String, zone: String, now: Instant) -> FirewallGroup {
        if let group = groups.values.first(where: {
            $0.isProjectDefault && $0.zone == zone && $0.projectID == project
        }) {
            return group
        }
        let group = FirewallGroup(
            id: newID(), zone: zone, projectID: project, name: "Default security group", isProjectDefault: true,
            created: now, modified: now)
        groups[group.id] = group
        return group
    }

    func addresses(of machine: Machine) -> [Address] {
        machine.addressIDs.compactMap { addresses[$0] } + (machine.dynamicAddress.map { [$0] } ?? [])
    }

    /// The address that SSH listens on: the machine's first public IPv4 address.
    func sshAddress(of machine: Machine) -> String? {
        addresses(of: machine).first { !$0.isIPv6 }?.value
    }
}
