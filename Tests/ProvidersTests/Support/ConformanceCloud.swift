import Foundation
import SpillwayCore
import SpillwayProviders
import SpillwayTransport
import TestSupport
import Testing

/// A cloud that the conformance suite runs against: an honest one, over real HTTP on loopback.
enum ConformanceCloud: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case scaleway, ec2, moto

    /// Those whose lost answers and lack of stock this suite knows by their requests; EC2's are in AWSCloudSimTests.
    static let playing: [ConformanceCloud] = [.scaleway]

    var testDescription: String { rawValue }

    /// Opens one of its own for a test and ends it, whatever happens.
    func opened(_ body: (ConformanceSite) async throws -> Void) async throws {
        switch self {
        case .scaleway:
            try await withCloudSim(["--without-guests", "--time-scale", "0.002", "--seed", "7"]) { cloud in
                try await body(ConformanceSite(scaleway: cloud))
            }
        case .ec2:
            try await withCloudSim(["--without-guests", "--time-scale", "0.002", "--seed", "7"]) { cloud in
                try await body(ConformanceSite(ec2: cloud))
            }
        case .moto:
            guard let moto = await MotoServer.shared.value else { return }
            try await body(ConformanceSite(moto: moto))
        }
    }
}

/// One opened cloud: its provider, what to ask for there, and the handles that make it misbehave.
struct ConformanceSite: Sendable {
    let provider: any CloudProvider
    let zone: String
    /// A type with only block storage, and one with a disk of its own.
    let blockType: String
    let localType: String
    let image: String
    let tags: ResourceTags
    private let http = CurlHTTPClient()
    private let counting: CountingHTTP?
    private let controlURL: String

    init(scaleway cloud: CloudSimProcess) {
        provider = Self.scaleway(cloud, secret: cloud.secretKey, project: cloud.projectID)
        (zone, blockType, localType, image) = ("nl-ams-1", "POP2-2C-8G", "DEV1-S", "ubuntu-24.04")
        tags = ScalewaySamples.tags
        controlURL = cloud.apiURL + "/_sim"
        counting = nil
    }

    init(ec2 cloud: CloudSimProcess) {
        let counting = CountingHTTP()
        provider = AWSSamples.provider(
            counting, url: cloud.ec2.endpoint_url, credentials: AWSCredentials(cloud.ec2))
        (zone, blockType, localType, image) = (AWSSamples.zone, "t3.micro", "t3.micro", "ubuntu-24.04")
        tags = AWSSamples.tags()
        controlURL = cloud.apiURL + "/_sim"
        self.counting = counting
    }

    /// Of one shared by all tests: each keeps to an owner of its own.
    init(moto: MotoServer) {
        let counting = CountingHTTP()
        provider = AWSSamples.provider(counting, url: moto.url)
        (zone, blockType, localType, image) = (AWSSamples.zone, "t3.micro", "t3.micro", "amazon-linux-2023")
        tags = AWSSamples.tags()
        controlURL = moto.url + "/moto-api"
        self.counting = counting
    }

    static func scaleway(_ cloud: CloudSimProcess, secret: String, project: String) -> ScalewayProvider {
        ScalewayProvider(
            settings: ScalewaySettings(apiURL: cloud.apiURL, secretKey: Secret(secret), projectID: project),
            http: CurlHTTPClient(),
            retry: RetryPolicy(base: .milliseconds(2), ceiling: .milliseconds(20)),
            sleep: { try await Task.sleep(for: $0) }, random: { Double.random(in: 0..<1) },
            now: { Timestamp(seconds: Int64(Date.now.timeIntervalSince1970)) })
    }

    var scope: TagScope { .burst(owner: tags.owner, burst: tags.burst) }

    func list(_ kinds: Set<ResourceKind> = Set(ResourceKind.allCases)) async throws -> [CloudResource] {
        try await provider.list(kinds, scope: scope, zones: [zone])
    }

    // MARK: Misbehaviour

