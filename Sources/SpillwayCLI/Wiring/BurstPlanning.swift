import SpillwayCore
import SpillwayEngine
import SpillwayTransport

/// From a spec to its plan: offline from the spec and the catalogue alone, live from what is there now.
struct BurstPlanning: Sendable {
    let file: SpecFile
    let rules: ProviderRules
    /// Of a run that is left to itself; see ``Desired/keeperInterval``.
    var keeperInterval: Seconds?

    /// No network, no credentials, no environment, no clock: the same bytes on every run and machine.
    func offline() throws -> PlannedBurst {
        let catalogue = rules.catalogue()
        let (desired, skipped) = try desired(catalogue, defaultZone: nil)
        let plan = try Planner.plan(
            .init(
                burst: file.spec.name.value, traits: rules.traits, desired: desired, state: nil, observed: nil,
                basis: basis(state: nil, catalogue: catalogue, account: nil, live: false), skipped: skipped))
        return PlannedBurst(plan: plan, desired: desired, observed: [])
    }

    func desired(_ catalogue: Catalogue, defaultZone: String?) throws -> (Desired, skipped: [String]) {
        let spec = file.spec
        let selection = try OfferSelection.select(spec, rules: rules, catalogue: catalogue, defaultZone: defaultZone)
        let admission: Desired.Admission =
            switch spec.ssh.allowFrom {
            case .auto: .caller(port: spec.ssh.port.value)
            case .blocks(let blocks):
                .listed(SSHAdmission(cidrs: blocks.map(\.value.description), port: spec.ssh.port.value))
            }
        let desired = Desired(
            burst: spec.name.value, nodes: spec.nodes.value, image: spec.resources.image.value,
            offers: selection.offers,
            admission: admission, cap: spec.budget.maxCost.value, maxDuration: spec.budget.maxDuration.value,
            keeperInterval: keeperInterval, specDigest: file.digest)
        return (desired, selection.skipped)
    }

    func basis(state: BurstState?, catalogue: Catalogue, account: String?, live: Bool) -> Plan.Basis {
        let zones = catalogue.zones.filter { zone in
            file.spec.zones.isEmpty || file.spec.zones.contains { $0.value == zone.name }
        }
        let type = file.spec.resources.instanceType?.value ?? ""
        let prices = zones.map { zone in
            "\(zone.name) \(zone.type(type).map { "\($0.rate)" } ?? "-") \(zone.blockVolume.map { "\($0)" } ?? "-")"
                + " \(zone.localVolume.map { "\($0)" } ?? "-") \(zone.ipv4.map { "\($0)" } ?? "-")"
        }
        return Plan.Basis(
            spec: file.digest, lineage: state?.lineage, journalSeq: state?.journalSeq ?? 0,
            prices: "sha256:" + LibCrypto.sha256(Array(prices.joined(separator: "\n").utf8)).hex,
            tool: ToolVersion.current, account: account, live: live)
    }

    /// Refuses what does not fit under the cap, before anything is asked for.
    func guardCost(_ planned: PlannedBurst) throws {
        let desired = planned.desired
        guard let estimate = planned.plan.estimate, !planned.plan.isEmpty else { return }
        let assumptions = WorstCase.Assumptions(
            maxDuration: desired.maxDuration, boot: rules.traits.bootAllowance,
            teardown: rules.traits.teardownAllowance, keeperInterval: desired.keeperInterval ?? Seconds(0))
        try CostGuard.check(
            estimate, cap: desired.cap, source: file.spec.budget.maxCost.location,
            longest: WorstCase.longest(
                offers: desired.offers, nodes: desired.nodes, assuming: assumptions, cap: desired.cap))
    }
}
