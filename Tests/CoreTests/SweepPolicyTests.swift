import SpillwayCore
import TestSupport
import Testing

@Suite struct SweepPolicyTests {
    static let now = Timestamp(seconds: 1_790_000_000)

    @Test func `what expired goes, whichever folder made it; what did not stays elsewhere and goes as an orphan here`()
    {
        let things = [
            thing(.server, "1", tags(state: "there", expires: -1)),
            thing(.server, "2", tags(state: "there", expires: 60)),
            thing(.server, "3", tags(state: "here", expires: 60)), thing(.server, "4", tags(state: "here", expires: 0)),
        ]
        let decision = policy().decide(things)
        #expect(decision.candidates.map(\.resource.id.id) == ["1", "3", "4"])
        #expect(decision.candidates.map(\.reason) == [.expired, .orphaned, .orphaned])
        #expect(decision.kept.map(\.reason) == [.elsewhere])
        let lost = policy(options: .init(orphansOf: "there")).decide(things)
        #expect(lost.candidates.map(\.resource.id.id) == ["1", "2", "3", "4"])
    }

    @Test(arguments: RunRecord.Phase.allCases)
    func `what belongs to a run that has not ended is known`(phase: RunRecord.Phase) {
        var state = BurstState(lineage: "l", stateID: "here", burst: "render")
        state.run = run("r1", phase)
        let decision = policy(bursts: [state]).decide([
            thing(.server, "1", tags(state: "here", expires: 60)),
            thing(.server, "2", tags(state: "here", run: "r0", expires: 60)),
            thing(.server, "3", tags(state: "there", expires: 60)),
        ])
        #expect(decision.candidates.map(\.resource.id.id) == (phase == .ended ? ["1", "2"] : ["2"]))
    }

    @Test func `nobody says what a burst with an unreadable state wants, until it expires`() {
        let knowledge = SweepPolicy.Knowledge(stateID: "here", unreadable: ["render"])
        let decision = SweepPolicy(owner: "ada", knowledge: knowledge, now: Self.now).decide([
            thing(.server, "1", tags(state: "here", expires: 60)),
            thing(.server, "2", tags(state: "here", expires: -60)),
        ])
        #expect(decision.candidates.map(\.resource.id.id) == ["2"])
        #expect(decision.kept.map(\.reason) == [.stateUnreadable])
    }

    @Test func `what hangs on a server goes and stays with it`() {
        var going = thing(.server, "going", tags(state: "there", expires: -1))
        going.volumes = [ResourceID(.volume, zone: "z1", id: "disk")]
        var staying = thing(.server, "staying", tags(state: "there", expires: 60))
        staying.firewall = ResourceID(.firewall, zone: "z1", id: "wall")
        var disk = thing(.volume, "disk", tags(state: "there", expires: 60))
        disk.attachedTo = "going"
        var strange = thing(.address, "strange", tags(state: "there", expires: -1))
        strange.attachedTo = "of somebody else"
        let wall = thing(.firewall, "wall", tags(state: "there", expires: -1))
        let decision = policy().decide([wall, strange, disk, staying, going])
        #expect(decision.candidates.map(\.resource.id.id) == ["going", "disk"])
        #expect(decision.candidates.map(\.reason) == [.expired, .dependent])
        let kept = Dictionary(uniqueKeysWithValues: decision.kept.map { ($0.resource.id.id, $0) })
        #expect(kept["wall"]?.reason == .inUse && kept["strange"]?.reason == .inUse)
        #expect(kept["strange"]?.overdue == true && kept["staying"]?.overdue == false)
    }

    @Test(arguments: ResourceKind.allCases)
    func `of every kind what expired goes by its own tags, and what hangs on a server after it`(kind: ResourceKind) {
        let alone = policy().decide([thing(kind, "alone", tags(state: "there", expires: -1))])
        #expect(alone.candidates.map(\.reason) == [.expired])
        guard kind != .server else { return }
        var hanging = thing(kind, "hanging", tags(state: "there", expires: 60))
        hanging.attachedTo = "server"
        let things = [hanging, thing(.server, "server", tags(state: "there", expires: -1))]
        let decision = policy().decide(things)
        #expect(decision.candidates.map(\.reason).contains(.dependent))
        let ranks = decision.candidates.map(\.resource.id.kind.rank)
        #expect(ranks == ranks.sorted(by: >), "in the order they can go")
    }

    @Test func `older-than spares what is young, and what does not tell its age`() {
        var old = thing(.server, "old", tags(state: "there", expires: -1))
        old.created = Self.now - Seconds.hours(3)
        var young = thing(.server, "young", tags(state: "there", expires: -1))
        young.created = Self.now - Seconds.hours(1)
        let silent = thing(.address, "silent", tags(state: "there", expires: -1))
        // 1_790_000_000 - 10_800 s in base 32, and any tail.
        let told = thing(.address, "told", tags(state: "there", run: "01nb24ag" + "00000000", expires: -1))
        let began = Timestamp(ofRun: told.tags?.run ?? "")
        #expect(began.map { Self.now - $0 > .hours(2) } == true)
        let decision = policy(options: .init(olderThan: .hours(2))).decide([old, young, silent, told])
        #expect(Set(decision.candidates.map(\.resource.id.id)) == ["old", "told"])
        #expect(Set(decision.kept.map(\.reason)) == [.tooYoung])
    }

