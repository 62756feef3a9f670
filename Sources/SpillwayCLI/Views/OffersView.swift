import SpillwayCore

/// Offers as people read them: a table for each provider, zones of equal terms in one row.
struct OffersView {
    let found: [ProviderOffers]
    let spec: Spec
    /// Rows of each table; nil shows all.
    var limit: Int?

    var text: String { found.map(table).joined(separator: "\n\n") }

    private func table(_ offers: ProviderOffers) -> String {
        var rows: [Row] = []
        var places: [Row.Terms: Int] = [:]
        for one in offers.search.found {
            let row = Row(one)
            if let same = places[row.terms] {
                rows[same].zones += row.zones
            } else {
                places[row.terms] = rows.count
                rows.append(row)
            }
        }
        let shown = limit.map { Array(rows.prefix($0)) } ?? rows
        let hasGPU = shown.contains { $0.offer.type.gpus > 0 }
        let hasSpot = shown.contains { $0.offer.type.isSpotOffered }
        var columns: [TableView.Column] = [
            .init("TYPE"), .init("CPUS", right: true), .init("GIB", right: true), .init("ARCH"), .init("DISK"),
            .init("PER HOUR", right: true), .init("BILLED BY"), .init("WORST CASE", right: true), .init("STOCK"),
        ]
        if hasGPU { columns.append(.init("GPU")) }
        if hasSpot { columns.append(.init("SPOT", right: true)) }
        columns.append(.init("ZONES"))
        let lines = TableView(columns: columns, rows: shown.map { $0.cells(hasGPU: hasGPU, hasSpot: hasSpot) }).lines()
        let count = offers.query.nodes == 1 ? "1 node" : "\(offers.query.nodes) nodes"
        var text = [
            "\(offers.provider.rawValue): the worst case is that of \(count) for \(offers.query.maxDuration)", "",
        ]
        text += lines
        if shown.count < rows.count { text += ["", "\(rows.count - shown.count) more: --all"] }
        let dates = Set(
            offers.search.found.map { "\($0.offer.type.rate.source.date) (\($0.offer.type.rate.source.name))" })
        text += ["", "List prices without VAT, of \(dates.sorted().joined(separator: ", "))."]
        return text.joined(separator: "\n")
    }

    private struct Row {
        var offer: Offer
        var worstCase: Money
        var zones: [String]

        init(_ found: OfferSearch.Found) {
            (offer, worstCase, zones) = (found.offer, found.worstCase, [found.offer.zone])
        }

        /// What zones of one row have in common.
        struct Terms: Hashable {
            var type: String
            var worstCase: Money
            var root: RootVolume
            var isSpot: Bool
            var availability: InstanceType.Availability
            var spotNanos: Int64?
        }

        var terms: Terms {
            Terms(
                type: offer.type.name, worstCase: worstCase, root: offer.root, isSpot: offer.isSpot,
                availability: offer.type.availability, spotNanos: offer.type.spotRate?.nanos)
        }

        func cells(hasGPU: Bool, hasSpot: Bool) -> [String] {
            let type = offer.type
            let rate = offer.rates.server
            let stock = type.availability == .unknown ? "-" : type.availability.rawValue
            var cells = [
                offer.isSpot ? "\(type.name) spot" : type.name, String(type.cpus), type.gibibytes, type.arch.rawValue,
                "\(offer.rootGB) GB \(offer.root.kind.rawValue)", "\(rate.perHour())", rate.billing, "\(worstCase)",
                stock,
            ]
            if hasGPU { cells.append(type.gpus > 0 ? "\(type.gpus) × \(type.gpuName ?? "GPU")" : "-") }
            if hasSpot {
                let price = type.spotRate.map { "\($0.perHour())" }
                cells.append(type.isSpotOffered ? price ?? "at most as is" : "-")
            }
            return cells + [zones.joined(separator: ", ")]
        }
    }
}

extension Rate {
    /// "1h", "1s, at least 1m".
    var billing: String { granule == minimum ? "\(granule)" : "\(granule), at least \(minimum)" }
}

/// Offers for machines: `offers --json`, one entry for each offer, in order.
struct OffersDocument: Encodable {
    var nodes: Int
    var maxDuration: Seconds
    var offers: [Entry] = []
    var notes: [String]

    struct Entry: Encodable {
        var provider: String
        var zone: String
        var instanceType: String
        var arch: String
        var cpus: Int
        var memoryBytes: Int64
        var gpus: Int
        var gpu: String?
        var root: RootVolume
        var isSpot: Bool
        var perHour: Money
        var billedBy: Seconds
        var billedAtLeast: Seconds
        var worstCase: Money
        var spotPerHour: Money?
        var isSpotOffered: Bool
        var stock: String
        var priceSource: PriceSource
        var isLive: Bool

        private enum CodingKeys: String, CodingKey {
            case provider, zone, arch, cpus, gpus, gpu, root, stock
            case instanceType = "instance_type"
            case memoryBytes = "memory_bytes"
            case isSpot = "is_spot"
            case perHour = "per_hour"
            case billedBy = "billed_by"
            case billedAtLeast = "billed_at_least"
            case worstCase = "worst_case"
            case spotPerHour = "spot_per_hour"
            case isSpotOffered = "is_spot_offered"
            case priceSource = "price_source"
            case isLive = "is_live"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case nodes, offers, notes
        case maxDuration = "max_duration"
    }

    init(_ found: [ProviderOffers], spec: Spec) {
        nodes = spec.nodes.value
        maxDuration = spec.budget.maxDuration.value
        notes = found.flatMap(\.notes)
        for provider in found {
            offers += provider.search.found.map { one in
                let (type, rate) = (one.offer.type, one.offer.rates.server)
                return Entry(
                    provider: provider.provider.rawValue, zone: one.offer.zone, instanceType: type.name,
                    arch: type.arch.rawValue, cpus: type.cpus, memoryBytes: type.memoryBytes, gpus: type.gpus,
                    gpu: type.gpuName, root: one.offer.root, isSpot: one.offer.isSpot, perHour: rate.perHour(),
                    billedBy: rate.granule, billedAtLeast: rate.minimum, worstCase: one.worstCase,
                    spotPerHour: type.spotRate?.perHour(), isSpotOffered: type.isSpotOffered,
                    stock: type.availability.rawValue, priceSource: rate.source, isLive: provider.isLive)
            }
        }
    }
}
