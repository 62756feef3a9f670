extension Offer {
    /// The offers that a type in a zone makes for `query`: as one the provider may take back, as an ordinary one, or
    /// first the one and then the other, as `spot` says. Throws ``Misfit/price`` with what has no price.
    static func of(
        _ type: InstanceType, in zone: Catalogue.Zone, root: RootVolume, for query: OfferQuery
    ) throws(Unpriced) -> [Offer] {
        guard let volume = zone.volume(root.kind) else { throw Unpriced(what: "\(root.kind.rawValue) volumes") }
        guard let ipv4 = zone.ipv4 else { throw Unpriced(what: "public IPv4") }
        guard zone.egress != nil || query.egressGB == 0 else { throw Unpriced(what: "traffic") }
        let rates = RunRates(server: type.rate, volume: volume, address: ipv4)
        let egress = query.egressGB > 0 ? zone.egress : nil
        let spot = query.resources.spot.value
        var offers: [Offer] = []
        if spot != .never, type.isSpotOffered {
            var bid = rates
            bid.server = type.spotBid
            offers.append(Offer(zone: zone.name, type: type, root: root, rates: bid, egress: egress, isSpot: true))
        }
        if spot != .always {
            offers.append(Offer(zone: zone.name, type: type, root: root, rates: rates, egress: egress))
        }
        return offers
    }

    struct Unpriced: Error {
        var what: String
    }
}

extension InstanceType {
    /// The most that is paid for one that can be taken back: a quarter above its price now, so that a small rise does
    /// not end it, and never more than an ordinary one costs.
    package var spotBid: Rate {
        guard var bid = spotRate else { return rate }
        bid.nanos = min(rate.nanos, bid.nanos + (bid.nanos + 3) / 4)
        return bid
    }
}
