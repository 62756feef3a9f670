/// Every offer of a catalogue that does for a query, cheapest first by what this burst would cost at the worst with it
/// alone: billing minimum, volume and address included. Ties go by name, then by the order of the zones.
package struct OfferSearch: Sendable {
    package struct Found: Sendable, Hashable {
        package var offer: Offer
        package var worstCase: Money
    }

    package struct PassedOver: Sendable, Hashable {
        package var zone: String
        package var type: InstanceType
        package var misfits: Set<Misfit>
    }

    package private(set) var found: [Found] = []
    package private(set) var passedOver: [PassedOver] = []

    /// That have what is asked for, in stock or not, in the order searched.
    package private(set) var zones: [String] = []

    /// What the cheapest of them would cost at the worst.
    package var cheapest: Money? { found.map(\.worstCase).min { $0.micros < $1.micros } }

    /// In the zones of the query, or in all. Throws what is wrong with the query, and why nothing fits.
    package static func find(
        _ query: OfferQuery, rules: ProviderRules, catalogue: Catalogue
    ) throws(Diagnostics) -> OfferSearch {
        var problems = OfferProblems(query: query, rules: rules, catalogue: catalogue)
        problems.checkImage()
        problems.checkSpot()
        let zones = query.zones.isEmpty ? catalogue.zones : problems.zones(defaultZone: nil)
        let search = OfferSearch(query, rules: rules, zones: zones)
        if problems.found.isEmpty, search.found.isEmpty { problems.reportNothingFits(search) }
        guard problems.found.isEmpty else { throw Diagnostics(problems.found) }
        return search
    }

    /// `zones` of the catalogue, in the order of preference.
    package init(_ query: OfferQuery, rules: ProviderRules, zones: [Catalogue.Zone]) {
        let assumptions = query.assumptions(rules.traits)
        let disk = query.resources.disk?.value.count
        var ranks: [Int] = []
        self.zones = zones.map(\.name)
        for (rank, zone) in zones.enumerated() {
            for type in zone.types {
                var misfits = query.resources.misfits(type)
                if type.availability == .shortage { misfits.insert(.stock) }
                guard misfits.isEmpty || misfits == [.stock] else {
                    passedOver.append(PassedOver(zone: zone.name, type: type, misfits: misfits))
                    continue
                }
                guard let root = try? rules.root(type, disk, query.resources.image.value) else {
                    passedOver.append(PassedOver(zone: zone.name, type: type, misfits: misfits.union([.disk])))
                    continue
                }
                guard let offers = try? Offer.of(type, in: zone, root: root, for: query) else {
                    passedOver.append(PassedOver(zone: zone.name, type: type, misfits: misfits.union([.price])))
                    continue
                }
                if offers.isEmpty { misfits.insert(.spot) }
                guard misfits.isEmpty else {
                    passedOver.append(PassedOver(zone: zone.name, type: type, misfits: misfits))
                    continue
                }
                for offer in offers {
                    let cost = WorstCase.total(of: offer, nodes: query.nodes, assuming: assumptions)
                    found.append(Found(offer: offer, worstCase: cost))
                    ranks.append(rank)
                }
            }
        }
        let having = Set(found.map(\.offer.zone) + passedOver.filter { $0.misfits == [.stock] }.map(\.zone))
        self.zones.removeAll { !having.contains($0) }
        let prefersSpot = query.resources.spot.value == .prefer
        let order = found.indices.sorted { a, b in
            let (left, right) = (found[a], found[b])
            // What may be taken back comes first where it is preferred, whatever it costs: it is never the dearer one.
            if prefersSpot, left.offer.isSpot != right.offer.isSpot { return left.offer.isSpot }
            if left.worstCase.micros != right.worstCase.micros {
                return left.worstCase.micros < right.worstCase.micros
            }
            let (one, other) = (left.offer.type.name, right.offer.type.name)
            return one == other ? ranks[a] < ranks[b] : one < other
        }
        found = order.map { found[$0] }
    }
}
