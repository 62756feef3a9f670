package import SpillwayCore

/// Scaleway's Instances, by its REST API: Instance v1, Block v1, Marketplace v2 and the product catalogue.
///
/// What shapes this adapter: servers are born stopped; no create has an idempotency key; a root volume on block
/// storage is born without tags and outlives its server; `terminate` is refused while a server starts or stops.
package struct ScalewayProvider: CloudProvider {
    let api: ScalewayAPI
    let now: @Sendable () -> Timestamp

    package var traits: ProviderTraits { Self.traits }

    /// Boot: the slowest recorded start took 35 s to "running", SSH follows within a minute or so; large GPU images
    /// take minutes. Teardown: the slowest recorded removal took 118 s, the way round by power-off a minute more.
    package static let traits = ProviderTraits(
        name: "scaleway", zones: ScalewayZones.all, separateAddresses: true, bornStopped: true, guestCanEndBill: false,
        loginUser: "root", bootAllowance: .minutes(5), teardownAllowance: .minutes(5), hasSpot: false)

    /// `sleep` and `random` (uniform in 0..<1) serve the repeats of what may be repeated; `now` dates prices.
    package init(
        settings: ScalewaySettings, http: any HTTPClient, retry: RetryPolicy = RetryPolicy(),
        sleep: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.now = now
        let http = RetryingHTTP(client: http, policy: retry, sleep: sleep, random: random)
        api = ScalewayAPI(settings: settings, http: http)
    }

    /// How many calls of one operation are in flight at once.
    static let width = 8

    func instance(_ zone: String, _ path: String) -> String { "/instance/v1/zones/\(percentEncoded(zone))\(path)" }

    func block(_ zone: String, _ path: String) -> String { "/block/v1/zones/\(percentEncoded(zone))\(path)" }

    /// The path of one resource. Of a volume: on block storage; local volumes are Instance's own.
    func path(_ id: ResourceID) -> String {
        let name = percentEncoded(id.id)
        return switch id.kind {
        case .server: instance(id.zone, "/servers/\(name)")
        case .volume: block(id.zone, "/volumes/\(name)")
        case .address: instance(id.zone, "/ips/\(name)")
        case .firewall: instance(id.zone, "/security_groups/\(name)")
        case .key: "/iam/v1alpha1/ssh-keys/\(name)"
        // Kinds of other clouds: a path that exists nowhere.
        case .interface, .request: instance(id.zone, "/\(id.kind.plural)/\(name)")
        }
    }

    func localVolumePath(_ id: ResourceID) -> String { instance(id.zone, "/volumes/\(percentEncoded(id.id))") }

    /// Runs one mutating call through the log: intent, call, outcome.
    func mutate(
        _ operation: Intent.Operation, _ target: ResourceID, tags: ResourceTags? = nil, log: any MutationLog,
        _ call: ScalewayAPI.Call
    ) async throws(ProviderError) {
        let api = api
        try await log.perform(Intent(operation, zone: target.zone, target: target, tags: tags)) {
            () async throws(ProviderError) -> (Void, Outcome) in
            try await api.send(call)
            return ((), .done)
        }
    }
}

package enum ScalewayZones {
    package static let all = [
        "fr-par-1", "fr-par-2", "fr-par-3", "nl-ams-1", "nl-ams-2", "nl-ams-3", "pl-waw-1", "pl-waw-2", "pl-waw-3",
        "it-mil-1",
    ]
}
