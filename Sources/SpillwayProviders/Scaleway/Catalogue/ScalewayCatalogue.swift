package import SpillwayCore

/// The catalogue in the binary: types and prices of all zones as recorded on the days it states.
package enum ScalewayCatalogue {
    /// Read on first use, once.
    package static let offline = parse(ScalewayCatalogueText.text)

    /// `text` is written by `.ci/make-scaleway-catalogue`: lines of "zone NAME DATE", then lines of
    /// "TYPE ARCH CPUS MIB GPUS GPU LOCALGB UNIT STATUS" and the prices as "ZONE,ZONE:NANOS", zones by their number.
    static func parse(_ text: String) -> Catalogue {
        var zones: [(name: String, source: PriceSource, types: [InstanceType])] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 3, words[0] == "zone" {
                let source = PriceSource(name: "catalogue", date: String(words[2]))
                zones.append((String(words[1]), source, []))
            } else if let offer = Offer(words) {
                for (zone, nanos) in offer.prices where zones.indices.contains(zone) {
                    zones[zone].types.append(offer.type(nanosPerHour: nanos, source: zones[zone].source))
                }
            }
        }
        return Catalogue(
            zones: zones.map { zone in
                Catalogue.Zone(
                    name: zone.name, types: zone.types, blockVolume: ScalewayRates.blockVolume(zone: zone.name),
                    localVolume: ScalewayRates.localVolume(zone: zone.name), ipv4: ScalewayRates.ipv4,
                    egress: ScalewayRates.egress)
            })
    }

    /// One line of the text. A line that cannot be read is left out: what the catalogue lacks is refused, not guessed.
    private struct Offer {
        let name: String
        let arch: InstanceType.Arch
        let cpus: Int
        let memoryMiB: Int64
        let gpus: Int
        let gpuName: String?
        let localGB: Int64
        let unit: ScalewayRates.Unit
        let endOfService: Bool
        let prices: [(zone: Int, nanosPerHour: Int64)]

        init?(_ words: [Substring]) {
            guard words.count > 9, let arch = InstanceType.Arch(rawValue: String(words[1])), let cpus = Int(words[2]),
                let memoryMiB = Int64(words[3]), let gpus = Int(words[4]), let localGB = Int64(words[6]),
                let unit = ScalewayRates.Unit(rawValue: String(words[7]))
            else { return nil }
            name = String(words[0])
            (self.arch, self.cpus, self.memoryMiB, self.gpus) = (arch, cpus, memoryMiB, gpus)
            gpuName = words[5] == "-" ? nil : String(words[5])
            (self.localGB, self.unit, endOfService) = (localGB, unit, words[8] == "end")
            prices = words.dropFirst(9).flatMap { word -> [(zone: Int, nanosPerHour: Int64)] in
                let parts = word.split(separator: ":")
                guard parts.count == 2, let nanos = Int64(parts[1]) else { return [] }
                return parts[0].split(separator: ",").compactMap { Int($0) }.map { ($0, nanos) }
            }
        }

        func type(nanosPerHour: Int64, source: PriceSource) -> InstanceType {
            InstanceType(
                name: name, arch: arch, cpus: cpus, memoryBytes: memoryMiB << 20, gpus: gpus, gpuName: gpuName,
                localDiskBytes: localGB * 1_000_000_000,
                rate: ScalewayRates.server(nanosPerHour: nanosPerHour, unit: unit, source: source),
                endOfService: endOfService)
        }
    }
}
