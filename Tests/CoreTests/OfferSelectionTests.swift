import TestSupport
import Testing

@testable import SpillwayCore

@Suite struct OfferSelectionTests {
    // MARK: What fits

    @Test(arguments: [
        ("cpus: 8", true), ("cpus: 9..", false), ("cpus: 4..8", true), ("memory: 32GB", true), ("memory: 32GiB", true),
        ("memory: 33GB..", true), ("memory: 35GB..", false), ("memory: 16GB..31GB", false),
        ("cpus: 8\n  gpu: 1", false),
        ("cpus: 8\n  arch: arm64", false), ("cpus: 8\n  arch: x86_64", true),
    ])
    func `a machine of 8 CPUs and 32 GiB has what is asked for, or not`(resources: String, fits: Bool) throws {
        let search = try search(resources, OfferFixture.zone("z1", [OfferFixture.type("T", cpus: 8, gibibytes: 32)]))
        #expect((search.found.count == 1) == fits)
    }

    @Test(arguments: [
        ("L4:1", "L4", 1, true), ("l4", "L4", 1, true), ("L4:1", "L4", 2, false), ("L4:1", "L40S", 1, false),
        ("H100:2", "H100-SXM", 2, true), ("1", "P100", 1, true), ("2", "P100", 1, false),
    ])
    func `a GPU is named whole or by its family, and counted exactly`(
        asked: String, name: String, count: Int, fits: Bool
    ) throws {
        let type = OfferFixture.type("G", gpus: count, gpuName: name)
        let search = try search("gpu: \"\(asked)\"", OfferFixture.zone("z1", [type]))
        #expect((search.found.count == 1) == fits)
    }

    @Test func `what is at its end, out of stock or without a price is passed over, each with its reason`() throws {
        var unpriced = OfferFixture.zone("z2", [OfferFixture.type("A")])
        unpriced.ipv4 = nil
        let search = try search(
            "cpus: 1..",
            OfferFixture.zone(
                "z1",
                [
                    OfferFixture.type("A"), OfferFixture.type("B", endOfService: true),
                    OfferFixture.type("C", availability: .shortage),
                ]), unpriced)
        #expect(search.found.map(\.offer.type.name) == ["A"])
        #expect(search.passedOver.map(\.misfits) == [[.endOfService], [.stock], [.price]])
    }

    // MARK: The order

    @Test func `what bills by the minute comes before what is cheaper by the hour and bills a whole one`() throws {
        let zone = OfferFixture.zone(
            "z1",
            [
                OfferFixture.type("HOURLY", nanos: 1_000_000_000),
                OfferFixture.type("MINUTELY", nanos: 1_500_000_000, granule: .minutes(1)),
            ])
        #expect(try names(search("cpus: 1..", zone, for: .minutes(10))) == ["MINUTELY", "HOURLY"])
        #expect(try names(search("cpus: 1..", zone, for: .minutes(50))) == ["HOURLY", "MINUTELY"])
    }

    @Test func `the disk counts: a local one may make up for a dearer machine`() throws {
        let zone = OfferFixture.zone(
            "z1",
            [
                OfferFixture.type("BLOCK", nanos: 100_000_000),
                OfferFixture.type("LOCAL", nanos: 105_000_000, localGB: 400),
            ], block: 1_000_000, local: 100_000)
        #expect(try names(search("{cpus: 1.., disk: 20GB}", zone)) == ["LOCAL", "BLOCK"])
    }

    @Test(arguments: 0..<40) func `over random catalogues the order is that of the worst case, whole and without gaps`(
        seed: Int
    ) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let zones = OfferFixture.randomZones(&random)
        let nodes = Int.random(in: 1...5, using: &random)
        let minutes = Int64.random(in: 1...600, using: &random)
        let spot = ["false", "true", "prefer"][Int.random(in: 0..<3, using: &random)]
        let text = "{cpus: 2..8, memory: 2GB..16GB, spot: \(spot)}"
        let query = try OfferFixture.query(text, nodes: nodes, for: .minutes(minutes))
        let search = OfferSearch(query, rules: OfferFixture.rules(zones), zones: zones)
        let assumptions = query.assumptions(PlanningFixture.traits)

