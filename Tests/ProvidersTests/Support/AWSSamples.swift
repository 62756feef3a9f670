import Foundation
import SpillwayCore
import SpillwayTransport
import Synchronization
import TestSupport

@testable import SpillwayProviders

/// Values that the tests of the AWS adapter share.
enum AWSSamples {
    static let credentials = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), source: "a test")
    static let zone = "us-east-1a"
    static let zones = ["us-east-1a", "us-east-1b", "us-east-1c"]

    /// Of a burst of its own: nothing else in a shared cloud has them.
    static func tags() -> ResourceTags {
        let id = UUID().uuidString.lowercased()
        return ResourceTags(
            owner: "o-\(id)", stateID: "s-\(id)", burst: "render-\(id.prefix(8))", run: "r-\(id)",
            attempt: "\(id.prefix(13)).1",
            node: nil, expires: Timestamp(seconds: 1_900_000_000))
    }

    static let rate = Rate(
        nanos: 10_400_000, granule: Seconds(1), minimum: .minutes(1), currency: .usd,
        source: PriceSource(name: "catalogue", date: "2026-08-17"))

    static let types = [
        InstanceType(name: "t3.micro", arch: .x86_64, cpus: 2, memoryBytes: 1 << 30, rate: rate),
        InstanceType(name: "t4g.micro", arch: .arm64, cpus: 2, memoryBytes: 1 << 30, rate: rate),
        InstanceType(name: "c7i.large", arch: .x86_64, cpus: 2, memoryBytes: 4 << 30, rate: rate),
        InstanceType(name: "z9.unknown", arch: .x86_64, cpus: 2, memoryBytes: 4 << 30, rate: rate),
    ]

    static let catalogue = Catalogue(
        zones: zones.map {
            .init(name: $0, types: types, blockVolume: rate, localVolume: nil, ipv4: rate, egress: rate)
        })

    /// A provider that never waits between repeats.
    static func provider(
        _ http: any HTTPClient, url: String = "https://ec2.us-east-1.amazonaws.com", choices: AWSChoices? = nil,
        credentials: AWSCredentials = AWSSamples.credentials, catalogue: Catalogue = AWSSamples.catalogue,
        now: Timestamp? = nil
    ) -> AWSProvider {
        AWSProvider(
            settings: AWSSettings(
                zones: zones, endpoints: AWSEndpoints([.ec2: url, .sts: url]),
                credentials: { () throws(Diagnostic) in credentials }, choices: choices),
            http: http, retry: RetryPolicy(base: .milliseconds(1), ceiling: .milliseconds(2)),
            sleep: { _ in try Task.checkCancellation() }, random: { 0.5 },
            now: { now ?? Timestamp(seconds: Int64(Date.now.timeIntervalSince1970)) },
            cryptography: LibCrypto.cryptography, xml: { bytes throws(Diagnostic) in try XMLReader.read(bytes) },
            prices: { _ throws(ProviderError) in catalogue })
    }

    static func group(
        _ tags: ResourceTags, firewall: String = "sg-0123", nodes: Int = 1, image: String = "ami-0e1e769742d1cfb49",
        isSpot: Bool = false
    ) -> ServerGroup {
        ServerGroup(
            zone: zone, instanceType: "t3.micro",
            image: ImageReference(alias: "amazon-linux-2023", id: image, root: .block),
            root: RootVolume(kind: .block, sizeBytes: 20_000_000_000),
            firewall: ResourceID(.firewall, zone: zone, id: firewall), tags: tags,
            nodes: (0..<nodes).map {
                .init(index: $0, name: "render-\($0)", address: nil, userData: "#cloud-config\n")
            }, rate: rate, isSpot: isSpot)
    }
}

extension AWSCredentials {
    /// Those of a simulated cloud.
    init(_ ec2: CloudSimProcess.EC2) {
        self.init(accessKeyID: ec2.access_key_id, secretKey: Secret(ec2.secret_access_key), source: "a test")
    }
}

/// Passes everything on and remembers what was asked: the action of each request, in order.
final class CountingHTTP: HTTPClient {
    private let inner: any HTTPClient
    private let asked = Mutex<[HTTPRequest]>([])

