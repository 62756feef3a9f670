/// What a provider offers and at what price, in one value: from the binary (offline, dated) or from its API.
package struct Catalogue: Sendable, Hashable, Codable {
    package var zones: [Zone]

    package struct Zone: Sendable, Hashable, Codable {
        package var name: String
        package var types: [InstanceType]
        /// Per GB of root volume of each kind.
        package var blockVolume: Rate?
        package var localVolume: Rate?
        package var ipv4: Rate?

        package init(name: String, types: [InstanceType], blockVolume: Rate?, localVolume: Rate?, ipv4: Rate?) {
            self.name = name
            self.types = types
            self.blockVolume = blockVolume
            self.localVolume = localVolume
            self.ipv4 = ipv4
        }

        package func type(_ name: String) -> InstanceType? { types.first { $0.name == name } }
    }

    package init(zones: [Zone]) { self.zones = zones }

    package func zone(_ name: String) -> Zone? { zones.first { $0.name == name } }
}

package struct InstanceType: Sendable, Hashable, Codable {
    package enum Arch: String, Sendable, Hashable, Codable, CaseIterable {
        case x86_64, arm64
    }

    package enum Availability: String, Sendable, Hashable, Codable {
        /// `unknown` stands in an offline plan: stock is not a matter of record.
        case available, scarce, shortage, unknown
    }

    package var name: String
    package var arch: Arch
    package var cpus: Int
    package var memoryBytes: Int64
    package var gpus: Int
    package var gpuName: String?
    /// The root on local disk when the type allows one: 0 means block storage only.
    package var localDiskBytes: Int64
    package var rate: Rate
    package var availability: Availability
    package var endOfService: Bool

    package init(
        name: String, arch: Arch, cpus: Int, memoryBytes: Int64, gpus: Int = 0, gpuName: String? = nil,
        localDiskBytes: Int64 = 0, rate: Rate, availability: Availability = .unknown, endOfService: Bool = false
    ) {
        self.name = name
        self.arch = arch
        self.cpus = cpus
        self.memoryBytes = memoryBytes
        self.gpus = gpus
        self.gpuName = gpuName
        self.localDiskBytes = localDiskBytes
        self.rate = rate
        self.availability = availability
        self.endOfService = endOfService
    }
}
