import SpillwayCore
import SpillwayProviders
import Testing

@Suite struct ScalewayMutationTests {
    private static let blockVolume = #"{"0":{"id":"63b023a4-2a75-4eb8-8f23-4dc7e7a8b50e","volume_type":"sbs_volume"}}"#
    private static let preconditionFailed =
        #"{"type":"precondition_failed","precondition":"resource_not_usable","help_message":"server should be stopped","message":"precondition is not respected"}"#
    private static let notFound =
        #"{"type":"not_found","message":"resource is not found","resource":"x","resource_id":"y"}"#

    private func created(_ results: [Result<CloudResource, ProviderError>]) throws -> [CloudResource] {
        try results.map { try $0.get() }
    }

    // MARK: Create

    @Test func `a server is created for the project, without a dynamic address, and its volume is tagged after`()
        async throws
    {
        let http = CannedHTTP { request, _ in
            request.method == .post
                ? .json(201, ScalewaySamples.serverBody(volumes: Self.blockVolume)) : .json(200, "{}")
        }
        let log = OpenLog()
        let servers = try created(
            await ScalewaySamples.provider(http).createServers(ScalewaySamples.group(), log: log))
        #expect(servers.map(\.id) == [ScalewaySamples.server])
        #expect(
            http.requests.map(\.text) == [
                #"{"boot_type":"local","commercial_type":"DEV1-S","dynamic_ip_required":false,"#
                    + #""image":"4481c662-2357-432f-b0fd-dd6470c08c49","name":"render-0","#
                    + #""project":"105bdce1-64c0-48ab-899d-868455867ecf","public_ips":[],"#
                    + #""security_group":"5881315f-2400-43a0-ac75-08adf6cb8c12","tags":["spillway:owner=o-1","#
                    + #""spillway:state=s-1","spillway:burst=render","spillway:run=r-1","spillway:attempt=r-1.1","#
                    + #""spillway:node=0","spillway:expires=2027-01-15T08:00:00Z"],"#
                    + #""volumes":{"0":{"size":20000000000,"volume_type":"sbs_volume"}}}"#,
                #"{"name":"render-0","tags":["spillway:owner=o-1","spillway:state=s-1","spillway:burst=render","#
                    + #""spillway:run=r-1","spillway:attempt=r-1.1","spillway:node=0","#
                    + #""spillway:expires=2027-01-15T08:00:00Z"]}"#,
            ])
        #expect(
            http.requests.map(\.path) == [
                "/instance/v1/zones/fr-par-1/servers",
                "/block/v1/zones/fr-par-1/volumes/63b023a4-2a75-4eb8-8f23-4dc7e7a8b50e",
            ])
        #expect(log.operations == [.createServers, .tag])
        #expect(log.entries[0].intent.tags?.node == 0 && log.entries[0].intent.rate == ScalewaySamples.rate)
        #expect(log.entries[0].outcome == .done(created: servers))
    }

    @Test func `a local root volume is tagged through the Instance API`() async throws {
        let http = CannedHTTP { request, _ in
            request.method == .post
                ? .json(201, ScalewaySamples.serverBody(volumes: #"{"0":{"id":"v-1","volume_type":"l_ssd"}}"#))
                : .json(200, "{}")
        }
        _ = try created(
            await ScalewaySamples.provider(http).createServers(ScalewaySamples.group(root: .local), log: OpenLog()))
        #expect(http.requests.last?.path == "/instance/v1/zones/fr-par-1/volumes/v-1")
        #expect(http.requests.first?.text.contains(#""volume_type":"l_ssd""#) == true)
    }

    @Test(arguments: [
        HTTPResponse.text(200, "<html>welcome</html>", type: "text/html"),
        .json(201, #"{"server":{"id":"c633"#), .json(201, #"{"server":{"name":"no id"}}"#),
        .json(500, #"{"type":"server_error","message":"Internal error"}"#),
        .text(502, "bad gateway", type: "text/html"),
    ])
    func `a create whose answer is of no use is asked once and leaves an open question`(
        _ response: HTTPResponse
    ) async throws {
        let http = CannedHTTP(always: response)
        let log = OpenLog()
        let result = try #require(
            await ScalewaySamples.provider(http).createServers(ScalewaySamples.group(), log: log).first)
        #expect(throws: ProviderError.self) { try result.get() }
        guard case .failure(let error) = result else { return }
        #expect(error.kind == .unknownOutcome)
        #expect(http.requests.count == 1)
        #expect(log.entries.first?.outcome == .unknown(error: error))
    }

    @Test func `a create is asked again only when it was turned away at the door`() async throws {
        let http = CannedHTTP { _, number throws(HTTPFailure) in
            switch number {
            case 1: throw HTTPFailure(.connect, reachedServer: false, detail: "refused")
            case 2: return HTTPResponse(status: 429)
            default: return .json(201, ScalewaySamples.serverBody())
            }
        }
        let servers = try created(
            await ScalewaySamples.provider(http).createServers(ScalewaySamples.group(), log: OpenLog()))
        #expect(servers.count == 1 && http.requests.count == 3)
    }

    @Test func `one node without stock does not undo its siblings, and stock is not waited for`() async {
        let http = CannedHTTP { request, _ in
            request.text.contains("render-1")
                ? .json(503, #"{"type":"out_of_stock","resource":"DEV1-S","message":"resource is out of stock"}"#)
                : .json(201, ScalewaySamples.serverBody())
        }
        let results = await ScalewaySamples.provider(http).createServers(
            ScalewaySamples.group(nodes: 3), log: OpenLog())
        let kinds = results.map { result -> ProviderError.Kind? in
            if case .failure(let error) = result { error.kind } else { nil }
        }
        #expect(kinds == [nil, .noCapacity, nil])
        #expect(http.requests.count == 3)
    }

    @Test func `a server whose volume cannot be tagged is a failure that the journal knows the server of`() async throws
    {
        let http = CannedHTTP { request, _ in
            request.method == .post
                ? .json(201, ScalewaySamples.serverBody(volumes: Self.blockVolume)) : .json(404, Self.notFound)
        }
        let log = OpenLog()
        let results = await ScalewaySamples.provider(http).createServers(ScalewaySamples.group(), log: log)
        #expect(throws: ProviderError.self) { try results[0].get() }
        guard case .done(let made)? = log.entries[0].outcome else { throw CancellationError() }
        #expect(made.map(\.id) == [ScalewaySamples.server])
    }

    @Test func `a volume that is not there yet is tagged a moment later`() async throws {
        let http = CannedHTTP { request, number in
            switch (request.method, number) {
            case (.post, _): .json(201, ScalewaySamples.serverBody(volumes: Self.blockVolume))
            case (_, 2): .json(404, Self.notFound)
            default: .json(200, "{}")
            }
        }
        _ = try created(
            await ScalewaySamples.provider(http).createServers(ScalewaySamples.group(), log: OpenLog()))
        #expect(http.requests.count == 3)
    }

    @Test func `a firewall drops everything inbound but SSH from the admitted`() async throws {
        let http = CannedHTTP { request, _ in
            request.method == .post
                ? .json(
                    201,
                    #"{"security_group":{"id":"g-1","name":"n","description":null,"servers":[],"state":"available","tags":[],"creation_date":"2026-07-30T12:54:58.351478+00:00"}}"#
                )
                : .json(200, "{}")
        }
        let log = OpenLog()
        let admission = SSHAdmission(cidrs: ["203.0.113.7/32", "2001:db8::/64"], port: 2222)
        let group = try await ScalewaySamples.provider(http).createFirewall(
            FirewallRequest(name: "n", zone: "fr-par-1", tags: ScalewaySamples.tags, admission: admission), log: log)
        #expect(group.admits == admission)
        #expect(http.requests.map(\.method) == [.post, .put, .patch])
        #expect(http.requests[0].text.contains(#""inbound_default_policy":"drop""#))
        #expect(
            http.requests[1].text
                == #"{"rules":[{"action":"accept","dest_port_from":2222,"direction":"inbound","#
                + #""ip_range":"2001:db8::/64","position":1,"protocol":"TCP"},"#
                + #"{"action":"accept","dest_port_from":2222,"direction":"inbound","#
                + #""ip_range":"203.0.113.7/32","position":2,"protocol":"TCP"}]}"#)
        #expect(http.requests[2].text == #"{"description":"spillway:admits=2222;2001:db8::/64;203.0.113.7/32"}"#)
        #expect(log.operations == [.createFirewall, .admit, .admit])
    }

    // MARK: Boot

    @Test func `user data goes before power`() async throws {
        let http = CannedHTTP { request, _ in
            request.method == .patch ? .text(204, "") : .json(202, #"{"task":{}}"#)
        }
        let log = OpenLog()
        try await ScalewaySamples.provider(http).boot(
            ScalewaySamples.resource(.stopped), userData: "#cloud-config\n", log: log)
        #expect(http.requests.map(\.text) == ["#cloud-config\n", #"{"action":"poweron"}"#])
        #expect(http.requests[0].path.hasSuffix("/user_data/cloud-init"))
        #expect(http.requests[0].headers.contains(.init("Content-Type", "text/plain")))
        #expect(log.operations == [.setUserData, .powerOn])
    }

    @Test(arguments: [Lifecycle.running, .starting])
    func `a server that is on is left alone`(_ lifecycle: Lifecycle) async throws {
        let http = CannedHTTP(always: .json(500, "{}"))
        try await ScalewaySamples.provider(http).boot(
            ScalewaySamples.resource(lifecycle), userData: "", log: OpenLog())
        #expect(http.requests.isEmpty)
    }

    @Test(arguments: [("starting", true), ("running", true), ("stopped", false), ("stopping", false)])
    func `a refused power-on is believed after reading the state again`(_ state: String, _ isFine: Bool) async {
        let http = CannedHTTP { request, _ in
            switch request.method {
            case .patch: .text(204, "")
            case .post: .json(400, Self.preconditionFailed)
            default: .json(200, ScalewaySamples.serverBody(state: state))
            }
        }
        let error = await failure { () async throws(ProviderError) in
            try await ScalewaySamples.provider(http).boot(
                ScalewaySamples.resource(.stopped), userData: "", log: OpenLog())
        }
        #expect(error?.kind == (isFine ? nil : .busy))
    }

    @Test func `a power-on without stock is not repeated`() async {
        let http = CannedHTTP { request, _ in
            request.method == .patch
                ? .text(204, "")
                : .json(503, #"{"type":"out_of_stock","resource":"L4","message":"resource is out of stock"}"#)
        }
        let error = await failure { () async throws(ProviderError) in
            try await ScalewaySamples.provider(http).boot(
                ScalewaySamples.resource(.stopped), userData: "", log: OpenLog())
        }
        #expect(error?.kind == .noCapacity)
        #expect(http.requests.count == 2)
    }

    // MARK: Remove

    @Test(arguments: [
        (Lifecycle.running, [#"{"action":"terminate"}"#]), (.standby, [#"{"action":"terminate"}"#]), (.stopped, [""]),
    ])
    func `a server is removed with the call that fits its state`(_ lifecycle: Lifecycle, _ bodies: [String])
        async throws
    {
        let http = CannedHTTP { request, _ in
            request.method == .delete ? HTTPResponse(status: 204) : .json(202, #"{"task":{}}"#)
        }
        try await ScalewaySamples.provider(http).remove(ScalewaySamples.resource(lifecycle), log: OpenLog())
        #expect(http.requests.map(\.text) == bodies)
    }

    @Test(arguments: [Lifecycle.starting, .stopping, .changing])
    func `between states a server is busy and nothing is asked`(_ lifecycle: Lifecycle) async {
        let http = CannedHTTP(always: HTTPResponse(status: 204))
        let error = await failure { () async throws(ProviderError) in
            try await ScalewaySamples.provider(http).remove(ScalewaySamples.resource(lifecycle), log: OpenLog())
        }
        #expect(error?.kind == .busy && http.requests.isEmpty)
    }

    @Test func `a refused terminate falls back to power-off`() async throws {
        let http = CannedHTTP { request, _ in
            request.text.contains("terminate") ? .json(400, Self.preconditionFailed) : .json(202, #"{"task":{}}"#)
        }
        let log = OpenLog()
        try await ScalewaySamples.provider(http).remove(ScalewaySamples.resource(.running), log: log)
        #expect(log.operations == [.terminate, .powerOff])
    }

    @Test(arguments: ResourceKind.allCases)
    func `what is gone already is removed`(_ kind: ResourceKind) async throws {
        let http = CannedHTTP(always: .json(404, Self.notFound))
        let resource = CloudResource(
            id: ResourceID(kind, zone: "fr-par-1", id: "x"), name: "x", tags: ScalewaySamples.tags,
            lifecycle: kind == .server ? .running : .available)
        try await ScalewaySamples.provider(http).remove(resource, log: OpenLog())
        #expect(!http.requests.isEmpty)
        #expect(try await ScalewaySamples.provider(http).isGone(resource.id))
    }

    @Test func `a page of a gateway is not believed to say that something is gone`() async {
        let http = CannedHTTP(always: .text(404, "<html>no such page</html>", type: "text/html"))
        let error = await failure { () async throws(ProviderError) in
            _ = try await ScalewaySamples.provider(http).isGone(ScalewaySamples.server)
        }
        #expect(error?.kind == .malformedAnswer)
    }

    @Test func `a volume still held is busy, and one on neither storage is gone`() async throws {
        let http = CannedHTTP { request, _ in
            request.path.hasPrefix("/block") ? .json(404, Self.notFound) : HTTPResponse(status: 204)
        }
        var volume = CloudResource(
            id: ResourceID(.volume, zone: "fr-par-1", id: "v"), name: "v", tags: nil, lifecycle: .changing)
        let error = await failure { [volume] () async throws(ProviderError) in
            try await ScalewaySamples.provider(http).remove(volume, log: OpenLog())
        }
        #expect(error?.kind == .busy && http.requests.isEmpty)
        volume.lifecycle = .available
        try await ScalewaySamples.provider(http).remove(volume, log: OpenLog())
        #expect(
            http.requests.map(\.path) == [
                "/block/v1/zones/fr-par-1/volumes/v", "/instance/v1/zones/fr-par-1/volumes/v",
            ])
    }

    @Test func `a group in use is busy`() async {
        let http = CannedHTTP(
            always: .json(409, #"{"type":"conflict","message":"Group is in use. You cannot delete it."}"#))
        let group = CloudResource(
            id: ResourceID(.firewall, zone: "fr-par-1", id: "g"), name: "g", tags: nil, lifecycle: .attached)
        let error = await failure { () async throws(ProviderError) in
            try await ScalewaySamples.provider(http).remove(group, log: OpenLog())
        }
        #expect(error?.kind == .busy)
    }

    // MARK: User data

    @Test(arguments: [HTTPResponse(status: 204), .text(404, ""), .json(404, ScalewayMutationTests.notFound)])
    func `clearing the user data twice is fine`(_ response: HTTPResponse) async throws {
        try await ScalewaySamples.provider(CannedHTTP(always: response))
            .clearUserData(ScalewaySamples.server, log: OpenLog())
    }
}
