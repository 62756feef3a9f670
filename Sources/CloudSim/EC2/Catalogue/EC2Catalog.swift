/// What EC2 sells in us-east-1: types with prices and the zones that have them, and images.
struct EC2Catalog: Sendable {
    struct GPU: Sendable {
        var count: Int
        var memory: Int
        var manufacturer: String
        var name: String
    }

    struct InstanceType: Sendable {
        var name: String
        var architectures: [String]
        var cpus: Int
        var threads: Int
        /// MiB.
        var memory: Int
        var isCurrent: Bool
        var isBurstable: Bool
        var isBareMetal: Bool
        var usages: [String]
        var zones: [String]
        /// USD per hour on demand, in millionths.
        var price: Int
        var hypervisor: String?
        /// GB on the host's own disks.
        var storage: Int
        var gpus: [GPU]
        var network: String

        /// Millionths of a USD per hour now: some three tenths of the price on demand, a little different in each zone.
        func spotPrice(zone: String) -> Int {
            price * (28 + 2 * (EC2Account.zones.firstIndex(of: zone) ?? 0)) / 100
        }
    }

    let types: [String: InstanceType]
    let images = EC2Images()

    init() {
        types = Dictionary(
            EC2CatalogData.types.split(separator: "\n").compactMap(Self.type).map { ($0.name, $0) }
        ) { first, _ in first }
    }

    private static func type(_ line: Substring) -> InstanceType? {
        let cells = line.split(separator: " ").map(String.init)
        guard cells.count == 12 else { return nil }
        let flags = cells[5]
        return InstanceType(
            name: cells[0], architectures: cells[1].split(separator: ",").map(String.init),
            cpus: Int(cells[2]) ?? 0, threads: Int(cells[3]) ?? 1, memory: Int(cells[4]) ?? 0,
            isCurrent: flags.contains("c"), isBurstable: flags.contains("b"), isBareMetal: flags.contains("m"),
            usages: (flags.contains("d") ? ["on-demand"] : []) + (flags.contains("s") ? ["spot"] : []),
            zones: cells[6].map { EC2Account.region + String($0) },
            price: Int(((Double(cells[7]) ?? 0) * 1e6).rounded()), hypervisor: cells[8] == "-" ? nil : cells[8],
            storage: Int(cells[9]) ?? 0, gpus: cells[10].split(separator: ",").compactMap(gpu),
            network: cells[11].replacing("_", with: " "))
    }

    private static func gpu(_ text: Substring) -> GPU? {
        let parts = text.split(separator: ":").map { String($0).replacing("_", with: " ") }
        guard parts.count == 4 else { return nil }
        return GPU(count: Int(parts[0]) ?? 0, memory: Int(parts[1]) ?? 0, manufacturer: parts[2], name: parts[3])
    }
}
