import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@testable import SpillwayProviders

/// The adapter over the simulated EC2, which keeps client tokens, holds groups that are in use, lags, lacks room and
/// throttles: what moto cannot be asked to do.
@Suite(.timeLimit(.minutes(3)))
struct AWSCloudSimTests {
    struct Site {
        let cloud: CloudSimProcess
        let http = CountingHTTP()
        let tags = AWSSamples.tags()

        func provider(_ keys: AWSCredentials? = nil, now: Timestamp? = nil) -> AWSProvider {
            AWSSamples.provider(
                http, url: cloud.ec2.endpoint_url, credentials: keys ?? AWSCredentials(cloud.ec2), now: now)
        }

        func control(_ method: String, _ path: String, _ body: String) async throws -> Data {
            try await cloud.ask(method, "/_sim/\(path)", Data(body.utf8))
        }

        func group(_ nodes: Int, tags: ResourceTags? = nil, isSpot: Bool = false) async throws -> ServerGroup {
            let provider = provider()
            let image = try await provider.resolveImage(
                "ubuntu-24.04", zone: AWSSamples.zone, type: AWSSamples.types[0], root: .block)
            let firewall = try await provider.createFirewall(
                FirewallRequest(
                    name: "spillway-\(self.tags.burst)", zone: AWSSamples.zone, tags: self.tags,
                    admission: SSHAdmission(cidrs: ["203.0.113.7/32"], port: 22)), log: OpenLog())
            return AWSSamples.group(
                tags ?? self.tags, firewall: firewall.id.id, nodes: nodes, image: image.id, isSpot: isSpot)
        }

        func list(_ kinds: Set<ResourceKind> = Set(ResourceKind.allCases)) async throws -> [CloudResource] {
            try await provider().list(
                kinds, scope: .burst(owner: tags.owner, burst: tags.burst), zones: [AWSSamples.zone])
        }

