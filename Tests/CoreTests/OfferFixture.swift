import SpillwayTransport
import TestSupport

@testable import SpillwayCore

/// Catalogues to search: two kinds of disk, types of any size, round prices.
enum OfferFixture {
    static let place = SourceLocation(file: "spillway.yaml", line: 1, column: 1)
    static let source = PriceSource(name: "test", date: "2026-01-01")

    static func rate(_ nanos: Int64, granule: Seconds = .hours(1)) -> Rate {
        Rate(nanos: nanos, granule: granule, minimum: granule, currency: .eur, source: source)
    }

    static func type(
        _ name: String, cpus: Int = 2, gibibytes: Int64 = 4, gpus: Int = 0, gpuName: String? = nil,
        nanos: Int64 = 100_000_000, granule: Seconds = .hours(1), localGB: Int64 = 0, isSpotOffered: Bool = false,
        availability: InstanceType.Availability = .unknown, endOfService: Bool = false
    ) -> InstanceType {
        InstanceType(
            name: name, arch: .x86_64, cpus: cpus, memoryBytes: gibibytes << 30, gpus: gpus, gpuName: gpuName,
            localDiskBytes: localGB * 1_000_000_000, rate: rate(nanos, granule: granule), isSpotOffered: isSpotOffered,
            availability: availability, endOfService: endOfService)
    }

    static func zone(
        _ name: String, _ types: [InstanceType], block: Int64 = 100_000, local: Int64 = 100_000
    ) -> Catalogue.Zone {
        Catalogue.Zone(
            name: name, types: types, blockVolume: rate(block), localVolume: rate(local), ipv4: rate(4_000_000),
            egress: .once(nanos: 0, currency: .eur, source: source))
    }

    /// Local disk where it is large enough, as on Scaleway.
    static func rules(_ zones: [Catalogue.Zone]) -> ProviderRules {
        ProviderRules(
            traits: PlanningFixture.traits, catalogue: { Catalogue(zones: zones) },
            root: { type, disk, _ throws(Diagnostic) in
                let size = disk ?? 20_000_000_000
                return RootVolume(kind: size <= type.localDiskBytes ? .local : .block, sizeBytes: size)
            },
            checkImage: { _ throws(Diagnostic) in })
    }

    /// What a spec with these resources asks for.
    static func query(_ resources: String, nodes: Int = 1, for duration: Seconds = .minutes(50)) throws -> OfferQuery {
        let mapping = resources.hasPrefix("{") ? resources : "\n  \(resources)"
        let text = """
            name: render
            provider: scaleway
            resources: \(mapping)
            nodes: \(nodes)
            budget: {max_cost: 9 EUR, max_duration: \(duration)}
            """
        let node = try YAMLReader.read(bytes: Array(text.utf8), file: "spillway.yaml")
        let (spec, problems) = SpecDecoder.decode(node)
        guard let spec else { throw Diagnostics(problems) }
        return OfferQuery(spec)
    }

    static func randomZones(_ random: inout SeededRandom) -> [Catalogue.Zone] {
        (1...Int.random(in: 1...4, using: &random)).map { number in
            let types = (0..<Int.random(in: 0...12, using: &random)).map { index in
                var type = type(
                    "T\(index)", cpus: 1 << Int.random(in: 0...5, using: &random),
                    gibibytes: 1 << Int64.random(in: 0...5, using: &random),
                    nanos: Int64.random(in: 1...4, using: &random) * 100_000_000,
                    granule: [Seconds(1), .minutes(1), .hours(1)][Int.random(in: 0..<3, using: &random)],
                    localGB: Bool.random(using: &random) ? 400 : 0, isSpotOffered: Bool.random(using: &random),
                    availability: [.available, .scarce, .shortage, .unknown][Int.random(in: 0..<4, using: &random)],
                    endOfService: Int.random(in: 0...5, using: &random) == 0)
                if type.isSpotOffered, Bool.random(using: &random) {
                    type.spotRate = rate(Int64.random(in: 1...300_000_000, using: &random), granule: type.rate.granule)
                }
                return type
            }
            return zone("z\(number)", types, block: Int64.random(in: 1...4, using: &random) * 50_000)
        }
    }
}
