import SpillwayCore
import SpillwayProviders
import Testing

@Suite struct ScalewayErrorTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var status: Int
        var type: String? = "application/json"
        var body: String
        /// What a read says, and what a create says.
        var read: ProviderError.Kind
        var create: ProviderError.Kind
        var says: String
        var argument: String?

        var testDescription: String { "\(status) \(body.prefix(60))" }
    }

    static let shapes: [Shape] = [
        Shape(
            status: 400,
            body:
                #"{"type":"invalid_arguments","message":"invalid argument(s)","details":[{"argument_name":"commercial_type","reason":"required","help_message":"required key not provided"}]}"#,
            read: .invalid, create: .invalid, says: "commercial_type required key not provided",
            argument: "instance_type"),
        Shape(
            status: 400,
            body:
                #"{"type":"invalid_request_error","message":"Validation Error","fields":{"placement_group":["not a valid value"]}}"#,
            read: .invalid, create: .invalid, says: "placement_group: not a valid value", argument: "placement_group"),
        Shape(
            status: 400,
            body:
                #"{"type":"precondition_failed","precondition":"resource_not_usable","help_message":"server should be stopped","message":"precondition is not respected"}"#,
            read: .busy, create: .busy, says: "server should be stopped"),
        Shape(
            status: 412,
            body:
                #"{"help_message":"Snapshot is currently in use, deletion is not permitted.","message":"precondition is not respected","precondition":"protected_resource","type":"precondition_failed"}"#,
            read: .busy, create: .busy, says: "currently in use"),
        Shape(
            status: 401,
            body:
                #"{"type":"denied_authentication","method":"api_key","reason":"not_found","message":"authentication is denied"}"#,
            read: .unauthenticated, create: .unauthenticated, says: "api_key not_found"),
        Shape(
            status: 403,
            body:
                #"{"type":"permissions_denied","message":"insufficient permissions","details":[{"resource":"compute_ips","action":"read"}]}"#,
            read: .forbidden, create: .forbidden, says: "compute_ips read"),
        Shape(
            status: 403, body: #"{"type":"authorization_required","message":"insufficient permissions"}"#,
            read: .forbidden, create: .forbidden, says: "insufficient permissions"),
        Shape(
            status: 403,
            body:
                #"{"type":"quotas_exceeded","message":"quota(s) exceeded for this resource","details":[{"resource":"instances","quota":2,"current":5,"organization_id":"x"}]}"#,
            read: .quota, create: .quota, says: "instances quota 2, in use 5"),
        Shape(
            status: 403,
            body:
                #"{"type": "invalid_request_error", "message": "Quota exceeded for this resource.", "resource": "ips"}"#,
            read: .quota, create: .quota, says: "Quota exceeded"),
        Shape(
            status: 404,
            body:
                #"{"type":"not_found","message":"resource is not found","resource":"instance_image","resource_id":"7a89"}"#,
            read: .notFound, create: .invalid, says: "instance_image 7a89", argument: nil),
        Shape(
            status: 404, body: #"{"type":"unknown_resource","message":"Security Group \"x\" not found"}"#,
            read: .notFound, create: .invalid, says: "Security Group"),
        Shape(
            status: 410,
            body:
                #"{"type":"expired","resource":"volume","resource_id":"v","expired_since":"2023-11-23T12:57:58Z","message":"resource has expired"}"#,
            read: .notFound, create: .invalid, says: "since 2023-11-23"),
        Shape(
            status: 409,
            body:
                #"{"type":"transient_state","resource":"group","resource_id":"g","current_state":"updating","message":"resource is in a transient state"}"#,
            read: .busy, create: .busy, says: "now updating"),
        Shape(
            status: 409, body: #"{"type":"conflict","message":"Group is in use. You cannot delete it."}"#,
            read: .busy, create: .busy, says: "Group is in use"),
        Shape(status: 409, body: #"{"message":"conflict"}"#, read: .busy, create: .busy, says: "conflict"),
        Shape(
            status: 423,
            body: #"{"type":"locked","message":"resource is locked","resource":"server","resource_id":"s"}"#,
            read: .forbidden, create: .forbidden, says: "locked"),
        Shape(status: 429, type: nil, body: "", read: .rateLimited, create: .rateLimited, says: "slow down"),
        Shape(
            status: 500, body: #"{"type":"server_error","message":"Internal error"}"#, read: .unavailable,
            create: .unknownOutcome, says: "Internal error"),
        Shape(
            status: 503, body: #"{"type":"out_of_stock","resource":"L4","message":"resource is out of stock"}"#,
            read: .noCapacity, create: .noCapacity, says: "out of stock"),
        Shape(
            status: 503, body: #"{"message":"error while authenticating, please retry later"}"#, read: .unavailable,
            create: .unavailable, says: "authenticating"),
        Shape(
            status: 503, body: #"{"message":"upstream connect error or disconnect/reset before headers"}"#,
            read: .unavailable, create: .unknownOutcome, says: "upstream connect error"),
        Shape(
            status: 501, body: #"{"message":"unknown service"}"#, read: .unavailable, create: .unavailable,
            says: "unknown service"),
        Shape(
            status: 502, type: "text/html", body: "<html>bad gateway</html>", read: .unavailable,
            create: .unknownOutcome, says: "text/html"),
        Shape(
            status: 404, type: "text/html", body: "<html>nothing here</html>", read: .malformedAnswer,
            create: .malformedAnswer, says: "is the API URL right?"),
        Shape(
            status: 404, body: #"{"message":"no Route matched"}"#, read: .malformedAnswer, create: .malformedAnswer,
            says: "no Route matched"),
        Shape(
            status: 302, type: "text/html", body: "", read: .malformedAnswer, create: .malformedAnswer,
            says: "is the API URL right?"),
    ]

    private func response(_ shape: Shape) -> HTTPResponse {
        HTTPResponse(
            status: shape.status,
            headers: (shape.type.map { [.init("content-type", $0)] } ?? []) + [.init("x-request-id", "req-7")],
            body: Array(shape.body.utf8))
    }

    @Test(arguments: shapes) func `every error shape becomes a kind and words`(_ shape: Shape) async throws {
        let provider = ScalewaySamples.provider(CannedHTTP(always: response(shape)))
        let read = await failure { () async throws(ProviderError) in
            _ = try await provider.list([.server], scope: .owner("o-1"), zones: ["fr-par-1"])
        }
        let error = try #require(read)
        #expect(error.kind == shape.read)
        #expect(error.detail.contains(shape.says), "\(error.detail)")
        #expect(error.httpStatus == shape.status)
        #expect(error.requestID == "req-7")
        #expect(error.operation == "list servers in fr-par-1")
        #expect(error.argument == shape.argument)

        let create = await failure { () async throws(ProviderError) in
            _ = try await provider.createAddress(
                AddressRequest(zone: "fr-par-1", tags: ScalewaySamples.tags), log: OpenLog())
        }
        #expect(create?.kind == shape.create)
    }

    static let failures: [(HTTPFailure, ProviderError.Kind, ProviderError.Kind)] = [
        (HTTPFailure(.connect, reachedServer: false, detail: "refused"), .unavailable, .unavailable),
        (HTTPFailure(.tls, reachedServer: false, detail: "bad certificate"), .unavailable, .unavailable),
        (HTTPFailure(.timeout, reachedServer: true, detail: "30 s"), .unavailable, .unknownOutcome),
        (HTTPFailure(.cutOff, reachedServer: true, detail: "cut off"), .unavailable, .unknownOutcome),
        (HTTPFailure(.bodyTooLarge, reachedServer: true, detail: "64 MiB"), .malformedAnswer, .unknownOutcome),
        (HTTPFailure(.cancelled, reachedServer: false, detail: "cancelled"), .cancelled, .cancelled),
        (HTTPFailure(.cancelled, reachedServer: true, detail: "cancelled"), .cancelled, .unknownOutcome),
    ]

    @Test(arguments: failures)
    func `a failure to get an answer says what may have happened`(
        _ failed: HTTPFailure, _ read: ProviderError.Kind, _ create: ProviderError.Kind
    ) async {
        let provider = ScalewaySamples.provider(CannedHTTP { _, _ throws(HTTPFailure) in throw failed })
        let onRead = await failure { () async throws(ProviderError) in
            _ = try await provider.isGone(ScalewaySamples.server)
        }
        #expect(onRead?.kind == read)
        let onCreate = await failure { () async throws(ProviderError) in
            _ = try await provider.createAddress(
                AddressRequest(zone: "fr-par-1", tags: ScalewaySamples.tags), log: OpenLog())
        }
        #expect(onCreate?.kind == create)
    }

    @Test(arguments: [
        (HTTPResponse.text(200, "<html>sign in</html>", type: "text/html"), "text/html instead of JSON"),
        (HTTPResponse.json(200, #"{"servers":[{"id":"x""#, headers: [("x-total-count", "1")]), "cut off"),
        (
            HTTPResponse.json(200, #"{"servers":[{"id":"x"}]}"#, headers: [("x-total-count", "1")]),
            "servers.0.name is missing"
        ),
        (HTTPResponse.json(200, #"{"servers":[]}"#), "X-Total-Count"),
    ])
    func `an answer that is not what the contract says is named as such`(
        _ response: HTTPResponse, _ says: String
    ) async throws {
        let provider = ScalewaySamples.provider(CannedHTTP(always: response))
        let error = try #require(
            await failure { () async throws(ProviderError) in
                _ = try await provider.list([.server], scope: .owner("o-1"), zones: ["fr-par-1"])
            })
        #expect(error.kind == .malformedAnswer)
        #expect(error.detail.contains(says), "\(error.detail)")
    }

    @Test func `reads are repeated on failures that pass, and only so often`() async throws {
        let twice = CannedHTTP { _, number in
            number < 3 ? HTTPResponse(status: 429) : .json(200, #"{"servers":[]}"#, headers: [("x-total-count", "0")])
        }
        let found = try await ScalewaySamples.provider(twice).list([.server], scope: .owner("o"), zones: ["fr-par-1"])
        #expect(found.isEmpty)
        #expect(twice.requests.count == 3)

        let always = CannedHTTP(always: HTTPResponse(status: 429))
        _ = await failure { () async throws(ProviderError) in
            _ = try await ScalewaySamples.provider(always).isGone(ScalewaySamples.server)
        }
        #expect(always.requests.count == RetryPolicy().attempts)
    }

    @Test func `the secret key travels in its header and nowhere else`() async throws {
        let http = CannedHTTP(
            always: .json(401, #"{"type":"denied_authentication","message":"authentication is denied"}"#))
        let error = await failure { () async throws(ProviderError) in
            _ = try await ScalewaySamples.provider(http).isGone(ScalewaySamples.server)
        }
        let request = try #require(http.requests.first)
        let header = try #require(request.headers.first { $0.name == "X-Auth-Token" })
        #expect(header.value == ScalewaySamples.secret && header.isSecret)
        #expect(!request.url.contains(ScalewaySamples.secret))
        #expect(!"\(String(describing: error))".contains(ScalewaySamples.secret))
        #expect(
            !"\(ScalewaySettings(secretKey: Secret(ScalewaySamples.secret), projectID: "p"))".contains(
                ScalewaySamples.secret))
    }
}
