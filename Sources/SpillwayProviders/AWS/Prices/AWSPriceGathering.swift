internal import SpillwayCore

/// Gathers the prices of one region from products and terms, in whatever order they come in.
struct AWSPriceGathering {
    fileprivate enum Kind {
        case type(String, AWSPriceList.Hardware)
        case gp3
        case egress
    }

    private(set) var list: AWSPriceList
    private let known: [String: AWSPriceList.Offered]
    private var wanted: [String: Kind] = [:]

    /// `known` gives the hardware of types as far as it is known elsewhere: the price list names no kind of GPU.
    init(region: String, known: [String: AWSPriceList.Offered]) {
        list = AWSPriceList(region: region, date: "")
        self.known = known
    }

    /// "2026-07-20T13:44:30Z", of whichever part is older.
    mutating func published(_ time: String) {
        let day = String(time.prefix(10))
        list.date = list.date.isEmpty ? day : min(list.date, day)
    }

    mutating func take(_ product: AWSPriceBodies.Product) {
        let has = product.attributes
        switch product.productFamily {
        case "Compute Instance", "Compute Instance (bare metal)":
            let asked = [
                "regionCode": list.region, "operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA",
                "capacitystatus": "Used", "operation": "RunInstances",
            ]
            guard asked.allSatisfy({ has[$0.key] == $0.value }), has["marketoption"] ?? "OnDemand" == "OnDemand",
                let name = has["instanceType"], let hardware = hardware(name, has)
            else { return }
            wanted[product.sku] = .type(name, hardware)
        case "Storage":
            guard has["volumeApiName"] == "gp3", has["regionCode"] == list.region,
                has["usagetype"]?.hasSuffix("EBS:VolumeUsage.gp3") ?? false
            else { return }
            wanted[product.sku] = .gp3
        case "Data Transfer":
            guard has["transferType"] == "AWS Outbound", has["fromRegionCode"] == list.region,
                has["toLocation"] == "External"
            else { return }
            wanted[product.sku] = .egress
        default: break
        }
    }

    /// The terms of one product. The dearest price of each counts: of traffic the first tier that is paid for.
    mutating func take(_ sku: String, _ terms: [String: AWSPriceBodies.Term]) {
        guard let kind = wanted[sku] else { return }
        let prices = terms.values.flatMap { $0.priceDimensions.values }.compactMap { dimension -> Int64? in
            guard kind.units.contains(dimension.unit) else { return nil }
            return dimension.pricePerUnit["USD"].flatMap { NanoPrice($0)?.nanos }
        }
        // A zero is the price of what is not sold by itself.
        guard let nanos = prices.max(), nanos > 0 else { return }
        let price = AWSPriceList.Price(nanos: nanos, date: list.date)
        switch kind {
        case .type(let name, let hardware):
            let other = list.types[name]?.nanos ?? 0
            list.types[name] = AWSPriceList.Offered(
                hardware: hardware, zones: list.region == AWSCatalogue.builtIn?.region ? known[name]?.zones : nil,
                nanos: max(nanos, other))
        case .gp3: list.gp3 = price
        case .egress: list.egress = [list.egress, price].compactMap(\.self).max { $0.nanos < $1.nanos }
        }
    }

    func wants(_ sku: String) -> Bool { wanted[sku] != nil }

    /// With the price of public addresses, whose announcement names one for every region.
    var priceList: AWSPriceList {
        var list = list
        list.ipv4 = AWSCatalogue.builtIn?.ipv4
        return list
    }

    private func hardware(_ name: String, _ has: [String: String]) -> AWSPriceList.Hardware? {
        if let known = known[name] { return known.hardware }
        guard let cpus = has["vcpu"].flatMap({ Int($0) }),
            let mebibytes = has["memory"].flatMap(Self.mebibytes), !(has["physicalProcessor"] ?? "").isEmpty
        else { return nil }
        let isARM = has["physicalProcessor"]?.contains("Graviton") ?? false
        return AWSPriceList.Hardware(
            arch: isARM ? .arm64 : .x86_64, cpus: cpus, mebibytes: mebibytes,
            gpus: has["gpu"].flatMap { Int($0) } ?? 0)
    }

    /// "1,952 GiB", "0.5 GiB".
    private static func mebibytes(_ text: String) -> Int64? {
        guard text.hasSuffix(" GiB"),
            let nanos = NanoPrice(text.dropLast(4).filter { $0 != "," })?.nanos, nanos < 1 << 53
        else { return nil }
        return nanos * 1024 / 1_000_000_000
    }
}

extension AWSPriceGathering.Kind {
    fileprivate var units: Set<String> {
        switch self {
        case .type: ["Hrs"]
        case .gp3: ["GB-Mo", "GB-month"]
        case .egress: ["GB"]
        }
    }
}