    // MARK: Any inventory

    @Test(arguments: 0..<200) func `nothing foreign is ever selected, and nothing that is wanted`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let things = (0..<80).map { any($0, &random) }
        var state = BurstState(lineage: "l", stateID: "here", burst: "render")
        state.run = run("r1", RunRecord.Phase.allCases.randomElement(using: &random) ?? .up)
        let options = SweepPolicy.Options(
            olderThan: Bool.random(using: &random) ? .minutes(5) : nil,
            orphansOf: Bool.random(using: &random) ? "lost" : nil)
        let decision = policy(bursts: [state], options: options).decide(things)
        for candidate in decision.candidates {
            guard let tags = candidate.resource.tags else {
                Issue.record("untagged: \(candidate.resource.id)")
                continue
            }
            #expect(tags.owner == "ada" && tags.burst.first?.isLowercase == true && tags == candidate.tags)
            let expired = tags.expires < Self.now
            let lost = tags.stateID == "here" || tags.stateID == options.orphansOf
            #expect(expired || lost || candidate.reason == .dependent, "seed \(seed): \(candidate)")
            let wanted =
                tags.stateID == "here" && tags.run == "r1" && tags.burst == "render" && state.run?.phase != .ended
            #expect(expired || !wanted || candidate.reason == .dependent, "seed \(seed): \(candidate)")
            if candidate.reason == .dependent {
                #expect(decision.candidates.contains { $0.resource.id.kind == .server && $0.tags.run == tags.run })
            }
            let holder = candidate.resource.attachedTo
            #expect(holder == nil || decision.candidates.contains { $0.resource.id.id == holder })
        }
        let ours = things.filter { $0.tags?.owner == "ada" && $0.tags?.burst != "Not A Name" }
        #expect(decision.candidates.count + decision.kept.count == ours.count)
    }

    private func any(_ n: Int, _ random: inout SeededRandom) -> CloudResource {
        func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }
        let kind = pick(ResourceKind.allCases + [.server, .server])
        var thing = thing(kind, "\(n)", nil)
        thing.created = pick([nil, Self.now - .minutes(1), Self.now - .hours(5)])
        if kind != .server, Bool.random(using: &random) {
            thing.attachedTo = "\(Int.random(in: 0..<80, using: &random))"
        }
        if kind == .server {
            thing.volumes = (0..<2).map { _ in
                ResourceID(.volume, zone: "z1", id: "\(Int.random(in: 0..<80, using: &random))")
            }
        }
        guard Int.random(in: 0..<5, using: &random) > 0 else { return thing }
        thing.tags = ResourceTags(
            owner: pick(["ada", "ada", "eve"]), stateID: pick(["here", "there", "lost"]),
            burst: pick(["render", "other", "Not A Name"]), run: pick(["r1", "r0"]), attempt: "a", node: nil,
            expires: Self.now + Seconds(pick([-3600, -1, 0, 1, 3600])))
        return thing
    }

    private func policy(bursts: [BurstState] = [], options: SweepPolicy.Options = .init()) -> SweepPolicy {
        SweepPolicy(
            owner: "ada", knowledge: .init(stateID: "here", bursts: bursts), now: Self.now, options: options)
    }

    private func thing(_ kind: ResourceKind, _ id: String, _ tags: ResourceTags?) -> CloudResource {
        CloudResource(id: ResourceID(kind, zone: "z1", id: id), name: id, tags: tags, lifecycle: .running)
    }

    private func tags(state: String, run: String = "r1", expires: Int64) -> ResourceTags {
        ResourceTags(
            owner: "ada", stateID: state, burst: "render", run: run, attempt: "\(run)-a1", node: 0,
            expires: Self.now + Seconds(expires))
    }

    private func run(_ id: String, _ phase: RunRecord.Phase) -> RunRecord {
        let rate = Rate(
            nanos: 1, granule: .hours(1), minimum: .hours(1), currency: .eur,
            source: PriceSource(name: "catalogue", date: "2026-07-30"))
        return RunRecord(
            id: id, phase: phase, provider: "memory", account: "p", owner: "ada", stateID: "here", zone: "z1",
            instanceType: "M", image: nil, root: RootVolume(kind: .local, sizeBytes: 1), nodes: 1, attempt: 1,
            began: Self.now, expires: Self.now, worstCase: Money(micros: 1, currency: .eur),
            rates: RunRates(server: rate, volume: nil, address: nil), specDigest: "", planDigest: "",
            admission: SSHAdmission(cidrs: [], port: 22),
            source: RunSource(
                spec: Spec(at: SourceLocation(file: "s", line: 1, column: 1)), folder: "/", cloud: .local))
    }
}

extension Timestamp {
    fileprivate static func - (a: Timestamp, b: Seconds) -> Timestamp { Timestamp(seconds: a.seconds - b.count) }
}
