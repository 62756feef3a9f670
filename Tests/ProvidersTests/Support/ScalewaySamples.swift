import SpillwayCore
import SpillwayProviders

/// Values that the tests of the Scaleway adapter share.
enum ScalewaySamples {
    static let secret = "11111111-2222-4333-8444-555555555555"
    static let project = "105bdce1-64c0-48ab-899d-868455867ecf"
    static let server = ResourceID(.server, zone: "fr-par-1", id: "c633e742-02c8-4ae7-a465-5fe8e4b1715f")

    static let tags = ResourceTags(
        owner: "o-1", stateID: "s-1", burst: "render", run: "r-1", attempt: "r-1.1", node: nil,
        expires: Timestamp(seconds: 1_800_000_000))

    static let tagList = tags.pairs.map { "\($0.key)=\($0.value)" }

    static let rate = Rate(
        nanos: 8_976_000, granule: .hours(1), minimum: .hours(1), currency: .eur,
        source: PriceSource(name: "catalogue", date: "2026-08-17"))

    /// A provider that never waits between repeats.
    static func provider(_ http: any HTTPClient, apiURL: String = "https://api.scaleway.com") -> ScalewayProvider {
        ScalewayProvider(
            settings: ScalewaySettings(apiURL: apiURL, secretKey: Secret(secret), projectID: project), http: http,
            sleep: { _ in try Task.checkCancellation() }, random: { 0.5 }, now: { Timestamp(seconds: 1_790_000_000) })
    }

    static func group(nodes: Int = 1, root: RootVolume.Kind = .block) -> ServerGroup {
        ServerGroup(
            zone: "fr-par-1", instanceType: "DEV1-S",
            image: ImageReference(alias: "ubuntu-24.04", id: "4481c662-2357-432f-b0fd-dd6470c08c49", root: root),
            root: RootVolume(kind: root, sizeBytes: 20_000_000_000),
            firewall: ResourceID(.firewall, zone: "fr-par-1", id: "5881315f-2400-43a0-ac75-08adf6cb8c12"),
            tags: tags,
            nodes: (0..<nodes).map { .init(index: $0, name: "render-\($0)", address: nil, userData: "") }, rate: rate)
    }

    static func serverBody(state: String = "stopped", volumes: String = "{}", tags: [String] = []) -> String {
        let list = tags.map { "\"\($0)\"" }.joined(separator: ",")
        return """
            {"server":{"id":"\(server.id)","name":"render-0","commercial_type":"DEV1-S","image":null,
            "volumes":\(volumes),"tags":[\(list)],"state":"\(state)","state_detail":"","public_ips":[],
            "creation_date":"2026-07-30T12:53:15.206437+00:00","security_group":null}}
            """
    }

    static func resource(_ lifecycle: Lifecycle) -> CloudResource {
        CloudResource(id: server, name: "render-0", tags: tags, lifecycle: lifecycle)
    }
}

/// The provider's error that `body` ends with; nil when it ends well.
func failure(_ body: () async throws(ProviderError) -> Void) async -> ProviderError? {
    do throws(ProviderError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
