import SpillwayCore
import SpillwayEngine
import SpillwayTransport

/// From a spec to its plan: offline from the spec and the catalogue alone, live from what is there now.
struct BurstPlanning: Sendable {
    let file: SpecFile
    let rules: ProviderRules
    let exchangeRates: ExchangeRates
    /// Of a run that is left to itself; see ``Desired/keeperInterval``.
    var keeperInterval: Seconds?
    /// By earlier tries under the same cap, each in the currency it was paid in.
    var spent: [Money] = []

    /// No network, no credentials, no environment, no clock: the same bytes on every run and machine.
    func offline() throws -> PlannedBurst {
        let catalogue = rules.catalogue()
        let (desired, skipped) = try desired(catalogue)
        let plan = try Planner.plan(
            .init(
                burst: file.spec.name.value, traits: rules.traits, desired: desired, state: nil, observed: nil,
                basis: basis(desired, state: nil, catalogue: catalogue, account: nil, live: false), skipped: skipped))
        return PlannedBurst(plan: plan, desired: desired, observed: [])
    }

    var query: OfferQuery { OfferQuery(file.spec, keeperInterval: keeperInterval) }

    func desired(
        _ catalogue: Catalogue, defaultZone: String? = nil, current: RunRecord? = nil
    ) throws -> (Desired, skipped: [String]) {
        let spec = file.spec
        var (cap, note) = cap(catalogue)
        for spent in spent {
            // What cannot be compared leaves nothing.
            let taken = exchangeRates.convert(spent, to: cap.currency, rounding: .up)?.micros ?? cap.micros
            cap.micros = max(0, cap.micros - taken)
        }
        let selection = try OfferSelection.select(
            query, rules: rules, catalogue: catalogue,
            terms: .init(defaultZone: defaultZone, current: current, cap: cap))
        let admission: Desired.Admission =
            switch spec.ssh.allowFrom {
            case .auto: .caller(port: spec.ssh.port.value)
            case .blocks(let blocks):
                .listed(SSHAdmission(cidrs: blocks.map(\.value.description), port: spec.ssh.port.value))
            }
        let desired = Desired(
            burst: spec.name.value, nodes: spec.nodes.value, image: spec.resources.image.value,
            offers: selection.offers, admission: admission, cap: cap, maxDuration: spec.budget.maxDuration.value,
            keeperInterval: keeperInterval, egressGB: spec.egressGB, notes: [note].compactMap(\.self),
            specDigest: file.digest)
        return (desired, selection.skipped)
    }

    /// The spec's cap in the currency of the prices, rounded down, where the user wrote a rate for that.
    private func cap(_ catalogue: Catalogue) -> (Money, note: String?) {
        let written = file.spec.budget.maxCost.value
        guard let currency = catalogue.currency, currency != written.currency,
            let rate = exchangeRates.rate(written.currency, currency),
            let cap = exchangeRates.convert(written, to: currency, rounding: .down)
        else { return (written, nil) }
        return (cap, "The cap of \(written) is \(cap) at your rate: \(rate.sentence).")
    }

    func basis(
        _ desired: Desired, state: BurstState?, catalogue: Catalogue, account: String?, live: Bool
    ) -> Plan.Basis {
        Plan.Basis(
            spec: file.digest, lineage: state?.lineage, journalSeq: state?.journalSeq ?? 0,
            prices: "sha256:"
                + LibCrypto.sha256(Array(prices(desired, catalogue).joined(separator: "\n").utf8)).hex,
            tool: ToolVersion.current, account: account, live: live)
    }

    /// Of what the spec names, stock aside; where it names no type, of what was chosen.
    private func prices(_ desired: Desired, _ catalogue: Catalogue) -> [String] {
        guard let type = file.spec.resources.instanceType?.value else {
            return desired.offers.map { "\($0.zone) \($0.type.name) \($0.isSpot) \($0.rates)" }
        }
        let zones = catalogue.zones.filter { zone in
            file.spec.zones.isEmpty || file.spec.zones.contains { $0.value == zone.name }
        }
        return zones.map { zone in
            "\(zone.name) \(zone.type(type).map { "\($0.rate)" } ?? "-") \(zone.blockVolume.map { "\($0)" } ?? "-")"
                + " \(zone.localVolume.map { "\($0)" } ?? "-") \(zone.ipv4.map { "\($0)" } ?? "-")"
        }
    }

    /// Refuses what does not fit under the cap, before anything is asked for.
    func guardCost(_ planned: PlannedBurst) throws {
        let desired = planned.desired
        guard let estimate = planned.plan.estimate, !planned.plan.isEmpty else { return }
        try CostGuard.check(
            estimate, cap: desired.cap, source: file.spec.budget.maxCost.location,
            longest: WorstCase.longest(
                offers: desired.offers, nodes: desired.nodes, assuming: desired.assumptions(rules.traits),
                cap: desired.cap))
    }
}
