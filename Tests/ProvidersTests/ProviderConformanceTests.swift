import SpillwayCore
import SpillwayProviders
import TestSupport
import Testing

/// What the engine relies on, held against every provider over a cloud that keeps its own books.
@Suite struct ProviderConformanceTests {
    typealias Cloud = ConformanceCloud

    @Test(arguments: Cloud.allCases, [false, true])
    func `servers come, run and go, and leave nothing`(_ cloud: Cloud, local: Bool) async throws {
        try await cloud.opened { site in
            let firewall = try await site.firewall()
            let servers = try await site.running(2, local: local, firewall: firewall.id)
            #expect(Set(servers.compactMap { $0.tags?.node }) == [0, 1])
            #expect(servers.allSatisfy { $0.ipv4 != nil && $0.firewall == firewall.id && $0.volumes.count == 1 })
            let all = try await site.list()
            #expect(Set(all.filter { $0.id.kind == .volume }.map(\.id)) == Set(servers.flatMap(\.volumes)))
            #expect(all.filter { $0.id.kind == .volume }.allSatisfy { $0.sizeBytes == 20_000_000_000 })
            #expect(all.first { $0.id.kind == .firewall }?.admits == firewall.admits)
            if site.provider.traits.separateAddresses {
                #expect(Set(all.filter { $0.id.kind == .address }.map(\.attachedTo)) == Set(servers.map(\.id.id)))
            }
            try await site.removeAll()
            for resource in all { #expect(try await site.provider.isGone(resource.id), "\(resource.id)") }
            for var resource in all {
                if resource.id.kind == .volume { resource.lifecycle = .available }
                try await site.provider.remove(resource, log: OpenLog())
            }
        }
    }

    @Test(arguments: Cloud.allCases)
    func `everything but a create may be asked twice`(_ cloud: Cloud) async throws {
        try await cloud.opened { site in
            let (provider, log) = (site.provider, OpenLog())
            let firewall = try await site.firewall()
            let wider = SSHAdmission(cidrs: ["203.0.113.7/32", "198.51.100.0/24"], port: 2222)
            let server = try #require(try await site.stopped(1, firewall: firewall.id).first)
            for _ in 1...2 {
                try await provider.admit(wider, firewall: firewall.id, log: log)
                try await provider.boot(server, userData: ConformanceSite.userData, log: log)
                try await provider.tag(try #require(server.volumes.first), try #require(server.tags), log: log)
                try await provider.clearUserData(server.id, log: log)
            }
            #expect(try await site.list([.firewall]).first?.admits == wider)
            #expect(try await site.list([.server, .volume]).count == 2)
        }
    }

    // MARK: Lost answers

    @Test(arguments: Cloud.playing, ["drop_after", "drop_mid"])
    func `a create whose answer is lost is unknown, and its tags find the one that was made`(
        _ cloud: Cloud, fault: String
    ) async throws {
        try await cloud.opened { site in
            let firewall = try await site.firewall()
            try await site.misbehave(#"{"match":{"method":"POST"},"nth":"all","do":"\#(fault)"}"#)
            let log = OpenLog()
            let address = await failure { () async throws(ProviderError) in
                _ = try await site.provider.createAddress(AddressRequest(zone: site.zone, tags: site.tags), log: log)
            }
            #expect(address?.kind == .unknownOutcome)
            let group = try await site.group(
                [.init(index: 0, name: "render-0", address: nil, userData: "")], firewall: firewall.id)
            let results = await site.provider.createServers(group, log: log)
            #expect(throws: ProviderError.self) { try results[0].get() }
            try await site.control(.delete, "faults")
            let found = try await site.list([.address, .server])
            #expect(found.map(\.id.kind).sorted { $0.rank < $1.rank } == [.address, .server])
            #expect(found.allSatisfy { $0.tags?.attempt == site.tags.attempt })
            for entry in log.entries {
                guard case .unknown? = entry.outcome else {
                    Issue.record("\(entry.intent.operation) ended as \(String(describing: entry.outcome))")
                    continue
                }
            }
            // Born without tags and found through its server, the volume is tagged before anything is removed.
            let server = try #require(found.first { $0.id.kind == .server })
            let volume = try #require(server.volumes.first)
            #expect(try await site.list([.volume]).isEmpty)
            try await site.provider.tag(volume, try #require(server.tags), log: log)
            #expect(try await site.list([.volume]).map(\.id) == [volume])
            try await site.removeAll()
            #expect(try await site.provider.isGone(volume))
        }
    }

    @Test(arguments: Cloud.playing)
    func `lost answers to everything else are asked for again without notice`(_ cloud: Cloud) async throws {
        try await cloud.opened { site in
            let firewall = try await site.firewall()
            let server = try #require(try await site.stopped(1, firewall: firewall.id).first)
            try await site.misbehave(
                #"{"match":{"path":"user_data"},"do":"drop_after"},{"match":{"path":"/action$"},"do":"drop_after"},"#
                    + #"{"match":{"path":"/ips"},"nth":[1,2],"do":"status","status":429}"#)
            try await site.provider.boot(server, userData: ConformanceSite.userData, log: OpenLog())
            #expect(try await site.list([.address]).count == 1)
            _ = try await site.eventually("it runs") {
                try await site.list([.server]).first { $0.lifecycle == .running }
            }
        }
    }

    // MARK: States in between

    @Test(arguments: Cloud.allCases)
    func `what cannot be removed yet is busy`(_ cloud: Cloud) async throws {
        try await cloud.opened { site in
            let firewall = try await site.firewall()
            let server = try #require(try await site.running(1, firewall: firewall.id).first)
            let volume = try #require(try await site.list([.volume]).first)
            for held in [volume, firewall] {
                let error = await failure { () async throws(ProviderError) in
                    try await site.provider.remove(held, log: OpenLog())
                }
                withKnownIssue("moto lets go of a group in use") {
                    #expect(error?.kind == .busy, "\(held.id)")
                } when: {
                    cloud == .moto && held.id.kind == .firewall
                }
            }
            guard site.provider.traits.bornStopped else { return }
            // As listed a moment ago: the truth has moved on, and the answer is a state, not a failure.
            var stale = server
            stale.lifecycle = .stopped
            let error = await failure { [stale] () async throws(ProviderError) in
                try await site.provider.remove(stale, log: OpenLog())
            }
            #expect(error?.kind == .busy)
        }
    }

    @Test(arguments: Cloud.playing)
    func `where terminate is refused a server is powered off and deleted`(_ cloud: Cloud) async throws {
        try await cloud.opened { site in
            let firewall = try await site.firewall()
            _ = try await site.running(1, firewall: firewall.id)
            try await site.misbehave(
                #"{"match":{"path":"/action$","body":"terminate"},"nth":"all","do":"status","status":400,"#
                    + #""body":{"type":"precondition_failed","precondition":"resource_not_usable","message":"precondition is not respected"}}"#
            )
            try await site.removeAll()
        }
    }

    @Test(arguments: Cloud.playing)
    func `no stock is told apart at the door and after it`(_ cloud: Cloud) async throws {
        try await cloud.opened { site in
            let firewall = try await site.firewall()
            let server = try #require(try await site.stopped(1, firewall: firewall.id).first)
            func stock(_ onPowerOn: String) async throws {
                try await site.control(
                    .put, "stock",
                    #"{"zone":"\#(site.zone)","type":"\#(site.blockType)","availability":"shortage","on_poweron":"\#(onPowerOn)"}"#
                )
            }
            try await stock("refuse")
            let refused = await failure { () async throws(ProviderError) in
                try await site.provider.boot(server, userData: "#cloud-config\n", log: OpenLog())
            }
            #expect(refused?.kind == .noCapacity)
            let offer = try await site.provider.catalogue(zones: [site.zone]).zone(site.zone)?.type(site.blockType)
            #expect(offer?.availability == .shortage)
            try await stock("fall-back")
            try await site.provider.boot(server, userData: "#cloud-config\n", log: OpenLog())
            _ = try await site.eventually("it has fallen back") {
                try await site.list([.server]).first { $0.lifecycle == .stopped }
            }
        }
    }

    // MARK: Listings

    @Test(arguments: Cloud.allCases)
    func `more than a page is listed whole`(_ cloud: Cloud) async throws {
        try await cloud.opened { site in
            guard site.provider.traits.separateAddresses else {
                let firewall = try await site.firewall()
                _ = try await site.stopped(130, firewall: firewall.id)
                let listed = try await site.list([.server])
                #expect(Set(listed.compactMap { $0.tags?.node }) == Set(0..<130))
                return try await site.removeAll()
            }
            for node in 0..<130 { _ = try await site.address(node: node) }
            #expect(Set(try await site.list([.address]).compactMap { $0.tags?.node }) == Set(0..<130))
        }
    }

    @Test(arguments: Cloud.allCases)
    func `another burst and another owner are not listed`(_ cloud: Cloud) async throws {
        try await cloud.opened { site in
            var other = site.tags
            other.burst += "er"
            var foreign = site.tags
            foreign.owner += "0"
            for tags in [site.tags, other, foreign] {
                _ = try await site.firewall(tags: tags)
            }
            #expect(try await site.list().map(\.tags) == [site.tags])
            let owned = try await site.provider.list([.firewall], scope: .owner(site.tags.owner), zones: [site.zone])
            #expect(Set(owned.compactMap { $0.tags?.burst }) == [site.tags.burst, other.burst])
        }
    }

    @Test(arguments: Cloud.allCases)
    func `one look at a zone takes at most five requests, whatever the number of nodes`(_ cloud: Cloud) async throws {
        try await cloud.opened { site in
            let firewall = try await site.firewall()
            _ = try await site.stopped(3, firewall: firewall.id)
            let before = try await site.requestCount()
            _ = try await site.list()
            #expect(try await site.requestCount() - before == (cloud == .scaleway ? 5 : 3))
        }
    }

    @Test(arguments: Cloud.allCases)
    func `a server removed behind our back is gone`(_ cloud: Cloud) async throws {
        try await cloud.opened { site in
            let firewall = try await site.firewall()
            let server = try #require(try await site.running(1, firewall: firewall.id).first)
            #expect(try await !site.provider.isGone(server.id))
            try await site.vanish(server)
            #expect(try await site.provider.isGone(server.id))
            #expect(try await site.list([.server]).isEmpty)
        }
    }

    // MARK: Offers

    @Test(arguments: Cloud.playing)
    func `the live catalogue agrees with the one in the binary, and finds images for every architecture`(
        _ cloud: Cloud
    ) async throws {
        try await cloud.opened { site in
            let live = try await site.provider.catalogue(zones: site.provider.traits.zones)
            for (zone, known) in zip(live.zones, ScalewayCatalogue.offline.zones) {
                #expect(zone.name == known.name && zone.types.map(\.name) == known.types.map(\.name))
                #expect(zone.types.map(\.rate.nanos) == known.types.map(\.rate.nanos))
                #expect(zone.types.map(\.rate.granule) == known.types.map(\.rate.granule))
                for arch in InstanceType.Arch.allCases {
                    guard let type = zone.types.first(where: { $0.arch == arch && $0.gpus == 0 }) else { continue }
                    let image = try await site.provider.resolveImage(
                        "ubuntu-24.04", zone: zone.name, type: type, root: .block)
                    #expect(image.root == .block && !image.id.isEmpty)
                }
            }
        }
    }

    // MARK: Refusals

    @Test func `a wrong key and a foreign project are refused as what they are`() async throws {
        try await withCloudSim(["--without-guests"]) { cloud in
            let tags = ScalewaySamples.tags
            let stranger = ConformanceSite.scaleway(cloud, secret: ScalewaySamples.secret, project: cloud.projectID)
            let wrongKey = await failure { () async throws(ProviderError) in
                _ = try await stranger.list([.server], scope: .owner("o"), zones: ["fr-par-1"])
            }
            #expect(wrongKey?.kind == .unauthenticated && wrongKey?.requestID != nil)
            let guest = ConformanceSite.scaleway(
                cloud, secret: cloud.secretKey, project: "00000000-0000-4000-8000-000000000000")
            let foreign = await failure { () async throws(ProviderError) in
                _ = try await guest.createAddress(AddressRequest(zone: "fr-par-1", tags: tags), log: OpenLog())
            }
            #expect(foreign?.kind == .forbidden)
        }
    }
}