    init(_ inner: any HTTPClient = CurlHTTPClient()) { self.inner = inner }

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        asked.withLock { $0.append(request) }
        return try await inner.send(request)
    }

    var requests: [HTTPRequest] { asked.withLock { $0 } }
    var actions: [String] { requests.map(\.action) }

    /// What was asked since the last call, and forgets it.
    func take() -> [String] {
        asked.withLock { asked in
            defer { asked = [] }
            return asked.map(\.action)
        }
    }
}

extension HTTPRequest {
    /// The parameters of a Query API's form.
    var form: [String: String] {
        Dictionary(
            text.split(separator: "&").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                func plain(_ text: Substring?) -> String {
                    String(decoding: percentDecoded((text ?? "").replacing("+", with: " ")), as: UTF8.self)
                }
                return (plain(parts.first), plain(parts.dropFirst().first))
            }, uniquingKeysWith: { first, _ in first })
    }

    var action: String { form["Action"] ?? "\(method) \(url)" }
}

extension HTTPResponse {
    /// A success, as EC2 wraps it.
    static func ec2(_ root: String, _ content: String) -> HTTPResponse {
        .text(
            200, "<\(root) xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\(content)</\(root)>", type: "text/xml")
    }

    /// An error, as EC2 writes it.
    static func ec2(
        _ status: Int, _ code: String, _ message: String, headers: [(String, String)] = []
    ) -> HTTPResponse {
        var response = text(
            status,
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Response><Errors><Error><Code>\(code)</Code><Message>\(message)</Message></Error></Errors>\
            <RequestID>ea966190-f9aa-478e-9ede-example</RequestID></Response>
            """, type: "text/xml")
        response.headers += headers.map { .init($0.0, $0.1) }
        return response
    }
}

extension CannedHTTP {
    /// What a launch asks for, answered; the launch itself with `launch`, the first `times` times.
    static func ec2(launch: HTTPResponse? = nil, times: Int = .max) -> CannedHTTP {
        let left = Locked(times)
        return CannedHTTP { request, _ throws(HTTPFailure) in
            switch request.action {
            case "DescribeImages":
                return .ec2(
                    "DescribeImagesResponse",
                    """
                    <imagesSet><item><imageId>ami-1</imageId><rootDeviceName>/dev/xvda</rootDeviceName>
                    <blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs/></item>
                    <item><deviceName>/dev/sdb</deviceName><ebs/></item>
                    <item><deviceName>/dev/sdc</deviceName><virtualName>ephemeral0</virtualName></item>
                    </blockDeviceMapping></item></imagesSet>
                    """)
            case "DescribeSubnets":
                return .ec2(
                    "DescribeSubnetsResponse",
                    "<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>"
                        + "<availabilityZone>us-east-1a</availabilityZone></item></subnetSet>")
            case "RunInstances":
                let isRefused = left.withLock { left in
                    left -= 1
                    return left >= 0
                }
                if let launch, isRefused { return launch }
                let count = Int(request.form["MaxCount"] ?? "") ?? 0
                return .ec2(
                    "RunInstancesResponse",
                    "<instancesSet>\((0..<count).map { instance("i-\($0)", index: $0) }.joined())</instancesSet>")
            default: return .ec2("\(request.action)Response", "")
            }
        }
    }

    static func instance(_ id: String, index: Int = 0, state: String = "pending", more: String = "") -> String {
        let tags = ["owner": "o-1", "state": "s", "burst": "b", "run": "r", "attempt": "r.1"].map {
            "<item><key>spillway:\($0)</key><value>\($1)</value></item>"
        }.joined()
        return """
            <item><instanceId>\(id)</instanceId><instanceState><name>\(state)</name></instanceState>
            <placement><availabilityZone>us-east-1a</availabilityZone></placement><amiLaunchIndex>\(index)</amiLaunchIndex>
            <tagSet>\(tags)<item><key>spillway:expires</key><value>2026-11-21T14:00:00Z</value></item></tagSet>
            \(more)</item>
            """
    }
}
