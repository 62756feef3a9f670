/// Which of several providers a burst goes to: the one whose cheapest offer costs this burst the least at the worst.
///
/// A burst is in one provider as a whole. The others are gone on with, in this order, when nothing of it exists and
/// the first has no capacity.
package enum ProviderChoice {
    package struct Candidate: Sendable, Hashable {
        package var name: ProviderName
        /// Of its cheapest offer.
        package var worstCase: Money

        package init(name: ProviderName, worstCase: Money) {
            self.name = name
            self.worstCase = worstCase
        }
    }

    /// Compared in the currency of the cap; of equals the one named first. Throws code `cost.no-exchange-rate` where
    /// that takes a rate that the user did not write.
    package static func cheapestFirst(
        _ candidates: [Candidate], cap: Located<Money>, rates: ExchangeRates
    ) throws(Diagnostic) -> [Candidate] {
        guard candidates.count > 1 else { return candidates }
        var costs: [Int64] = []
        for candidate in candidates {
            let currency = cap.value.currency
            guard let cost = rates.convert(candidate.worstCase, to: currency, rounding: .up) else {
                throw missingRate(candidate, currency, cap.location)
            }
            costs.append(cost.micros)
        }
        return candidates.indices.sorted { costs[$0] == costs[$1] ? $0 < $1 : costs[$0] < costs[$1] }
            .map { candidates[$0] }
    }

    private static func missingRate(
        _ candidate: Candidate, _ currency: Currency, _ location: SourceLocation
    ) -> Diagnostic {
        let other = candidate.worstCase.currency
        return Diagnostic(
            "cost.no-exchange-rate", "Prices in two currencies cannot be compared",
            detail:
                "\(candidate.name.rawValue) charges in \(other), the cap is in \(currency), and you wrote no rate for "
                + "the two.",
            remedy:
                "Add a rate of your own to the user configuration: exchange_rates: {\(currency)/\(other): 1.00} with "
                + "the right number. Or name one provider.",
            exists: "Nothing was created.", source: location, exit: .refused)
    }
}

extension Catalogue {
    /// With the prices of machines that can be taken back, where `prices` has them by zone and type.
    package func withSpot(_ prices: [String: [String: Rate]]) -> Catalogue {
        Catalogue(
            zones: zones.map { zone in
                var zone = zone
                guard let known = prices[zone.name] else { return zone }
                for index in zone.types.indices { zone.types[index].spotRate = known[zone.types[index].name] }
                return zone
            })
    }
}
