/// Which offers of a catalogue are tried for a spec, and in which order: with `instance_type` the spec's zones in the
/// spec's order; with requirements whatever fits, cheapest first by the worst case of this burst.
package struct OfferSelection: Sendable {
    /// How many offers a burst found by requirements is taken to at the most: each that is left again costs its
    /// minimum in the worst case.
    package static let most = 5
    private static let mostSpot = 3

    package var offers: [Offer]
    /// Offers that were passed over, one line of reason each.
    package var skipped: [String]

    /// What bears on the choice besides the query.
    package struct Terms: Sendable {
        /// Used where an `instance_type` names no zone; without it, the first zone that has the type.
        package var defaultZone: String?
        /// Where the burst is already: while that fits it stays there, whatever else is cheaper by now.
        package var current: RunRecord?
        /// Bounds how many offers are tried, where it is in the currency of the prices.
        package var cap: Money?

        package init(defaultZone: String? = nil, current: RunRecord? = nil, cap: Money? = nil) {
            self.defaultZone = defaultZone
            self.current = current
            self.cap = cap
        }

        func isCurrent(_ zone: String, _ type: String) -> Bool {
            current.map { $0.zone == zone && $0.instanceType == type } ?? false
        }
    }

    /// Throws every problem at once: unknown zone, type or image with what is there instead; a disk the type cannot
    /// have; a price that no source covers; requirements that nothing meets. Throws `capacity.none` (exit 5) when all
    /// that fit are out of stock.
    package static func select(
        _ query: OfferQuery, rules: ProviderRules, catalogue: Catalogue, terms: Terms = Terms()
    ) throws(Diagnostics) -> OfferSelection {
        var problems = OfferProblems(query: query, rules: rules, catalogue: catalogue)
        problems.checkImage()
        problems.checkSpot()
        let zones = problems.zones(defaultZone: terms.defaultZone)
        var selection = OfferSelection(offers: [], skipped: [])
        if let name = query.resources.instanceType {
            selection.take(name, zones, query, terms, &problems)
        } else if query.resources.hasRequirements {
            selection.takeCheapest(zones, query, terms, &problems)
        } else {
            problems.reportMissingMachine()
        }
        guard problems.found.isEmpty else { throw Diagnostics(problems.found) }
        return selection
    }

    // MARK: By name

    private mutating func take(
        _ name: Located<String>, _ zones: [Catalogue.Zone], _ query: OfferQuery, _ terms: Terms,
        _ problems: inout OfferProblems
    ) {
        var outOfStock = false
        for zone in zones {
            guard let type = zone.type(name.value) else {
                skipped.append("\(zone.name): \(name.value) is not offered there")
                continue
            }
            guard problems.hasWantedArch(type) else { continue }
            guard type.availability != .shortage || terms.isCurrent(zone.name, type.name) else {
                outOfStock = true
                skipped.append("\(zone.name): \(type.name) is out of stock")
                continue
            }
            offers += problems.offers(type, zone)
        }
        // What may be taken back is preferred in every zone before an ordinary one is taken in any.
        offers = offers.filter(\.isSpot) + offers.filter { !$0.isSpot }
        guard problems.found.isEmpty, offers.isEmpty else { return }
        if outOfStock {
            problems.reportNoStock(skipped, at: name.location)
        } else {
            problems.reportUnknown(name, skipped)
        }
    }

    // MARK: By requirements

    private mutating func takeCheapest(
        _ zones: [Catalogue.Zone], _ query: OfferQuery, _ terms: Terms, _ problems: inout OfferProblems
    ) {
        var zones = zones
        // What the burst itself took may have been the last of its kind.
        for zone in zones.indices {
            for type in zones[zone].types.indices
            where terms.isCurrent(zones[zone].name, zones[zone].types[type].name) {
                zones[zone].types[type].availability = .unknown
            }
        }
        let search = OfferSearch(query, rules: problems.rules, zones: zones)
        guard problems.found.isEmpty else { return }
        guard !search.found.isEmpty else { return problems.reportNothingFits(search) }
        var ranked = search.found.map(\.offer)
        // Of the few attempts some are left for machines that nobody takes back.
        let spots = ranked.filter(\.isSpot)
        if spots.count > Self.mostSpot, spots.count < ranked.count {
            ranked = spots.prefix(Self.mostSpot) + ranked.filter { !$0.isSpot } + spots.dropFirst(Self.mostSpot)
        }
        if let run = terms.current, let current = ranked.firstIndex(where: { $0.isThat(of: run) }) {
            ranked.insert(ranked.remove(at: current), at: 0)
        }
        let assumptions = query.assumptions(problems.rules.traits)
        for offer in ranked.prefix(Self.most) {
            if let cap = terms.cap, cap.currency == offer.rates.server.currency, !offers.isEmpty {
                let total = WorstCase.estimate(offers: offers + [offer], nodes: query.nodes, assuming: assumptions)
                    .total
                guard total.micros <= cap.micros else { break }
            }
            offers.append(offer)
        }
        skipped += Self.stockLine(search).map { [$0] } ?? []
        if let next = ranked.dropFirst(offers.count).first {
            let rest = ranked.count - offers.count
            let why =
                offers.count == Self.most
                ? "\(Self.most) attempts are the most" : "one more attempt would not fit under the cap"
            skipped.append("\(rest) more that fit, from \(next.zone) \(next.type.name) on: \(why)")
        }
    }

    private static func stockLine(_ search: OfferSearch) -> String? {
        let gone = search.passedOver.filter { $0.misfits == [.stock] }
        guard !gone.isEmpty else { return nil }
        let names = gone.prefix(3).map { "\($0.zone) \($0.type.name)" }.joined(separator: ", ")
        return "out of stock: \(names)\(gone.count > 3 ? " and \(gone.count - 3) more" : "")"
    }
}
