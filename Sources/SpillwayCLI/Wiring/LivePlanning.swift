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
        // What cannot be planned from the cache, such as another type than then, is planned anew.
        if state?.run.map({ $0.phase != .ended }) ?? false, let catalogue = cache.read(covering: zones),
            let known = try? plan(catalogue, cloud, state, observed),
            !known.plan.steps.contains(where: { $0.action == .create })
        {
            return known
        }
        let catalogue = try await cloud.catalogue(zones: zones, for: query)
        let planned = try plan(catalogue, cloud, state, observed)
        cache.write(catalogue.only(Set(planned.desired.offers.map(\.type.name))), at: now)
        return planned
    }

    private func plan(
        _ catalogue: Catalogue, _ cloud: Cloud, _ state: BurstState?, _ observed: [CloudResource]
    ) throws -> PlannedBurst {
        let (desired, skipped) = try desired(
            catalogue, defaultZone: cloud.defaultZone, current: state?.run.flatMap { $0.phase == .ended ? nil : $0 })
        let plan = try Planner.plan(
            .init(
                burst: file.spec.name.value, traits: rules.traits, desired: desired, state: state, observed: observed,
                basis: basis(desired, state: state, catalogue: catalogue, account: cloud.account, live: true),
                skipped: skipped))
        return PlannedBurst(plan: plan, desired: desired, observed: observed)
    }

    /// The spec's zones as far as they exist. Where it names none: by requirements every zone that has what is asked
    /// for, as far as the catalogue knows and the cloud was opened for it; by name the default one.
    private func zones(_ cloud: Cloud) throws -> [String] {
        let reachable = cloud.provider.traits.zones
        let named = file.spec.zones.map(\.value)
        let known = named.filter(rules.traits.zones.contains)
        guard known.isEmpty else { return known }
        let byName = file.spec.resources.instanceType != nil
        if named.isEmpty, let zone = cloud.defaultZone, rules.catalogue().zone(zone) == nil, reachable.contains(zone) {
            // Only live prices know this region.
            return byName ? [zone] : reachable
        }
        // Unknown zones, and what no zone has, are refused here.
        let offered = try desired(rules.catalogue(), defaultZone: cloud.defaultZone).0.offers.map(\.zone)
        guard named.isEmpty, !byName else { return offered }
        return try cloud.zones { OfferSearch(query, rules: rules, zones: rules.catalogue().zones) }
    }
}
