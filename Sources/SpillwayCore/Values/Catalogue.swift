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
        /// Per GB sent out of the cloud, charged once; a known zero where it costs nothing, nil where no source says.
        package var egress: Rate?

        package init(
            name: String, types: [InstanceType], blockVolume: Rate?, localVolume: Rate?, ipv4: Rate?,
            egress: Rate? = nil
        ) {
            self.name = name
            self.types = types
            self.blockVolume = blockVolume
            self.localVolume = localVolume
            self.ipv4 = ipv4
            self.egress = egress
        }

        package func type(_ name: String) -> InstanceType? { types.first { $0.name == name } }

        package func volume(_ kind: RootVolume.Kind) -> Rate? { kind == .block ? blockVolume : localVolume }
    }

    package init(zones: [Zone]) { self.zones = zones }

    package func zone(_ name: String) -> Zone? { zones.first { $0.name == name } }

    /// What its prices are in: of one provider all are in one currency.
    package var currency: Currency? {
        for zone in zones { if let type = zone.types.first { return type.rate.currency } }
        return nil
    }

    /// With all of its zones, and of the types those named.
    package func only(_ types: Set<String>) -> Catalogue {
        Catalogue(
            zones: zones.map { zone in
                var zone = zone
                zone.types.removeAll { !types.contains($0.name) }
                return zone
            })
    }
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
    /// Whether it can be had as one that the provider may take back.
    package var isSpotOffered: Bool
    /// What such a one costs at the moment; nil where nobody was asked.
    package var spotRate: Rate?
    package var availability: Availability
    package var endOfService: Bool

    package init(
        name: String, arch: Arch, cpus: Int, memoryBytes: Int64, gpus: Int = 0, gpuName: String? = nil,
        localDiskBytes: Int64 = 0, rate: Rate, isSpotOffered: Bool = false, spotRate: Rate? = nil,
        availability: Availability = .unknown, endOfService: Bool = false
    ) {
        self.name = name
        self.arch = arch
        self.cpus = cpus
        self.memoryBytes = memoryBytes
        self.gpus = gpus
        self.gpuName = gpuName
        self.localDiskBytes = localDiskBytes
        self.rate = rate
        self.isSpotOffered = isSpotOffered
        self.spotRate = spotRate
        self.availability = availability
        self.endOfService = endOfService
    }

    /// "POP2-2C-8G (2 vCPU, 8 GiB, x86_64)".
    package var summary: String {
        let gpu = gpus > 0 ? ", \(gpus) × \(gpuName ?? "GPU")" : ""
        return "\(name) (\(cpus) vCPU, \(gibibytes) GiB\(gpu), \(arch.rawValue))"
    }

    /// Of memory: "8", "1.70".
    package var gibibytes: String {
        let memory = Money.decimal(memoryBytes * 100 / 1_073_741_824, places: 2)
        return memory.hasSuffix(".00") ? String(memory.dropLast(3)) : memory
    }
}
