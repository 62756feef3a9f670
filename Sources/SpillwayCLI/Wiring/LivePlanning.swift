import SpillwayCore
import SpillwayEngine

/// A plan with everything that carrying it out needs; `observed` is empty in an offline one.
struct PlannedBurst: Sendable {
    var plan: Plan
    var desired: Desired
    var observed: [CloudResource]
}

extension BurstPlanning {
    /// Plans from cached prices first: when nothing is to be made, no price is asked for. Otherwise the catalogue is
    /// read now, so that stock and prices are those of this moment.
    /// `observe` looks at the given zones; it is called once.
    func live(
        cloud: Cloud, state: BurstState?, cache: CatalogueCache, now: Timestamp,
        observe: ([String]) async throws -> [CloudResource]
    ) async throws -> PlannedBurst {
        let zones = try zones(cloud)
        let observed = try await observe(zones)
        if state?.run.map({ $0.phase != .ended }) ?? false, let catalogue = cache.read(covering: zones) {
            let known = try plan(catalogue, cloud, state, observed)
            if !known.plan.steps.contains(where: { $0.action == .create }) { return known }
        }
        let catalogue = try await cloud.provider.catalogue(zones: zones)
        cache.write(catalogue, at: now)
        return try plan(catalogue, cloud, state, observed)
    }

    private func plan(
        _ catalogue: Catalogue, _ cloud: Cloud, _ state: BurstState?, _ observed: [CloudResource]
    ) throws -> PlannedBurst {
        let (desired, skipped) = try desired(catalogue, defaultZone: cloud.defaultZone)
        let plan = try Planner.plan(
            .init(
                burst: file.spec.name.value, traits: rules.traits, desired: desired, state: state, observed: observed,
                basis: basis(state: state, catalogue: catalogue, account: cloud.account, live: true), skipped: skipped))
        return PlannedBurst(plan: plan, desired: desired, observed: observed)
    }

    /// The spec's zones as far as they exist, else the default one; unknown zones are refused by the selection.
    private func zones(_ cloud: Cloud) throws -> [String] {
        let named = file.spec.zones.map(\.value)
        if named.isEmpty {
            let offered = try desired(rules.catalogue(), defaultZone: cloud.defaultZone).0.offers.map(\.zone)
            return offered
        }
        let known = named.filter(rules.traits.zones.contains)
        return known.isEmpty ? try desired(rules.catalogue(), defaultZone: nil).0.offers.map(\.zone) : known
    }
}
