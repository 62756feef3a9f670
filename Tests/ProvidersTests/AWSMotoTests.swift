import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@testable import SpillwayProviders

/// The adapter over moto, which nobody here wrote: what it takes, what it costs in calls, what it refuses.
@Suite(.timeLimit(.minutes(5)))
struct AWSMotoTests {
    private static func withMoto(_ body: (AWSProvider, CountingHTTP, String) async throws -> Void) async throws {
        guard let moto = await MotoServer.shared.value else { return }
        let http = CountingHTTP()
        try await body(AWSSamples.provider(http, url: moto.url), http, moto.url)
    }

    private static func image(_ provider: AWSProvider) async throws -> String {
        try await provider.resolveImage(
            "amazon-linux-2023", zone: AWSSamples.zone, type: AWSSamples.types[0], root: .block
        ).id
    }

    private static func firewall(_ provider: AWSProvider, _ tags: ResourceTags) async throws -> ResourceID {
        try await provider.createFirewall(
            FirewallRequest(
                name: "spillway-render-\(tags.run)", zone: AWSSamples.zone, tags: tags,
                admission: SSHAdmission(cidrs: ["203.0.113.7/32"], port: 22)), log: OpenLog()
        ).id
    }

    @Test func `one call launches all, ranked by their place in the launch, with everything that ends them`()
        async throws
    {
        try await Self.withMoto { provider, http, url in
            let tags = AWSSamples.tags()
            let firewall = try await Self.firewall(provider, tags)
            let group = AWSSamples.group(tags, firewall: firewall.id, nodes: 20, image: try await Self.image(provider))
            let log = OpenLog()
            let made = try await provider.createServers(group, log: log).map { try $0.get() }
            #expect(made.map { $0.tags?.node } == (0..<20).map { $0 })
            #expect(log.entries.map(\.intent.count) == [20])
            #expect(http.actions.filter { $0 == "RunInstances" }.count == 1)
            let listed = try await provider.list(
                Set(ResourceKind.allCases), scope: .burst(owner: tags.owner, burst: tags.burst),
                zones: [AWSSamples.zone])
            let servers = listed.filter { $0.id.kind == .server }
            #expect(Set(servers.compactMap { $0.tags?.node }) == Set(0..<20))
            #expect(
                Dictionary(uniqueKeysWithValues: servers.map { ($0.id, $0.tags?.node) })
                    == Dictionary(uniqueKeysWithValues: made.map { ($0.id, $0.tags?.node) }))
            #expect(
                servers.allSatisfy { $0.firewall == firewall && $0.ipv4 != nil && $0.volumes.count == 1 },
                "\(servers[0])")
            let volumes = listed.filter { $0.id.kind == .volume }
            #expect(Set(volumes.map(\.id)) == Set(servers.flatMap(\.volumes)))
            #expect(volumes.allSatisfy { $0.tags?.attempt == tags.attempt && $0.sizeBytes == 20_000_000_000 })
            let run = try #require(http.requests.first { $0.action == "RunInstances" }).form
            #expect(run["ClientToken"] == tags.attempt && run["MinCount"] == "20" && run["MaxCount"] == "20")
            #expect(run["InstanceInitiatedShutdownBehavior"] == "terminate")
            #expect(run["MetadataOptions.HttpTokens"] == "required")
            #expect(run["MetadataOptions.HttpPutResponseHopLimit"] == "1")
            #expect(run["CreditSpecification.CpuCredits"] == "standard")
            #expect(run["BlockDeviceMapping.1.Ebs.DeleteOnTermination"] == "true")
            #expect(run["BlockDeviceMapping.1.Ebs.VolumeType"] == "gp3")
            #expect(run["BlockDeviceMapping.1.Ebs.Encrypted"] == "true")
            for result in await provider.remove(listed, log: OpenLog()) {
                if case .failure(let error) = result { #expect(error.kind == .busy) }
            }
            #expect(try await provider.areGone(servers.map(\.id)).allSatisfy { try $0.get() })
            // The image says that its volume stays; what we asked for says that it goes.
            #expect(try await provider.areGone(volumes.map(\.id)).allSatisfy { try $0.get() })
        }
    }

    @Test func `whom a group admits is read from its rules and replaced as a whole`() async throws {
        try await Self.withMoto { provider, http, _ in
            let tags = AWSSamples.tags()
            let firewall = try await Self.firewall(provider, tags)
            let scope = TagScope.burst(owner: tags.owner, burst: tags.burst)
            for wanted in [
                SSHAdmission(cidrs: ["198.51.100.0/24", "2001:db8::/32"], port: 22),
                SSHAdmission(cidrs: ["203.0.113.7/32"], port: 2222),
            ] {
                for _ in 1...2 { try await provider.admit(wanted, firewall: firewall, log: OpenLog()) }
                let shown = try await provider.list([.firewall], scope: scope, zones: [AWSSamples.zone])
                #expect(shown.map(\.admits) == [wanted])
            }
            #expect(try await provider.list([.firewall], scope: scope, zones: ["us-east-1b"]).isEmpty)
            // A name is taken once: asked again with the same tags it is the same group.
            #expect(try await Self.firewall(provider, tags) == firewall)
            try await provider.remove(
                CloudResource(id: firewall, name: "", tags: tags, lifecycle: .available), log: OpenLog())
            #expect(try await provider.isGone(firewall))
        }
    }

    @Test func `a look that finds nothing is one request, one that finds all is three`() async throws {
        try await Self.withMoto { provider, http, _ in
            let tags = AWSSamples.tags()
            let scope = TagScope.burst(owner: tags.owner, burst: tags.burst)
            let all = Set(ResourceKind.allCases)
            #expect(try await provider.list(all, scope: scope, zones: AWSSamples.zones).isEmpty)
            #expect(http.take() == ["DescribeTags"])
            let firewall = try await Self.firewall(provider, tags)
            let group = AWSSamples.group(tags, firewall: firewall.id, nodes: 3, image: try await Self.image(provider))
            for result in await provider.createServers(group, log: OpenLog()) { _ = try result.get() }
            _ = http.take()
            #expect(try await provider.list(all, scope: scope, zones: AWSSamples.zones).count == 7)
            #expect(
                http.take().sorted() == ["DescribeInstances", "DescribeSecurityGroups", "DescribeTags"])
            // What the instances tell of their volumes is what the volumes tell of themselves.
            let volumes = try await provider.list([.volume], scope: scope, zones: AWSSamples.zones)
            #expect(http.take() == ["DescribeVolumes"])
            let told = try await provider.list(all, scope: scope, zones: AWSSamples.zones)
            #expect(Set(told.filter { $0.id.kind == .volume }) == Set(volumes) && volumes.count == 3)
        }
    }

    @Test func `an alias means the newest image of its publisher for the architecture`() async throws {
        try await Self.withMoto { provider, http, _ in
            for type in AWSSamples.types.prefix(2) {
                let image = try await provider.resolveImage(
                    "amazon-linux-2023", zone: AWSSamples.zone, type: type, root: .block)
                #expect(image.id.hasPrefix("ami-"))
            }
            let asked = try #require(http.requests.first).form
            #expect(asked["Owner.1"] == "137112412989")
            let own = try await provider.resolveImage(
                "ami-0e1e769742d1cfb49", zone: AWSSamples.zone, type: AWSSamples.types[0], root: .block)
            #expect(own.id == "ami-0e1e769742d1cfb49")
            // moto has no image of Debian's: what is not there is said, with what the spec would have to change.
            let missing = await failure { () async throws(ProviderError) in
                _ = try await provider.resolveImage(
                    "debian-12", zone: AWSSamples.zone, type: AWSSamples.types[0], root: .block)
            }
            #expect(missing?.kind == .invalid && missing?.argument == "image")
        }
    }

    @Test func `what the account does not have is refused with the words of EC2, and nothing is made`() async throws {
        try await Self.withMoto { provider, http, _ in
            let tags = AWSSamples.tags()
            let firewall = try await Self.firewall(provider, tags)
            var group = AWSSamples.group(tags, firewall: firewall.id, image: try await Self.image(provider))
            group.instanceType = "m7.nosuch"
            let type = await failure { () async throws(ProviderError) in
                _ = try await provider.createServers(group, log: OpenLog())[0].get()
            }
            #expect(type?.kind == .invalid && type?.argument == "instance_type", "\(String(describing: type))")
            group = AWSSamples.group(tags, firewall: firewall.id, image: "ami-0123456789abcdef0")
            let image = await failure { () async throws(ProviderError) in
                _ = try await provider.createServers(group, log: OpenLog())[0].get()
            }
            #expect(image?.kind == .invalid && image?.argument == "image", "\(String(describing: image))")
            let servers = try await provider.list(
                [.server], scope: .burst(owner: tags.owner, burst: tags.burst), zones: [AWSSamples.zone])
            #expect(servers.isEmpty)
        }
    }

    @Test func `a type is offered where the zone has it`() async throws {
        try await Self.withMoto { provider, http, _ in
            let catalogue = try await provider.catalogue(zones: AWSSamples.zones)
            #expect(catalogue.zones.map(\.name) == AWSSamples.zones)
            #expect(catalogue.zones[0].types.map(\.name) == ["t3.micro", "t4g.micro", "c7i.large"])
            #expect(http.take() == ["DescribeInstanceTypeOfferings"])
            let one = try await provider.catalogue(zones: ["us-east-1a"], of: "z9.unknown")
            #expect(one.zones[0].types.map(\.name) == ["t3.micro", "t4g.micro", "c7i.large"])
            #expect(try await provider.account(region: "us-east-1") == "123456789012")
        }
    }

    @Test func `spot is a one-time request with a ceiling, and its prices can be read`() async throws {
        try await Self.withMoto { provider, http, _ in
            let tags = AWSSamples.tags()
            let firewall = try await Self.firewall(provider, tags)
            let group = AWSSamples.group(
                tags, firewall: firewall.id, image: try await Self.image(provider), isSpot: true)
            _ = try await provider.createServers(group, log: OpenLog())[0].get()
            let run = try #require(http.requests.first { $0.action == "RunInstances" }).form
            #expect(run["InstanceMarketOptions.MarketType"] == "spot")
            #expect(run["InstanceMarketOptions.SpotOptions.MaxPrice"] == "0.0104")
            #expect(run["InstanceMarketOptions.SpotOptions.SpotInstanceType"] == "one-time")
            #expect(run.values.contains("spot-instances-request"))
            let prices = try await provider.spotPrices(of: ["t3.micro", "c7i.large"], zones: AWSSamples.zones)
            #expect(Set(prices.map(\.type)) == ["t3.micro", "c7i.large"])
            #expect(prices.allSatisfy { $0.rate.nanos > 0 && AWSSamples.zones.contains($0.zone) })
        }
    }

    @Test func `permissions are asked for without doing anything`() async throws {
        try await Self.withMoto { provider, http, _ in
            let permissions = await provider.preflight(
                zone: AWSSamples.zone, instanceType: "t3.micro", image: try await Self.image(provider))
            let granted = permissions.filter { $0.answer == .granted }.map(\.name)
            #expect(granted.contains("ec2:RunInstances") && granted.contains("ec2:CreateSecurityGroup"))
            #expect(permissions.allSatisfy { if case .denied = $0.answer { false } else { true } })
            #expect(permissions.count == 22)
        }
    }

    /// moto keeps no token: where EC2 would answer with the same instances, it makes others.
    @Test func `a token is launched once`() async throws {
        try await Self.withMoto { provider, http, _ in
            let tags = AWSSamples.tags()
            let firewall = try await Self.firewall(provider, tags)
            let group = AWSSamples.group(tags, firewall: firewall.id, image: try await Self.image(provider))
            let first = try await provider.createServers(group, log: OpenLog())[0].get()
            let second = try await provider.createServers(group, log: OpenLog())[0].get()
            withKnownIssue("moto takes no notice of ClientToken") { #expect(first.id == second.id) }
        }
    }
}