        func eventually<Value>(_ look: () async throws -> Value?) async throws -> Value {
            while true {
                if let value = try await look() { return value }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    private func withSite(_ body: (Site) async throws -> Void) async throws {
        try await withCloudSim(["--without-guests"]) { try await body(Site(cloud: $0)) }
    }

    private func refusal(_ results: [Result<CloudResource, ProviderError>]) -> ProviderError? {
        for case .failure(let error) in results { return error }
        return nil
    }

    @Test(arguments: ["drop_after", "drop_mid", "duplicate"])
    func `however often a launch is asked for, its token makes one set of servers`(_ fault: String) async throws {
        try await withSite { site in
            let group = try await site.group(3)
            _ = try await site.control(
                "PUT", "faults", #"[{"match":{"action":"RunInstances"},"nth":"all","do":"\#(fault)"}]"#)
            let log = OpenLog()
            let first = await site.provider().createServers(group, log: log)
            #expect((refusal(first)?.kind == .unknownOutcome) == (fault != "duplicate"))
            try await site.cloud.behave()
            let found = try await site.list([.server])
            #expect(Set(found.compactMap { $0.tags?.node }) == [0, 1, 2])
            let again = await site.provider().createServers(group, log: OpenLog()).compactMap { try? $0.get().id }
            #expect(Set(again) == Set(found.map(\.id)))
            #expect(try await site.cloud.world().servers == 3)
        }
    }

    @Test func `a token is spent once its servers are gone, and for another request`() async throws {
        try await withSite { site in
            let group = try await site.group(1)
            let server = try await site.provider().createServers(group, log: OpenLog())[0].get()
            var other = group
            other.root.sizeBytes = 30_000_000_000
            #expect(refusal(await site.provider().createServers(other, log: OpenLog()))?.kind == .spent)
            try await site.provider().remove(server, log: OpenLog())
            #expect(refusal(await site.provider().createServers(group, log: OpenLog()))?.kind == .spent)
            // Nothing was born of the refusals.
            try await site.eventually { try await site.list([.server]).isEmpty ? () : nil }
        }
    }

    @Test func `no room, no quota and too low a bid are told apart`() async throws {
        try await withSite { site in
            let group = try await site.group(1)
            let spot = try await site.group(1, isSpot: true)
            _ = try await site.control("PUT", "quotas", #"{"vcpus": 1}"#)
            #expect(refusal(await site.provider().createServers(group, log: OpenLog()))?.kind == .quota)
            _ = try await site.control("PUT", "quotas", "{}")
            var cheap = spot
            cheap.rate = Rate(
                nanos: 1000, granule: Seconds(1), minimum: .minutes(1), currency: .usd, source: AWSSamples.rate.source)
            #expect(refusal(await site.provider().createServers(cheap, log: OpenLog()))?.kind == .noCapacity)
            try await site.cloud.setStock(AWSSamples.zone, "t3.micro", "shortage")
            let error = refusal(await site.provider().createServers(group, log: OpenLog()))
            #expect(error?.kind == .noCapacity)
            #expect(error?.zones == ["us-east-1b", "us-east-1c", "us-east-1d", "us-east-1f"])
            // Asked once: a lack of room is an answer, though it comes as a server's failure.
            #expect(site.http.actions.filter { $0 == "RunInstances" }.count == 3)
            #expect(try await site.cloud.world().servers == 0)
        }
    }

    @Test func `throttling is waited out`() async throws {
        try await withSite { site in
            let group = try await site.group(1)
            _ = try await site.control(
                "PUT", "faults",
                #"[{"match":{"action":".*"},"nth":[1,2],"do":"status","status":503,"code":"RequestLimitExceeded"}]"#)
            #expect(try await site.provider().createServers(group, log: OpenLog()).map { try $0.get() }.count == 1)
            #expect(try await site.cloud.misbehaved() == 2)
        }
    }

    @Test func `what was just launched is not taken for gone while listings lag`() async throws {
        try await withSite { site in
            let group = try await site.group(1)
            _ = try await site.control("POST", "lag", #"{"listings_ms": 60000}"#)
            let provider = site.provider()
            let server = try await provider.createServers(group, log: OpenLog())[0].get()
            #expect(try await site.list([.server]).isEmpty)
            #expect(try await !provider.isGone(server.id))
            _ = try await site.control("POST", "lag", #"{"listings_ms": 0}"#)
            #expect(try await site.list([.server]).map(\.id) == [server.id])
        }
    }

    @Test func `a group in use is busy and says who holds it`() async throws {
        try await withSite { site in
            let group = try await site.group(1)
            let server = try await site.provider().createServers(group, log: OpenLog())[0].get()
            let firewall = try #require(try await site.list([.firewall]).first)
            let error = await failure { () async throws(ProviderError) in
                try await site.provider().remove(firewall, log: OpenLog())
            }
            #expect(error?.kind == .busy)
            #expect(error?.detail.contains("network interface eni-") == true)
            #expect(error?.detail.contains(server.id.id) == true)
            try await site.provider().remove(server, log: OpenLog())
            try await site.eventually { try await site.list([.server, .volume]).isEmpty ? () : nil }
            try await site.provider().remove(firewall, log: OpenLog())
            #expect(try await site.cloud.world().is_empty)
        }
    }

    @Test func `a spot instance that is taken back is gone, and its request is over`() async throws {
        try await withSite { site in
            let group = try await site.group(1, isSpot: true)
            let server = try await site.provider().createServers(group, log: OpenLog())[0].get()
            _ = try await site.control("POST", "servers/\(server.id.id)/preempt", #"{"notice_seconds": 0}"#)
            try await site.eventually { try await site.provider().isGone(server.id) ? () : nil }
            try await site.eventually { try await site.list().map(\.id.kind) == [.firewall] ? () : nil }
            let prices = try await site.provider().spotPrices(of: ["t3.micro"], zones: AWSSamples.zones)
            #expect(prices.map(\.zone) == AWSSamples.zones)
        }
    }

    @Test func `who is not believed and who may not are told what to do`() async throws {
        try await withSite { site in
            func look(_ keys: AWSCredentials?, now: Timestamp? = nil) async -> ProviderError? {
                await failure { () async throws(ProviderError) in
                    _ = try await site.provider(keys, now: now).list(
                        [.server], scope: .owner("o"), zones: [AWSSamples.zone])
                }
            }
            #expect(await look(AWSSamples.credentials)?.kind == .unauthenticated)
            let late = Timestamp(seconds: Int64(Date.now.timeIntervalSince1970) - 3600)
            let skewed = await look(nil, now: late)
            #expect(skewed?.kind == .unauthenticated)
            #expect(skewed?.detail.contains("set the clock") == true)
            _ = try await site.control("PUT", "denied", #"["ec2:DescribeInstances", "ec2:RunInstances"]"#)
            let denied = await look(nil)
            #expect(denied?.kind == .forbidden)
            #expect(denied?.detail.hasPrefix("ec2:DescribeInstances is needed") == true)
            let image = try await site.provider().resolveImage(
                "ubuntu-24.04", zone: AWSSamples.zone, type: AWSSamples.types[0], root: .block)
            let answers = await site.provider().preflight(
                zone: AWSSamples.zone, instanceType: "t3.micro", image: image.id)
            for permission in answers {
                let isDenied = if case .denied = permission.answer { true } else { false }
                #expect(isDenied == ["ec2:DescribeInstances", "ec2:RunInstances"].contains(permission.name))
            }
            #expect(try await site.cloud.world().is_empty)
        }
    }

    @Test func `an alias means the newest of its publisher's own builds, whatever a stranger calls his`() async throws {
        try await withSite { site in
            func image(_ alias: String, _ type: Int = 0) async throws -> String {
                try await site.provider().resolveImage(
                    alias, zone: AWSSamples.zone, type: AWSSamples.types[type], root: .block
                ).id
            }
            let name = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-"
            let newest = try await image("ubuntu-24.04")
            #expect(try await image("099720109477/\(name)20261014") == newest)
            #expect(try await image("099720109477/\(name)20260912") != newest)
            #expect(try await image("666666666666/\(name)*") != newest)
            var ids: Set<String> = [newest]
            for alias in ["ubuntu-22.04", "debian-12", "amazon-linux-2023"] {
                for type in 0...1 { ids.insert(try await image(alias, type)) }
            }
            #expect(ids.count == 7)
        }
    }
}
