package import SpillwayCore

/// Types and prices of one region, with the day of each price: what is in the binary, and what `prices update` keeps.
///
/// As text: "region NAME DATE", "gp3 NANOS DATE" per GB and month, "ipv4 NANOS DATE" per hour, "egress NANOS DATE" per
/// GB, and lines of "TYPE ARCH CPUS MIB GPUS GPU SPOT ZONES NANOS", zones by their letters where they are known, the last per
/// hour.
package struct AWSPriceList: Sendable, Hashable {
    package struct Price: Sendable, Hashable {
        package var nanos: Int64
        package var date: String
    }

    package struct Hardware: Sendable, Hashable {
        package var arch: InstanceType.Arch
        package var cpus: Int
        package var mebibytes: Int64
        package var gpus = 0
        package var gpuName: String?
        package var isSpotOffered = false
    }

    package struct Offered: Sendable, Hashable {
        package var hardware: Hardware
        /// The letters of the zones that have it; nil where that is not known.
        package var zones: String?
        /// Per hour, on demand, Linux.
        package var nanos: Int64
    }

    package var region: String
    /// The day on which the prices of the types were published.
    package var date: String
    package var gp3: Price?
    package var ipv4: Price?
    package var egress: Price?
    package var types: [String: Offered] = [:]

    package init(region: String, date: String) {
        self.region = region
        self.date = date
    }

    /// nil for a text that begins otherwise. A line that cannot be read is left out: what is missing is refused later,
    /// not guessed.
    package init?(_ text: String) {
        var lines = text.split(separator: "\n").lazy.map { $0.split(separator: " ") }.makeIterator()
        guard let head = lines.next(), head.count == 3, head[0] == "region" else { return nil }
        self.init(region: String(head[1]), date: String(head[2]))
        while let words = lines.next() {
            if words.count == 3, let nanos = Int64(words[1]) {
                let price = Price(nanos: nanos, date: String(words[2]))
                switch words[0] {
                case "gp3": gp3 = price
                case "ipv4": ipv4 = price
                case "egress": egress = price
                default: break
                }
            } else if words.count == 9, let arch = InstanceType.Arch(rawValue: String(words[1])),
                let cpus = Int(words[2]), let mebibytes = Int64(words[3]), let gpus = Int(words[4]),
                let nanos = Int64(words[8])
            {
                let name = words[5] == "-" ? nil : words[5].replacing("_", with: " ")
                types[String(words[0])] = Offered(
                    hardware: Hardware(
                        arch: arch, cpus: cpus, mebibytes: mebibytes, gpus: gpus, gpuName: name.map { String($0) },
                        isSpotOffered: words[6] == "spot"), zones: words[7] == "-" ? nil : String(words[7]),
                    nanos: nanos)
            }
        }
    }

    package var text: String {
        var lines = ["region \(region) \(date)"]
        for case let (name, price?) in [("gp3", gp3), ("ipv4", ipv4), ("egress", egress)] {
            lines.append("\(name) \(price.nanos) \(price.date)")
        }
        for (name, type) in types.sorted(by: { $0.key < $1.key }) {
            let one = type.hardware
            let gpu = one.gpuName.map { $0.replacing(" ", with: "_") } ?? "-"
            lines.append(
                "\(name) \(one.arch.rawValue) \(one.cpus) \(one.mebibytes) \(one.gpus) \(gpu) "
                    + "\(one.isSpotOffered ? "spot" : "-") \(type.zones ?? "-") \(type.nanos)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Where it is not known which zones have a type, all are taken to: a live plan asks.
    package func zones(source: String) -> [Catalogue.Zone] {
        let published = PriceSource(name: source, date: date)
        func dated(_ price: Price) -> PriceSource { PriceSource(name: source, date: price.date) }
        let types = types.sorted { $0.key < $1.key }.map { name, type in
            InstanceType(
                name: name, arch: type.hardware.arch, cpus: type.hardware.cpus,
                memoryBytes: type.hardware.mebibytes << 20, gpus: type.hardware.gpus, gpuName: type.hardware.gpuName,
                rate: AWSRates.server(nanosPerHour: type.nanos, source: published),
                isSpotOffered: type.hardware.isSpotOffered)
        }
        return AWSRegions.zones(of: region).map { zone in
            Catalogue.Zone(
                name: zone,
                types: types.filter { has($0.name, zone) },
                blockVolume: gp3.map { AWSRates.volume(nanosPerMonth: $0.nanos, source: dated($0)) }, localVolume: nil,
                ipv4: ipv4.map { AWSRates.address(nanosPerHour: $0.nanos, source: dated($0)) },
                egress: egress.map { AWSRates.egress(nanosPerGB: $0.nanos, source: dated($0)) })
        }
    }

    private func has(_ type: String, _ zone: String) -> Bool {
        types[type]?.zones.map { letters in zone.last.map(letters.contains) ?? false } ?? true
    }
}
