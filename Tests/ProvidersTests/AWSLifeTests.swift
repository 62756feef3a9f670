import Foundation
import SpillwayCore
import SpillwayEngine
import SpillwayTransport
import TestSupport
import Testing

@testable import SpillwayProviders

/// A burst's whole life through the engine: how many calls it takes, whatever the number of nodes.
@Suite(.timeLimit(.minutes(5)))
struct AWSLifeTests {
    /// What a command asked. A poll is a read after the command's first change: whether what was asked has come true.
    struct Cost: Equatable, Sendable {
        var calls: [String]
        var polls: [String]

        init(_ actions: [String]) {
            // Reads that are made at once come in any order.
            let first = actions.firstIndex { !$0.hasPrefix("Describe") } ?? actions.endIndex
            calls = actions[..<first].sorted() + actions[first...].filter { !$0.hasPrefix("Describe") }
            polls = actions[first...].filter { $0.hasPrefix("Describe") }.sorted()
        }
    }

    @Test func `one node and twenty take the same calls, and few, on moto`() async throws {
        guard let moto = await MotoServer.shared.value else { return }
        let place = Place(url: moto.url, credentials: AWSSamples.credentials, image: "amazon-linux-2023")
        let one = try await Self.life(nodes: 1, place)
        let twenty = try await Self.life(nodes: 20, place)
        #expect(one == twenty)
        Self.check(twenty)
        // In moto all comes true at once: so much is polled at least.
        #expect(twenty[1].polls.count <= 2 && twenty[3].polls.count <= 11, "\(twenty)")
    }

    @Test func `two hundred take no more than one, on the simulated cloud`() async throws {
        try await withCloudSim(["--without-guests", "--time-scale", "0.002"]) { cloud in
            let ec2 = cloud.ec2
            let place = Place(
                url: ec2.endpoint_url,
                credentials: AWSCredentials(
                    accessKeyID: ec2.access_key_id, secretKey: Secret(ec2.secret_access_key), source: "cloudsim"),
                image: "ubuntu-24.04")
            for nodes in [1, 20, 200] { Self.check(try await Self.life(nodes: nodes, place)) }
        }
    }

    private static func check(_ life: [Cost]) {
        let (plan, apply, again, destroy) = (life[0], life[1], life[2], life[3])
        #expect(plan.calls == ["DescribeInstanceTypeOfferings", "DescribeTags"])
        #expect(
            apply.calls == [
                "DescribeImages", "DescribeInstanceTypeOfferings", "DescribeSubnets", "DescribeTags",
                "CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "RunInstances",
            ])
        #expect(
            again.calls == ["DescribeInstances", "DescribeSecurityGroups", "DescribeTags"] && again.polls.isEmpty)
        #expect(destroy.calls == again.calls + ["TerminateInstances", "DeleteSecurityGroup"])
        #expect(life.reduce(0) { $0 + $1.calls.count } == 17)
    }

    /// Somewhere that speaks EC2.
    struct Place: Sendable {
        var url: String
        var credentials: AWSCredentials
        var image: String
    }

    /// Plan, apply, plan again, destroy; each as a command of its own, with a provider of its own.
    private static func life(nodes: Int, _ place: Place) async throws -> [Cost] {
        let path = NSTemporaryDirectory() + "spillway-life-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let ambient = Ambient(
            now: { Timestamp(seconds: Int64(Date.now.timeIntervalSince1970)) },
            sleep: { _ in try await Task.sleep(for: .milliseconds(1)) },
            random: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } })
        let folder = try StateFolder.open(path, random: ambient.random)
        let (owner, burst) = (AWSSamples.tags().owner, AWSSamples.tags().burst)
        func command(_ body: (BurstSession, AWSProvider) async throws -> Void) async throws -> Cost {
            let http = CountingHTTP()
            let provider = AWSSamples.provider(http, url: place.url, credentials: place.credentials)
            let session = try BurstSession.open(
                burst, in: folder, operation: "test", provider: provider, owner: owner, ambient: ambient,
                emit: { _ in })
            try await session.closing { try await body(session, provider) }
            return Cost(http.actions)
        }
        func planned(_ session: BurstSession, _ provider: AWSProvider) async throws -> (Desired, Plan) {
            let observed = try await session.observe(zones: [AWSSamples.zone])
            var offers = [Self.offer(AWSSamples.catalogue)]
            let state = await session.site.journal.state
            if !state.isLive {
                offers = [Self.offer(try await provider.catalogue(zones: [AWSSamples.zone], of: "t3.micro"))]
            }
            let desired = Desired(
                burst: burst, nodes: nodes, image: place.image, offers: offers,
                admission: .listed(SSHAdmission(cidrs: ["203.0.113.7/32"], port: 22)),
                cap: Money(micros: 90_000_000, currency: .usd), maxDuration: .hours(1), specDigest: "d")
            let plan = try Planner.plan(
                .init(
                    burst: burst, traits: provider.traits, desired: desired, state: state, observed: observed,
                    basis: Plan.Basis(
                        spec: "d", lineage: state.lineage, journalSeq: state.journalSeq, prices: "p", tool: "t",
                        account: "123456789012", live: true)))
            return (desired, plan)
        }
        let plan = try await command { session, provider in
            let plan = try await planned(session, provider).1
            #expect(plan.steps.count == 1 + 2 * nodes)
        }
        let apply = try await command { session, provider in
            let (desired, plan) = try await planned(session, provider)
            let run = try await Executor(session.site).apply(
                Executor.Request(
                    desired: desired, plan: plan, planDigest: "p", account: "123456789012", source: try Self.source(),
                    budgetSource: nil, admission: { SSHAdmission(cidrs: ["203.0.113.7/32"], port: 22) },
                    prepare: { _ in { _ in "#cloud-config\n{}\n" } }))
            #expect(run?.phase == .up)
        }
        let again = try await command { session, provider in
            let plan = try await planned(session, provider).1
            #expect(plan.isEmpty)
        }
        let destroy = try await command { session, provider in
            let shown = try await session.observe(zones: [AWSSamples.zone])
            #expect(shown.count == 1 + 2 * nodes)
            try await Executor(session.site).destroy(shown)
            #expect(await session.site.journal.state.live.isEmpty)
        }
        return [plan, apply, again, destroy]
    }

    private static func offer(_ catalogue: Catalogue) -> Offer {
        Offer(
            zone: AWSSamples.zone, type: catalogue.zones[0].types[0],
            root: RootVolume(kind: .block, sizeBytes: 20_000_000_000),
            rates: RunRates(server: AWSSamples.rate, volume: AWSSamples.rate, address: AWSSamples.rate))
    }

    private static func source() throws -> RunSource {
        RunSource(spec: try spec(), folder: "/", cloud: .aws, sshPort: nil)
    }

    private static func spec() throws -> Spec {
        let text = """
            name: render
            provider: aws
            resources: {instance_type: t3.micro, image: amazon-linux-2023}
            budget: {max_cost: 90 USD, max_duration: 1h}
            run: "true"
            """
        let node = try YAMLReader.read(text: text, file: "spillway.yaml")
        return try #require(SpecDecoder.decode(node).0)
    }
}