        for (one, next) in zip(search.found, search.found.dropFirst()) {
            if spot == "prefer", one.offer.isSpot != next.offer.isSpot {
                #expect(one.offer.isSpot)
            } else {
                #expect(
                    one.worstCase.micros < next.worstCase.micros
                        || one.worstCase == next.worstCase && one.offer.type.name <= next.offer.type.name)
            }
        }
        for one in search.found {
            #expect(
                one.worstCase
                    == WorstCase.estimate(offers: [one.offer], nodes: nodes, assuming: assumptions).total)
            #expect(query.resources.misfits(one.offer.type).isEmpty && one.offer.type.availability != .shortage)
            #expect(one.offer.rates.server.nanos <= one.offer.type.rate.nanos)
        }
        // Nothing is lost: each type in each zone is found or passed over with a reason.
        let all = zones.flatMap { zone in zone.types.map { "\(zone.name) \($0.name)" } }
        let seen =
            search.found.map { "\($0.offer.zone) \($0.offer.type.name)" }
            + search.passedOver.map { "\($0.zone) \($0.type.name)" }
        #expect(Set(all) == Set(seen))
        #expect(search.passedOver.allSatisfy { !$0.misfits.isEmpty })
        // The order of the catalogue does not matter.
        let shuffled = zones.map { zone in
            var zone = zone
            zone.types.shuffle(using: &random)
            return zone
        }
        #expect(OfferSearch(query, rules: OfferFixture.rules(zones), zones: shuffled).found == search.found)
    }

    // MARK: How many are tried

    @Test(arguments: 0..<40) func `what is tried is a prefix of the order and its worst case fits under the cap`(
        seed: Int
    ) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let zones = OfferFixture.randomZones(&random)
        let cap = Money(micros: Int64.random(in: 1...2_000_000, using: &random), currency: .eur)
        let query = try OfferFixture.query("cpus: 2..", nodes: Int.random(in: 1...3, using: &random), for: .hours(1))
        let rules = OfferFixture.rules(zones)
        let search = OfferSearch(query, rules: rules, zones: zones)
        guard !search.found.isEmpty else { return }
        let selection = try OfferSelection.select(
            query, rules: rules, catalogue: Catalogue(zones: zones), terms: .init(cap: cap))
        #expect(selection.offers == search.found.prefix(selection.offers.count).map(\.offer))
        #expect((1...OfferSelection.most).contains(selection.offers.count))
        let assumptions = query.assumptions(rules.traits)
        func total(_ count: Int) -> Int64 {
            WorstCase.estimate(
                offers: search.found.prefix(count).map(\.offer), nodes: query.nodes, assuming: assumptions
            ).total.micros
        }
        let count = selection.offers.count
        if count > 1 { #expect(total(count) <= cap.micros) }
        if count < min(OfferSelection.most, search.found.count) { #expect(total(count + 1) > cap.micros) }
        #expect(selection.skipped.contains { $0.contains("more that fit") } == (search.found.count > count))
    }

    @Test func `a burst stays where it is, whatever is cheaper by now and whatever stock is left`() throws {
        let zone = OfferFixture.zone(
            "z1",
            [
                OfferFixture.type("CHEAP", nanos: 1), OfferFixture.type("MINE", nanos: 9, availability: .shortage),
            ])
        let selection = try OfferSelection.select(
            OfferFixture.query("cpus: 1.."), rules: OfferFixture.rules([zone]), catalogue: Catalogue(zones: [zone]),
            terms: .init(current: PlanningFixture.run(type: "MINE")))
        #expect(selection.offers.map(\.type.name) == ["MINE", "CHEAP"])
    }

    @Test func `by name the zones keep the order of the spec`() throws {
        let zones = [
            OfferFixture.zone("z1", [OfferFixture.type("T", nanos: 9)]),
            OfferFixture.zone("z2", [OfferFixture.type("T", nanos: 1)]),
        ]
        var query = try OfferFixture.query("instance_type: T")
        query.zones = ["z1", "z2"].map { Located($0, at: OfferFixture.place) }
        let selection = try OfferSelection.select(
            query, rules: OfferFixture.rules(zones), catalogue: Catalogue(zones: zones))
        #expect(selection.offers.map(\.zone) == ["z1", "z2"])
    }

    // MARK: Spot

    @Test func `of a spot machine a quarter more than its price is bid, and never more than an ordinary one costs`() {
        var type = OfferFixture.type("T", nanos: 1000)
        #expect(type.spotBid.nanos == 1000)
        type.spotRate = OfferFixture.rate(300)
        #expect(type.spotBid.nanos == 375)
        type.spotRate = OfferFixture.rate(900)
        #expect(type.spotBid.nanos == 1000)
    }

    @Test func `preferred spot machines come first, and some attempts are left for others`() throws {
        let types = (0..<6).map { OfferFixture.type("T\($0)", nanos: 100 + Int64($0), isSpotOffered: true) }
        let zone = OfferFixture.zone("z1", types)
        let selection = try OfferSelection.select(
            OfferFixture.query("{cpus: 1.., spot: prefer}"), rules: OfferFixture.rules([zone]),
            catalogue: Catalogue(zones: [zone]))
        #expect(selection.offers.map(\.isSpot) == [true, true, true, false, false])
    }

    @Test func `spot machines are refused where there are none, and preferred ones replaced`() throws {
        let zone = OfferFixture.zone("z1", [OfferFixture.type("T")])
        let refused = try problems("{cpus: 1.., spot: true}", zone)
        #expect(refused.map(\.code) == ["spec.no-spot"])
        #expect(try search("{cpus: 1.., spot: prefer}", zone).found.map(\.offer.isSpot) == [false])
    }

    // MARK: Traffic

    @Test func `what is sent home counts, and is refused where nobody says what it costs`() throws {
        var zone = OfferFixture.zone("z1", [OfferFixture.type("T")])
        let free = try #require(try search("cpus: 1..", zone, egressGB: 10).found.first).worstCase
        zone.egress = Rate.once(nanos: 90_000_000, currency: .eur, source: OfferFixture.source)
        let charged = try #require(try search("cpus: 1..", zone, egressGB: 10).found.first).worstCase
        #expect(charged.micros == free.micros + 900_000)
        zone.egress = nil
        #expect(try problems("cpus: 1..", zone, egressGB: 10).map(\.code) == ["cost.unknown-price"])
        #expect(try search("cpus: 1..", zone).found.count == 1)
    }

    // MARK: When nothing is left

    @Test func `when nothing fits it says which requirement excludes how many, and what comes nearest`() throws {
        let zone = OfferFixture.zone(
            "z1",
            [
                OfferFixture.type("SMALL", cpus: 2, gibibytes: 4), OfferFixture.type("BIG", cpus: 64, gibibytes: 256),
                OfferFixture.type("GPU", cpus: 64, gibibytes: 512, gpus: 1, gpuName: "L4"),
            ])
        let problem = try #require(try problems("{cpus: 64.., memory: 400GB..}", zone).first)
        #expect(problem.code == "spec.nothing-fits" && problem.exit == .usage)
        #expect(problem.exists == "Nothing was created.")
        #expect(
            problem.detail == """
                no gpu asked for: excludes 1 of 3 machines
                cpus: 64..: excludes 1 of 3 machines
                memory: 400GB..: excludes 2 of 3 machines
                nearest: z1 BIG (64 vCPU, 256 GiB, x86_64); z1 SMALL (2 vCPU, 4 GiB, x86_64); \
                z1 GPU (64 vCPU, 512 GiB, 1 × L4, x86_64)
                """)
    }

    @Test func `when all that fits is out of stock the exit says capacity`() throws {
        let zone = OfferFixture.zone("z1", [OfferFixture.type("T", availability: .shortage)])
        let problem = try #require(try problems("cpus: 1..", zone).first)
        #expect(problem.code == "capacity.none" && problem.exit == .noCapacity)
    }

    @Test func `a zone that exists and has no known price is refused with the command that fetches it`() throws {
        let zone = OfferFixture.zone("z1", [OfferFixture.type("T")])
        var query = try OfferFixture.query("cpus: 1..")
        query.zones = [Located("z2", at: OfferFixture.place)]
        var rules = OfferFixture.rules([zone])
        rules.priceCommand = { "fetch \($0)" }
        let thrown = #expect(throws: Diagnostics.self) {
            try OfferSelection.select(query, rules: rules, catalogue: Catalogue(zones: [zone]))
        }
        #expect(thrown?.all.map(\.code) == ["cost.unknown-price"])
        #expect(thrown?.all.first?.command == "fetch z2")
        #expect(thrown?.all.first?.exit == .refused)
    }

    // MARK: Small parts

    private func search(
        _ resources: String, _ zones: Catalogue.Zone..., for duration: Seconds = .minutes(50), egressGB: Int64 = 0
    ) throws -> OfferSearch {
        var query = try OfferFixture.query(resources, for: duration)
        query.egressGB = egressGB
        return OfferSearch(query, rules: OfferFixture.rules(zones), zones: zones)
    }

    private func names(_ search: OfferSearch) -> [String] { search.found.map(\.offer.type.name) }

    private func problems(_ resources: String, _ zone: Catalogue.Zone, egressGB: Int64 = 0) throws -> [Diagnostic] {
        var query = try OfferFixture.query(resources)
        query.egressGB = egressGB
        let thrown = #expect(throws: Diagnostics.self) {
            try OfferSelection.select(
                query, rules: OfferFixture.rules([zone]), catalogue: Catalogue(zones: [zone]))
        }
        return thrown?.all ?? []
    }
}
