import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@testable import SpillwayProviders

/// What each refusal of EC2 means to the engine, and what the user is told: kind, exit code and words, all pinned.
@Suite struct AWSErrorTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var code: String
        var message = "Said EC2."
        var status = 400
        var kind: ProviderError.Kind
        var exit: ExitCode

        var testDescription: String { code }
    }

    static let refusals: [Refusal] = [
        Refusal(code: "InsufficientInstanceCapacity", status: 500, kind: .noCapacity, exit: .noCapacity),
        Refusal(code: "InsufficientFreeAddressesInSubnet", kind: .noCapacity, exit: .noCapacity),
        Refusal(code: "SpotMaxPriceTooLow", kind: .noCapacity, exit: .noCapacity),
        Refusal(
            code: "Unsupported",
            message: "Your requested instance type (p5.48xlarge) is not supported in your requested Availability Zone "
                + "(us-east-1e).", kind: .noCapacity, exit: .noCapacity),
        Refusal(code: "Unsupported", message: "Said EC2.", kind: .invalid, exit: .usage),
        Refusal(code: "InstanceLimitExceeded", kind: .quota, exit: .noCapacity),
        Refusal(code: "VcpuLimitExceeded", kind: .quota, exit: .noCapacity),
        Refusal(code: "MaxSpotInstanceCountExceeded", kind: .quota, exit: .noCapacity),
        Refusal(code: "VolumeLimitExceeded", kind: .quota, exit: .noCapacity),
        Refusal(code: "IdempotentInstanceTerminated", kind: .spent, exit: .partial),
        Refusal(code: "IdempotentParameterMismatch", kind: .spent, exit: .partial),
        Refusal(code: "RequestLimitExceeded", status: 503, kind: .rateLimited, exit: .error),
        Refusal(code: "AuthFailure", status: 401, kind: .unauthenticated, exit: .error),
        Refusal(code: "SignatureDoesNotMatch", status: 403, kind: .unauthenticated, exit: .error),
        Refusal(code: "ExpiredToken", kind: .unauthenticated, exit: .error),
        Refusal(code: "RequestExpired", kind: .unauthenticated, exit: .error),
        Refusal(code: "UnauthorizedOperation", status: 403, kind: .forbidden, exit: .error),
        Refusal(code: "OptInRequired", status: 401, kind: .forbidden, exit: .error),
        Refusal(code: "InvalidAMIID.NotFound", kind: .invalid, exit: .usage),
        Refusal(code: "InvalidAMIID.Unavailable", kind: .invalid, exit: .usage),
        Refusal(code: "InvalidKeyPair.NotFound", kind: .invalid, exit: .usage),
        Refusal(code: "InvalidParameterValue", kind: .invalid, exit: .usage),
        Refusal(code: "InternalError", status: 500, kind: .unknownOutcome, exit: .partial),
        Refusal(code: "Unavailable", status: 503, kind: .unknownOutcome, exit: .partial),
    ]

    @Test(arguments: refusals)
    func `each refusal of a launch is told as what it is`(_ refusal: Refusal) async throws {
        let http = CannedHTTP.ec2(launch: .ec2(refusal.status, refusal.code, refusal.message))
        let error = try #require(await Self.launch(AWSSamples.provider(http)))
        #expect(error.kind == refusal.kind)
        #expect(error.diagnostic.exit == refusal.exit)
        #expect(error.detail.contains(refusal.code) && error.detail.contains(refusal.message))
        #expect(error.requestID == "ea966190-f9aa-478e-9ede-example" && error.httpStatus == refusal.status)
    }

    @Test func `a lack of capacity is not waited out and says where there is room`() async throws {
        let http = CannedHTTP.ec2(
            launch: .ec2(
                500, "InsufficientInstanceCapacity",
                "We currently do not have sufficient p3.2xlarge capacity in the Availability Zone you requested "
                    + "(us-east-1a). Our system will be working on provisioning additional capacity. You can currently "
                    + "get p3.2xlarge capacity by not specifying an Availability Zone in your request or choosing "
                    + "us-east-1b, us-east-1c."))
        let error = try #require(await Self.launch(AWSSamples.provider(http)))
        #expect(error.zones == ["us-east-1b", "us-east-1c"])
        #expect(http.requests.filter { $0.action == "RunInstances" }.count == 1)
    }

    @Test func `throttling and failures are asked again, with the same token`() async throws {
        let http = CannedHTTP.ec2(launch: .ec2(503, "RequestLimitExceeded", "Request limit exceeded."))
        #expect(await Self.launch(AWSSamples.provider(http))?.kind == .rateLimited)
        let launches = http.requests.filter { $0.action == "RunInstances" }
        #expect(launches.count == 5 && Set(launches.compactMap { $0.form["ClientToken"] }).count == 1)
    }

    @Test func `a denial names the permission and keeps the encoded reason with the command that reads it`()
        async throws
    {
        let encoded = String(repeating: "KAiQ1x-_", count: 60)
        let http = CannedHTTP.ec2(
            launch: .ec2(
                403, "UnauthorizedOperation",
                "You are not authorized to perform this operation. Encoded authorization failure message: \(encoded)"))
        let error = try #require(await Self.launch(AWSSamples.provider(http)))
        #expect(
            error.detail
                == "ec2:RunInstances is needed: You are not authorized to perform this operation. "
                + "(UnauthorizedOperation, encoded \(encoded.prefix(24))…). To read why: "
                + "aws sts decode-authorization-message --encoded-message \(encoded)")
    }

    @Test func `a region that is not enabled is said to be`() async throws {
        let http = CannedHTTP.ec2(
            launch: .ec2(401, "OptInRequired", "You are not subscribed to this service."))
        #expect(
            await Self.launch(AWSSamples.provider(http))?.detail
                == "You are not subscribed to this service. (OptInRequired); is region us-east-1 enabled for the "
                + "account?")
    }

    @Test func `a wrong clock is told with both clocks`() async throws {
        let http = CannedHTTP.ec2(
            launch: .ec2(
                400, "RequestExpired", "Request has expired.", headers: [("date", "Sat, 21 Nov 2026 12:00:00 GMT")]))
        let provider = AWSSamples.provider(http, now: Timestamp(rfc3339: "2026-11-21T14:00:00Z"))
        #expect(
            await Self.launch(provider)?.detail
                == "Request has expired. (RequestExpired); this machine's clock says 2026-11-21T14:00:00Z, "
                + "AWS's says 2026-11-21T12:00:00Z: set the clock")
    }

    @Test func `expired credentials are replaced once where there are others`() async throws {
        let held = Locked([AWSSamples.credentials])
        let fresh = AWSCredentials(accessKeyID: "ASIAFRESH", secretKey: Secret("s"), source: "a test")
        let http = CannedHTTP { request, _ throws(HTTPFailure) in
            let isFresh = request.headers.contains { $0.value.contains("ASIAFRESH") }
            return isFresh
                ? .ec2("DescribeTagsResponse", "<tagSet/>") : .ec2(400, "ExpiredToken", "The token has expired.")
        }
        let provider = AWSProvider(
            settings: AWSSettings(
                zones: AWSSamples.zones, credentials: { () throws(Diagnostic) in held.value[0] },
                discard: { used in held.withLock { $0 = $0.filter { $0 != used } + [fresh] } }),
            http: http, sleep: { _ in }, random: { 0.5 }, now: { Timestamp(seconds: 1_790_000_000) },
            cryptography: LibCrypto.cryptography, xml: { bytes throws(Diagnostic) in try XMLReader.read(bytes) },
            prices: { _ throws(ProviderError) in AWSSamples.catalogue })
        let all = Set(ResourceKind.allCases)
        #expect(try await provider.list(all, scope: .owner("o"), zones: [AWSSamples.zone]).isEmpty)
        #expect(http.requests.count == 2)
    }

    @Test func `missing credentials are told in the words of whoever looked for them`() async throws {
        let http = CannedHTTP(always: .ec2("DescribeTagsResponse", ""))
        let provider = AWSProvider(
            settings: AWSSettings(
                zones: AWSSamples.zones,
                credentials: { () throws(Diagnostic) in
                    throw Diagnostic("credentials.signed-out", "Nobody is signed in to AWS", detail: "No token.")
                }), http: http, sleep: { _ in }, random: { 0.5 }, now: { Timestamp(seconds: 1_790_000_000) },
            cryptography: LibCrypto.cryptography, xml: { bytes throws(Diagnostic) in try XMLReader.read(bytes) },
            prices: { _ throws(ProviderError) in AWSSamples.catalogue })
        let error = await failure { () async throws(ProviderError) in
            _ = try await provider.list([.server], scope: .owner("o"), zones: [AWSSamples.zone])
        }
        #expect(error?.kind == .unauthenticated && error?.detail == "Nobody is signed in to AWS. No token.")
        #expect(http.requests.isEmpty)
    }

    // MARK: Answers that are none

    @Test(arguments: ["<html>", "", "{\"not\": \"XML\"}", "<DescribeTagsResponse><tagSet>", "<OtherResponse/>"])
    func `XML that is not XML is an answer that was not promised`(_ body: String) async throws {
        let provider = AWSSamples.provider(CannedHTTP(always: .text(200, body, type: "text/html")))
        let error = await failure { () async throws(ProviderError) in
            _ = try await provider.list(Set(ResourceKind.allCases), scope: .owner("o"), zones: [AWSSamples.zone])
        }
        #expect(error?.kind == .malformedAnswer && error?.diagnostic.exit == .error)
        #expect(
            error?.detail == "status 200 with text/html that is no DescribeTagsResponse; is the endpoint right?")
        let launch = AWSSamples.provider(CannedHTTP.ec2(launch: .text(200, body, type: "text/html")))
        #expect(await Self.launch(launch)?.kind == .unknownOutcome)
    }

    @Test func `an instance without what every instance has is no instance`() async throws {
        let body = """
            <reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><instanceState><name>running</name>
            </instanceState></item></instancesSet></item></reservationSet>
            """
        let provider = AWSSamples.provider(CannedHTTP(always: .ec2("DescribeInstancesResponse", body)))
        let error = await failure { () async throws(ProviderError) in
            _ = try await provider.list([.server], scope: .owner("o"), zones: [AWSSamples.zone])
        }
        #expect(error?.kind == .malformedAnswer)
        #expect(error?.detail == "an item without placement.availabilityZone")
    }

    @Test func `pages that never end are noticed`() async throws {
        let provider = AWSSamples.provider(
            CannedHTTP(always: .ec2("DescribeInstancesResponse", "<reservationSet/><nextToken>again</nextToken>")))
        let error = await failure { () async throws(ProviderError) in
            _ = try await provider.list([.server], scope: .owner("o"), zones: [AWSSamples.zone])
        }
        #expect(error?.detail == "the same page is announced for ever")
    }

    // MARK: Not yet, and not any more

    @Test func `a group that is not known yet is waited for`() async throws {
        let http = CannedHTTP.ec2(
            launch: .ec2(400, "InvalidGroup.NotFound", "The security group does not exist"), times: 2)
        #expect(await Self.launch(AWSSamples.provider(http)) == nil)
        #expect(http.requests.filter { $0.action == "RunInstances" }.count == 3)
    }

    @Test func `what was launched a moment ago and nobody knows yet is not gone`() async throws {
        let http = CannedHTTP.ec2()
        let provider = AWSSamples.provider(http)
        #expect(await Self.launch(provider) == nil)
        let (new, old) = (
            ResourceID(.server, zone: AWSSamples.zone, id: "i-0"), ResourceID(.server, zone: AWSSamples.zone, id: "i-9")
        )
        #expect(try await provider.areGone([new, old]).map { try $0.get() } == [false, true])
    }

    @Test func `a group that cannot go yet is told with the interface that holds it`() async throws {
        let http = CannedHTTP { request, _ throws(HTTPFailure) in
            request.action == "DeleteSecurityGroup"
                ? .ec2(400, "DependencyViolation", "resource sg-1 has a dependent object")
                : .ec2(
                    "DescribeNetworkInterfacesResponse",
                    "<networkInterfaceSet><item><networkInterfaceId>eni-7</networkInterfaceId><status>in-use</status>"
                        + "<attachment><instanceId>i-8</instanceId></attachment></item></networkInterfaceSet>")
        }
        let group = CloudResource(
            id: ResourceID(.firewall, zone: AWSSamples.zone, id: "sg-1"), name: "g", tags: nil, lifecycle: .available)
        let error = await failure { () async throws(ProviderError) in
            try await AWSSamples.provider(http).remove(group, log: OpenLog())
        }
        #expect(error?.kind == .busy)
        #expect(
            error?.detail
                == "resource sg-1 has a dependent object (DependencyViolation); it is held by network interface eni-7 of "
                + "i-8 (in-use)")
    }

    @Test func `where one of many is refused each is asked for by itself`() async throws {
        let http = CannedHTTP { request, _ throws(HTTPFailure) in
            let form = request.form
            if form["InstanceId.2"] != nil || form["InstanceId.1"] == "i-1" {
                return .ec2(400, "InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist")
            }
            return .ec2("TerminateInstancesResponse", "")
        }
        let servers = (0..<3).map { index in
            CloudResource(
                id: ResourceID(.server, zone: AWSSamples.zone, id: "i-\(index)"), name: "s", tags: nil,
                lifecycle: .running, detail: "running")
        }
        let log = OpenLog()
        for result in await AWSSamples.provider(http).remove(servers, log: log) { try result.get() }
        #expect(http.requests.count == 4)
        #expect(log.entries[0].intent.others?.map(\.id) == ["i-1", "i-2"])
    }

    @Test func `an interruption shows in what is said of the server`() async throws {
        let body = CannedHTTP.instance(
            "i-1", state: "shutting-down",
            more: "<stateReason><code>Server.SpotInstanceTermination</code>"
                + "<message>Server.SpotInstanceTermination: Spot instance termination</message></stateReason>")
        let provider = AWSSamples.provider(
            CannedHTTP(
                always: .ec2(
                    "DescribeInstancesResponse",
                    "<reservationSet><item><instancesSet>\(body)</instancesSet></item></reservationSet>")))
        let shown = try await provider.list([.server], scope: .owner("o-1"), zones: [AWSSamples.zone])
        #expect(shown.map(\.detail) == ["shutting-down, Server.SpotInstanceTermination: Spot instance termination"])
        #expect(shown.map(\.lifecycle) == [.stopping])
    }

    static func launch(_ provider: AWSProvider) async -> ProviderError? {
        await failure { () async throws(ProviderError) in
            _ = try await provider.createServers(AWSSamples.group(AWSSamples.tags()), log: OpenLog())[0].get()
        }
    }
}
