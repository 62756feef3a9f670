import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@testable import SpillwayProviders

/// The policy that the documentation offers, put on a user of a moto that checks permissions (actions only).
@Suite(.timeLimit(.minutes(5)))
struct AWSPolicyTests {
    @Test func `the policy in the documentation suffices, and a lack is named`() async throws {
        guard let moto = await MotoServer.start() else { return }
        defer { moto.end() }
        let account = Account(url: moto.url)
        let policy = try Self.policy()
        let full = try await account.user("full", policy)
        let lookOnly = try await account.user("look", policy.replacing("\"ec2:RunInstances\"", with: "\"ec2:Nothing\""))
        try await account.checkPermissionsFromNowOn()

        let http = CountingHTTP()
        let provider = AWSSamples.provider(http, url: moto.url, credentials: full)
        let tags = AWSSamples.tags()
        let group = try await provider.createFirewall(
            FirewallRequest(
                name: "spillway-policy", zone: AWSSamples.zone, tags: tags,
                admission: SSHAdmission(cidrs: ["203.0.113.7/32"], port: 22)), log: OpenLog())
        try await provider.admit(SSHAdmission(cidrs: ["203.0.113.8/32"], port: 22), firewall: group.id, log: OpenLog())
        let image = try await provider.resolveImage(
            "amazon-linux-2023", zone: AWSSamples.zone, type: AWSSamples.types[0], root: .block)
        _ = try await provider.catalogue(zones: AWSSamples.zones)
        #expect(try await provider.enabledRegions(askedIn: "us-east-1").contains("eu-west-3"))
        _ = try await provider.spotPrices(of: ["t3.micro"], zones: AWSSamples.zones)
        let launch = AWSSamples.group(tags, firewall: group.id.id, nodes: 2, image: image.id)
        for result in await provider.createServers(launch, log: OpenLog()) { _ = try result.get() }
        let scope = TagScope.burst(owner: tags.owner, burst: tags.burst)
        let all = try await provider.list(Set(ResourceKind.allCases), scope: scope, zones: [AWSSamples.zone])
        for kind in [ResourceKind.volume, .interface, .request] {
            _ = try await provider.list([kind], scope: scope, zones: [AWSSamples.zone])
        }
        try await provider.tag(try #require(all.first { $0.id.kind == .volume }).id, tags, log: OpenLog())
        for result in await provider.remove(all.filter { $0.id.kind != .volume }, log: OpenLog()) { try result.get() }
        #expect(try await provider.areGone(all.map(\.id)).allSatisfy { try $0.get() })

        // Each of its actions is one that Spillway asks for, and it asks for no other.
        let granted = Set(policy.matches(of: #/"ec2:(\w+)"/#).map { String($0.1) })
        let preflight = await provider.preflight(zone: AWSSamples.zone, instanceType: "t3.micro", image: image.id)
        #expect(Set(preflight.map { String($0.name.dropFirst(4)) }) == granted.subtracting(["CreateAction"]))
        #expect(Set(http.actions).isSubset(of: granted))

        let lacking = AWSSamples.provider(CountingHTTP(), url: moto.url, credentials: lookOnly)
        let refused = await failure { () async throws(ProviderError) in
            _ = try await lacking.createServers(launch, log: OpenLog())[0].get()
        }
        #expect(refused?.kind == .forbidden && refused?.detail.hasPrefix("ec2:RunInstances is needed: ") ?? false)
        let denied = await lacking.preflight(zone: AWSSamples.zone, instanceType: "t3.micro", image: image.id)
            .filter { if case .denied = $0.answer { true } else { false } }
        #expect(denied.map(\.name) == ["ec2:RunInstances"])

        var wrong = full
        wrong.secretKey = Secret("wrong")
        let stranger = AWSCredentials(accessKeyID: "AKIASTRANGER", secretKey: Secret("x"), source: "a test")
        for credentials in [wrong, stranger] {
            let error = await failure { () async throws(ProviderError) in
                _ = try await AWSSamples.provider(CountingHTTP(), url: moto.url, credentials: credentials)
                    .list([.server], scope: scope, zones: [AWSSamples.zone])
            }
            #expect(error?.kind == .unauthenticated && error?.diagnostic.exit == .error)
        }
    }

    /// The only JSON of its kind in docs/providers.md.
    private static func policy() throws -> String {
        let text = try String(contentsOf: Golden.packageRoot.appending(path: "docs/providers.md"), encoding: .utf8)
        let start = try #require(text.range(of: "```json\n{\n  \"Version\": \"2012-10-17\""))
        let rest = text[start.lowerBound...].dropFirst("```json\n".count)
        let end = try #require(rest.range(of: "```"))
        let policy = String(rest[..<end.lowerBound])
        _ = try JSONSerialization.jsonObject(with: Data(policy.utf8))
        return policy
    }

    /// What only an administrator does.
    private struct Account {
        let url: String
        private let http = CurlHTTPClient()

        init(url: String) { self.url = url }

        func user(_ name: String, _ policy: String) async throws -> AWSCredentials {
            try await iam("CreateUser", ["UserName": name])
            try await iam("PutUserPolicy", ["UserName": name, "PolicyName": "spillway", "PolicyDocument": policy])
            let key = try await iam("CreateAccessKey", ["UserName": name])["CreateAccessKeyResult"]?["AccessKey"]
            return AWSCredentials(
                accessKeyID: try #require(key?["AccessKeyId"]?.text),
                secretKey: Secret(try #require(key?["SecretAccessKey"]?.text)), source: "a test")
        }

        func checkPermissionsFromNowOn() async throws {
            let response = try await http.send(
                HTTPRequest(
                    .post, "\(url)/moto-api/reset-auth", headers: [.init("Content-Type", "application/octet-stream")],
                    body: Array("0".utf8)))
            #expect(response.status == 200)
        }

        @discardableResult
        private func iam(_ action: String, _ parameters: [String: String]) async throws -> XMLElement {
            var query = AWSQuery(action, version: "2010-05-08")
            for (key, value) in parameters { query[key] = value }
            let signer = SigV4(region: "us-east-1", service: "iam", cryptography: LibCrypto.cryptography)
            let response = try await http.send(
                signer.signed(
                    HTTPRequest(.post, url + "/", headers: [AWSQuery.contentType], body: query.body),
                    by: AWSSamples.credentials, at: Timestamp(seconds: Int64(Date.now.timeIntervalSince1970))))
            try #require(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
            return try XMLReader.read(response.body)
        }
    }
}
