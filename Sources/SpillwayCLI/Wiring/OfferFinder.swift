import SpillwayCore
import SpillwayEngine

/// What one provider has for a query, and where that is known from.
struct ProviderOffers: Sendable {
    var provider: ProviderName
    var query: OfferQuery
    var search: OfferSearch
    var isLive: Bool
    var notes: [String] = []
}

/// Searches the providers that a spec names, live where there are credentials.
struct OfferFinder: Sendable {
    let invocation: Invocation
    let spec: Spec
    let stateDir: String
    let offline: Bool
    /// A provider without credentials is then passed over, not told of from its catalogue.
    var needsCredentials = false

    /// One entry for each provider that has something. Throws when none has, with every reason.
    func find() async throws -> [ProviderOffers] {
        try checkZones()
        var found: [ProviderOffers] = []
        var problems: [Diagnostic] = []
        for name in spec.providers.value {
            do {
                if let offers = try await find(name) { found.append(offers) }
            } catch let error as Diagnostics {
                problems += error.all
            } catch let error as ProviderError {
                problems.append(error.diagnostic)
            }
        }
        guard !found.isEmpty else { throw Diagnostics(problems) }
        found[0].notes += problems.map { "\($0.summary): \($0.detail)" }
        return found
    }

    /// nil where the spec names zones and none of them is this provider's.
    private func find(_ name: ProviderName) async throws -> ProviderOffers? {
        let rules = Cloud.rules(of: name, environment: invocation.environment)
        var query = OfferQuery(spec)
        if spec.providers.value.count > 1 {
            query.zones.removeAll { !rules.traits.zones.contains($0.value) }
            if query.zones.isEmpty, !spec.zones.isEmpty { return nil }
        }
        func known() throws -> OfferSearch {
            try OfferSearch.find(query, rules: rules, catalogue: rules.catalogue())
        }
        guard !offline, name != .local || needsCredentials else {
            return ProviderOffers(provider: name, query: query, search: try known(), isLive: false)
        }
        var narrowed = spec
        narrowed.zones = query.zones
        let cloud: Cloud
        do {
            cloud = try await CloudChoice(invocation: invocation, stateDir: stateDir, spec: narrowed).open(name)
        } catch let error as Diagnostic where SweepClouds.notConfigured.contains(error.code) {
            guard !needsCredentials else { throw Diagnostics([error]) }
            return ProviderOffers(
                provider: name, query: query, search: try known(), isLive: false,
                notes: ["No credentials for \(name.rawValue): prices are those of the catalogue, stock is not known."])
        }
        let zones = try query.zones.isEmpty ? cloud.zones(having: known) : query.zones.map(\.value)
        let catalogue = try await cloud.catalogue(zones: zones, for: query)
        return ProviderOffers(
            provider: name, query: query,
            search: try OfferSearch.find(query, rules: rules, catalogue: catalogue), isLive: true)
    }

    /// A zone that no provider of the spec has is a mistake; one that another has is not.
    private func checkZones() throws {
        guard spec.providers.value.count > 1 else { return }
        let known = spec.providers.value.flatMap {
            Cloud.rules(of: $0, environment: invocation.environment).traits.zones
        }
        let unknown = spec.zones.filter { !known.contains($0.value) }
        guard !unknown.isEmpty else { return }
        throw Diagnostics(
            unknown.map { zone in
                Diagnostic(
                    "spec.unknown-zone", "Unknown zone",
                    detail: "None of \(spec.providers.value.map(\.rawValue).joined(separator: " and ")) has a zone "
                        + "\"\(zone.value)\".",
                    remedy: Suggestion.nearest(to: zone.value, among: known).map { "Did you mean \($0)?" },
                    exists: "Nothing was created.", source: zone.location, exit: .usage)
            })
    }
}
