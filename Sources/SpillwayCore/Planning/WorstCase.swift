/// What a burst costs at the worst: product.md §8.
///
/// Every resource is taken to live from the first create to the end of the teardown allowance after the deadline; each
/// offer that may be tried and left before the last one costs its minimum.
package enum WorstCase {
    package struct Assumptions: Sendable, Hashable {
        package var maxDuration: Seconds
        package var boot: Seconds
        package var teardown: Seconds
        /// Zero unless a keeper, not the client, is counted on to end the bill.
        package var keeperInterval: Seconds
        /// The most that is sent home, by all nodes together.
        package var egressGB: Int64

        package init(
            maxDuration: Seconds, boot: Seconds, teardown: Seconds, keeperInterval: Seconds = Seconds(0),
            egressGB: Int64 = 0
        ) {
            self.maxDuration = maxDuration
            self.boot = boot
            self.teardown = teardown
            self.keeperInterval = keeperInterval
            self.egressGB = egressGB
        }

        package var span: Seconds { maxDuration + boot + teardown + keeperInterval }
    }

    /// The dearest way through `offers`: ending at one of them after failing at those before it.
    /// `offers` is not empty and of one currency.
    package static func estimate(offers: [Offer], nodes: Int, assuming: Assumptions) -> Estimate {
        let currency = offers[0].rates.server.currency
        var failed: [Estimate.Line] = []
        var worst = Estimate(lines: [], currency: currency)
        for offer in offers {
            let main = lines(of: offer, nodes: nodes, span: assuming.span)
            let hourly = Estimate(lines: main, currency: currency).hourly
            let all = main + egress(offer, assuming.egressGB) + failed
            let candidate = Estimate(lines: all, currency: currency, hourly: hourly)
            if candidate.total.micros > worst.total.micros { worst = candidate }
            failed += abandoned(offer, nodes: nodes)
        }
        return worst
    }

    /// Of one offer alone.
    package static func total(of offer: Offer, nodes: Int, assuming: Assumptions) -> Money {
        estimate(offers: [offer], nodes: nodes, assuming: assuming).total
    }

    /// What is paid for `offers` that were tried and had no stock: their volumes and addresses existed.
    package static func abandoned(_ offers: [Offer], nodes: Int) -> Int64 {
        offers.flatMap { abandoned($0, nodes: nodes) }.reduce(0) { $0 + $1.cost.micros }
    }

    /// The longest `max_duration` that `cap` pays for; nil when not even a minute is.
    package static func longest(
        offers: [Offer], nodes: Int, assuming: Assumptions, cap: Money
    ) -> Seconds? {
        func fits(_ minutes: Int64) -> Bool {
            var shorter = assuming
            shorter.maxDuration = .minutes(minutes)
            return estimate(offers: offers, nodes: nodes, assuming: shorter).total.micros <= cap.micros
        }
        guard fits(1) else { return nil }
        var (low, high) = (Int64(1), max(2, assuming.maxDuration.count / 60 + 1))
        while high - low > 1 {
            let middle = (low + high) / 2
            if fits(middle) { low = middle } else { high = middle }
        }
        return .minutes(low)
    }

    private static func lines(of offer: Offer, nodes: Int, span: Seconds) -> [Estimate.Line] {
        let count = Int64(nodes)
        var lines = [
            Estimate.Line(
                what: "\(nodes) × \(offer.type.name) in \(offer.zone)", quantity: count, rate: offer.rates.server,
                span: span)
        ]
        if let volume = offer.rates.volume {
            lines.append(
                Estimate.Line(
                    what: "\(nodes) × \(offer.rootGB) GB \(offer.root.kind.rawValue) volume",
                    quantity: count * offer.rootGB, rate: volume, span: span))
        }
        if let address = offer.rates.address {
            lines.append(
                Estimate.Line(what: "\(nodes) × public IPv4", quantity: count, rate: address, span: span))
        }
        return lines
    }

    private static func egress(_ offer: Offer, _ gigabytes: Int64) -> [Estimate.Line] {
        guard let rate = offer.egress, rate.nanos > 0, gigabytes > 0 else { return [] }
        return [
            Estimate.Line(
                what: "\(gigabytes) GB of outputs sent home", quantity: gigabytes, rate: rate, span: Seconds(0))
        ]
    }

    /// A zone that is tried and has no stock: its volumes and addresses existed, its servers never ran.
    private static func abandoned(_ offer: Offer, nodes: Int) -> [Estimate.Line] {
        lines(of: offer, nodes: nodes, span: Seconds(0)).dropFirst().map { line in
            var line = line
            line.what += ", if \(offer.zone) has no stock"
            return line
        }
    }
}