    @discardableResult
    func control(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> HTTPResponse {
        let response = try await http.send(
            HTTPRequest(
                method, "\(controlURL)/\(path)", headers: [.init("Content-Type", "application/json")],
                body: body.map { Array($0.utf8) }))
        try #require(response.status < 300, "\(response.status) \(String(decoding: response.body, as: UTF8.self))")
        return response
    }

    /// `rules` as the simulated cloud's `/_sim/faults` takes them.
    func misbehave(_ rules: String) async throws { try await control(.put, "faults", "[\(rules)]") }

    /// Removes a server as somebody else would.
    func vanish(_ server: CloudResource) async throws {
        if controlURL.hasSuffix("/_sim") {
            try await control(.post, "servers/\(server.id.id)/vanish")
        } else {
            try await provider.remove(server, log: OpenLog())
        }
    }

    func requestCount() async throws -> Int {
        if let counting { return counting.actions.count }
        struct Count: Decodable { var total: Int }
        return try JSONDecoder().decode(Count.self, from: Data(try await control(.get, "requests").body)).total
    }

    // MARK: Building blocks

    func firewall(tags: ResourceTags? = nil) async throws -> CloudResource {
        let tags = tags ?? self.tags
        return try await provider.createFirewall(
            FirewallRequest(
                name: "spillway-\(tags.burst)-\(tags.owner)", zone: zone, tags: tags,
                admission: SSHAdmission(cidrs: ["203.0.113.7/32"], port: 22)), log: OpenLog())
    }

    func address(node: Int, _ log: OpenLog = OpenLog()) async throws -> CloudResource {
        var tags = tags
        tags.node = node
        return try await provider.createAddress(AddressRequest(zone: zone, tags: tags), log: log)
    }

    func group(_ nodes: [ServerGroup.Node], local: Bool = false, firewall: ResourceID) async throws -> ServerGroup {
        let catalogue = try await provider.catalogue(zones: [zone])
        let type = try #require(catalogue.zone(zone)?.type(local ? localType : blockType))
        let root = RootVolume(kind: local && localType != blockType ? .local : .block, sizeBytes: 20_000_000_000)
        let image = try await provider.resolveImage(image, zone: zone, type: type, root: root.kind)
        return ServerGroup(
            zone: zone, instanceType: type.name, image: image, root: root, firewall: firewall, tags: tags,
            nodes: nodes, rate: type.rate)
    }

    /// Servers with an address each, powered on where they are born stopped, seen running.
    func running(_ count: Int, local: Bool = false, firewall: ResourceID) async throws -> [CloudResource] {
        let servers = try await stopped(count, local: local, firewall: firewall)
        for server in servers { try await provider.boot(server, userData: Self.userData, log: OpenLog()) }
        return try await eventually("all run") {
            let listed = try await list([.server])
            return listed.allSatisfy { $0.lifecycle == .running } && listed.count == count ? listed : nil
        }
    }

    func stopped(_ count: Int, local: Bool = false, firewall: ResourceID) async throws -> [CloudResource] {
        var nodes: [ServerGroup.Node] = []
        for index in 0..<count {
            let address = provider.traits.separateAddresses ? try await address(node: index).id : nil
            nodes.append(.init(index: index, name: "render-\(index)", address: address, userData: Self.userData))
        }
        let group = try await group(nodes, local: local, firewall: firewall)
        return try await provider.createServers(group, log: OpenLog()).map { try $0.get() }
    }

    static let userData = "#cloud-config\n"

    /// Looks until `look` finds something; a cloud that never gets there fails the test.
    func eventually<Value>(_ what: String, _ look: () async throws -> Value?) async throws -> Value {
        for _ in 0..<2000 {
            if let value = try await look() { return value }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Never(what: what)
    }

    struct Never: Error {
        var what: String
    }

    /// Removes what the listing shows until nothing is left, as the engine does.
    func removeAll() async throws {
        try await eventually("nothing is left") {
            let listed = try await list()
            for resource in listed.sorted(by: { $0.id.kind.rank > $1.id.kind.rank }) {
                do throws(ProviderError) {
                    try await provider.remove(resource, log: OpenLog())
                } catch {
                    guard error.kind == .busy else { throw error }
                }
            }
            return listed.isEmpty ? () : nil
        }
    }
}
