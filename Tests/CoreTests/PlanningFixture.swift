import SpillwayCore

/// A small cloud's worth of facts for planning tests, priced so that sums can be done in the head.
enum PlanningFixture {
    static let hourly = Rate(
        nanos: 100_000_000, granule: .hours(1), minimum: .hours(1), currency: .eur,
        source: PriceSource(name: "test", date: "2026-01-01"))
    static let volume = Rate(
        nanos: 1_000_000, granule: .hours(1), minimum: .hours(1), currency: .eur,
        source: PriceSource(name: "test", date: "2026-01-01"))

    static let traits = ProviderTraits(
        name: "scaleway", zones: ["z1", "z2"], separateAddresses: true, bornStopped: true, guestCanEndBill: false,
        loginUser: "root", bootAllowance: .minutes(5), teardownAllowance: .minutes(5), hasSpot: false)

    static func type(_ name: String = "T1", availability: InstanceType.Availability = .unknown) -> InstanceType {
        InstanceType(
            name: name, arch: .x86_64, cpus: 2, memoryBytes: 4 << 30, rate: hourly, availability: availability)
    }

    static func offer(_ zone: String = "z1", type name: String = "T1") -> Offer {
        Offer(
            zone: zone, type: type(name), root: RootVolume(kind: .block, sizeBytes: 20_000_000_000),
            rates: RunRates(server: hourly, volume: volume, address: hourly))
    }

    static func desired(
        nodes: Int = 1, offers: [Offer] = [offer()], image: String = "ubuntu-24.04",
        admission: Desired.Admission = .listed(SSHAdmission(cidrs: ["192.0.2.1/32"], port: 22))
    ) -> Desired {
        Desired(
            burst: "render", nodes: nodes, image: image, offers: offers, admission: admission,
            cap: Money(micros: 10_000_000, currency: .eur), maxDuration: .minutes(50), specDigest: "sha256:spec")
    }

    static let basis = Plan.Basis(
        spec: "sha256:spec", lineage: nil, journalSeq: 0, prices: "sha256:prices", tool: "0", account: nil, live: true)

    static func plan(
        _ desired: Desired?, state: BurstState? = nil, observed: [CloudResource]? = [], admission: SSHAdmission? = nil
    ) throws -> Plan {
        try Planner.plan(
            .init(
                burst: "render", traits: traits, desired: desired, state: state, observed: observed, basis: basis,
                admission: admission))
    }

    // MARK: A burst that is up

    static func run(zone: String = "z1", type: String = "T1", nodes: Int = 1) -> RunRecord {
        RunRecord(
            id: "r1", phase: .up, provider: "scaleway", account: "p", owner: "me", stateID: "s1", zone: zone,
            instanceType: type, image: ImageReference(alias: "ubuntu-24.04", id: "i1", root: .block),
            root: RootVolume(kind: .block, sizeBytes: 20_000_000_000), nodes: nodes, attempt: 1,
            began: Timestamp(seconds: 0), expires: Timestamp(seconds: 3000),
            worstCase: Money(micros: 1, currency: .eur),
            rates: RunRates(server: hourly, volume: volume, address: hourly), specDigest: "sha256:spec",
            planDigest: "sha256:plan", admission: SSHAdmission(cidrs: ["192.0.2.1/32"], port: 22),
            source: RunSource(
                spec: Spec(at: SourceLocation(file: "spillway.yaml", line: 1, column: 1)), folder: "/srv",
                cloud: .scaleway))
    }

    static func state(_ run: RunRecord? = run()) -> BurstState {
        var state = BurstState(lineage: "l1", stateID: "s1", burst: "render")
        state.run = run
        return state
    }

    static func tags(_ node: Int?, run: String = "r1", stateID: String = "s1") -> ResourceTags {
        ResourceTags(
            owner: "me", stateID: stateID, burst: "render", run: run, attempt: "\(run)-a1", node: node,
            expires: Timestamp(seconds: 3000))
    }

    static func firewall(admits: [String] = ["192.0.2.1/32"], id: String = "f1") -> CloudResource {
        CloudResource(
            id: ResourceID(.firewall, zone: "z1", id: id), name: id, tags: tags(nil), lifecycle: .available,
            admits: SSHAdmission(cidrs: admits, port: 22))
    }

    static func server(
        _ node: Int, _ lifecycle: Lifecycle = .running, id: String? = nil, type: String = "T1", created: Int64 = 0
    ) -> CloudResource {
        let id = id ?? "s\(node)"
        return CloudResource(
            id: ResourceID(.server, zone: "z1", id: id), name: id, tags: tags(node), lifecycle: lifecycle,
            created: Timestamp(seconds: created), instanceType: type,
            volumes: [ResourceID(.volume, zone: "z1", id: "v-\(id)")],
            addresses: [ResourceID(.address, zone: "z1", id: "a\(node)")])
    }

    static func volume(of server: CloudResource) -> CloudResource {
        CloudResource(
            id: server.volumes[0], name: "v", tags: server.tags, lifecycle: .attached, attachedTo: server.id.id,
            sizeBytes: 20_000_000_000)
    }

    static func address(_ node: Int) -> CloudResource {
        CloudResource(
            id: ResourceID(.address, zone: "z1", id: "a\(node)"), name: "a\(node)", tags: tags(node),
            lifecycle: .attached, attachedTo: "s\(node)", ipv4: "198.51.100.\(node)")
    }

    static func up(nodes: Int = 1, _ lifecycle: Lifecycle = .running) -> [CloudResource] {
        [firewall()]
            + (0..<nodes).flatMap { node in
                let server = server(node, lifecycle)
                return [server, volume(of: server), address(node)]
            }
    }
}
