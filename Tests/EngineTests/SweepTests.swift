import SpillwayCore
import Synchronization
import TestSupport
import Testing

@testable import SpillwayEngine

@Suite struct SweepTests {
    // MARK: Two folders, one owner

    @Test func `another folder leaves a live burst alone until it expires, then all of it goes`() async throws {
        let site = try SweepSite()
        let mine = try site.folder("mine")
        try site.begin("render", in: mine, expires: 3600)
        let other = try site.folder("other")
        let before = site.cloud.ids
        #expect(before.count == 5)
        for minutes in [0, 30, 60] {
            site.clock.set(minutes * 60)
            let sight = try await site.sweep().look(other)
            #expect(sight.decision.candidates.isEmpty)
            _ = try await site.sweep().remove(sight.decision.candidates, of: sight, in: other)
            #expect(site.cloud.ids == before)
        }
        site.clock.set(3601)
        let report = try await site.sweepAll(other)
        #expect(report.removed.count == 5 && report.left.isEmpty && report.failures.isEmpty)
        #expect(site.cloud.ids.isEmpty)
    }

    @Test func `the folder that made it has its state brought in line`() async throws {
        let site = try SweepSite()
        let mine = try site.folder("mine")
        try site.begin("render", in: mine, expires: 3600)
        try KeyStore(mine).save(
            KeyPair(privateKey: "secret", publicKey: HostKey(algorithm: "ssh-ed25519", base64: "AAAA")), .client,
            run: "run-render")
        site.clock.set(3601)
        let report = try await site.sweepAll(mine)
        #expect(report.left.isEmpty)
        let state = try #require(try FileStateStore(mine, burst: "render").load())
        #expect(!state.isLive && state.run?.phase == .ended && state.resources.count == 5)
        #expect(state.resources.allSatisfy { $0.goneAt != nil })
        #expect(try KeyStore(mine).runs().isEmpty)
    }

    @Test func `what a folder forgot is an orphan there, and nowhere else`() async throws {
        let site = try SweepSite()
        let mine = try site.folder("mine")
        site.cloud.add(site.burst("lost", state: mine.id, expires: 3600))
        #expect(try await site.sweep().look(try site.folder("other")).decision.candidates.isEmpty)
        #expect(try await site.sweep().look(nil).decision.candidates.isEmpty)
        let report = try await site.sweepAll(mine)
        #expect(report.removed.count == 5 && site.cloud.ids.isEmpty)
    }

    // MARK: Many

    @Test func `among a thousand of ours and a thousand of others only ours goes, by as many requests as pages`()
        async throws
    {
        let zones = (0..<10).map { "z\($0)" }
        let site = try SweepSite(zones: zones)
        let foreign = zones.flatMap { zone in
            (0..<100).map { site.thing(.server, "foreign-\(zone)-\($0)", zone, owner: "eve", expires: -60) }
        }
        site.cloud.add(foreign)
        for zone in zones {
            site.cloud.add((0..<100).map { site.thing(.server, "ours-\(zone)-\($0)", zone, expires: -60) })
        }
        let folder = try site.folder("mine")
        let sight = try await site.sweep().look(folder)
        #expect(sight.decision.candidates.count == 1000)
        #expect(site.cloud.world.withLock { $0.requests } == 10 * ResourceKind.allCases.count)
        let report = try await site.sweep().remove(sight.decision.candidates, of: sight, in: folder)
        #expect(report.removed.count == 1000 && report.left.isEmpty)
        #expect(site.cloud.ids == Set(foreign.map(\.id)))
        #expect(site.cloud.world.withLock { $0.removals.count } == 1000)
    }

    @Test func `there is no kind of resource that a sweep cannot remove`() async throws {
        let site = try SweepSite()
        site.cloud.add(ResourceKind.allCases.map { site.thing($0, "old-\($0)", "z1", expires: -1) })
        let report = try await site.sweepAll(try site.folder("mine"))
        #expect(report.removed.count == ResourceKind.allCases.count && report.left.isEmpty && site.cloud.ids.isEmpty)
    }

    @Test func `a stop that is asked for leaves what is not begun`() async throws {
        let site = try SweepSite()
        site.cloud.add([site.thing(.server, "one", "z1", expires: -1)])
        let folder = try site.folder("mine")
        let halt = Halt()
        let sweep = site.sweep(halt: halt)
        let sight = try await sweep.look(folder)
        await halt.request()
        let report = try await sweep.remove(sight.decision.candidates, of: sight, in: folder)
        #expect(report.isStopped && report.failures.isEmpty && report.left.map(\.id.id) == ["one"])
        #expect(site.cloud.world.withLock { $0.removals.isEmpty })
    }

    @Test func `a zone that fails hides nothing of the others and is reported`() async throws {
        let site = try SweepSite(zones: ["z1", "z2"])
        site.cloud.add([site.thing(.server, "one", "z1", expires: -1), site.thing(.server, "two", "z2", expires: -1)])
        site.cloud.world.withLock { $0.failing = ["z1"] }
        let report = try await site.sweepAll(try site.folder("mine"))
        #expect(report.removed.map(\.id.id) == ["two"])
        #expect(Set(report.blind.map(\.zone)) == ["z1"] && report.blind.count == ResourceKind.allCases.count)
        #expect(site.cloud.ids.map(\.id) == ["one"])
    }

    // MARK: Between looking and removing

    @Test func `what was prolonged since it was chosen stays`() async throws {
        let site = try SweepSite()
        site.cloud.add([site.thing(.server, "one", "z1", expires: -1), site.thing(.server, "two", "z1", expires: -1)])
        let folder = try site.folder("mine")
        let sight = try await site.sweep().look(folder)
        site.cloud.world.withLock { world in
            world.things[ResourceID(.server, zone: "z1", id: "one")]?.tags?.expires = Sample.time(3600)
        }
        let report = try await site.sweep().remove(sight.decision.candidates, of: sight, in: folder)
        #expect(site.cloud.ids.map(\.id) == ["one"])
        #expect(report.removed.map(\.id.id) == ["two"] && report.left.isEmpty)
    }

    @Test func `what was prolonged while its neighbours went stays`() async throws {
        let site = try SweepSite()
        let server = site.thing(.server, "one", "z1", expires: -1)
        site.cloud.add([server, site.thing(.volume, "disk", "z1", expires: -1)])
        let folder = try site.folder("mine")
        let sight = try await site.sweep().look(folder)
        // The first listing is the one under the lock; the disk changes before the second.
        site.cloud.world.withLock { world in
            world.onList = [
                { _ in },
                { $0[ResourceID(.volume, zone: "z1", id: "disk")]?.tags?.expires = Sample.time(3600) },
            ]
        }
        let report = try await site.sweep().remove(sight.decision.candidates, of: sight, in: folder)
        #expect(site.cloud.ids.map(\.id) == ["disk"] && report.left.isEmpty)
    }

    @Test func `a burst that somebody is at work on is left to them`() async throws {
        let site = try SweepSite()
        let mine = try site.folder("mine")
        try site.begin("render", in: mine, expires: 3600)
        site.clock.set(3601)
        let lock = try BurstLock.acquire(
            "render", in: mine, operation: "run", identity: .current(), now: site.clock.now())
        let report = try await site.sweepAll(mine)
        #expect(report.busy.map(\.burst) == ["render"] && report.left.count == 5 && site.cloud.ids.count == 5)
        lock.release()
        #expect(try await site.sweepAll(mine).left.isEmpty)
    }

    @Test func `a sweep that was killed after an intent is taken up by the next`() async throws {
        let site = try SweepSite()
        let server = site.thing(.server, "one", "z1", expires: -1)
        site.cloud.add([server])
        let folder = try site.folder("mine")
        let home = try StateFolder.open("\(folder.path)/sweep", random: ScratchFolder.random)
        let store = try FileStateStore(home, burst: "render")
        let state = try store.loadOrBegin()
        try store.append(
            JournalRecord(
                seq: state.journalSeq + 1, at: Sample.time(0),
                change: .intent(Intent(.delete, zone: "z1", target: server.id))))
        let report = try await site.sweepAll(folder)
        #expect(report.removed.map(\.id.id) == ["one"] && report.failures.isEmpty)
        #expect(try store.load()?.open.isEmpty == true)
    }

    @Test func `everything means everything of the owner, and settles what only the state believes in`() async throws {
        let site = try SweepSite()
        let mine = try site.folder("mine")
        try site.begin("render", in: mine, expires: 3600)
        try site.begin("ghost", in: mine, expires: 3600, inCloud: false)
        site.cloud.add(site.burst("elsewhere", state: "far", expires: 3600))
        site.cloud.add([site.thing(.server, "foreign", "z1", owner: "eve", expires: -1)])
        let report = try await site.sweepAll(mine, .init(everything: true))
        #expect(report.left.isEmpty && report.failures.isEmpty && report.removed.count == 10)
        #expect(site.cloud.ids.map(\.id) == ["foreign"])
        for burst in ["render", "ghost"] {
            #expect(try FileStateStore(mine, burst: burst).load()?.isLive == false)
        }
    }

    @Test func `a burst in another account is neither settled nor touched`() async throws {
        let site = try SweepSite()
        let mine = try site.folder("mine")
        try site.begin("render", in: mine, expires: 3600, inCloud: false, account: "another")
        site.cloud.add([site.thing(.server, "old", "z1", state: mine.id, expires: -1)])
        for options in [SweepPolicy.Options(), .init(everything: true)] {
            let report = try await site.sweepAll(mine, options)
            #expect(report.left.isEmpty && report.failures.isEmpty)
        }
        #expect(site.cloud.ids.isEmpty)
        #expect(try FileStateStore(mine, burst: "render").load()?.live.count == 5)
    }

    // MARK: Heartbeat

    @Test func `one sweep by hand is no keeper; one on schedule is, until it is late`() throws {
        let site = try SweepSite()
        let log = KeeperLog(try site.folder("mine"))
        func interval(_ at: Int) -> Seconds? {
            log.interval(provider: "memory", account: "p", owner: "ada", now: Sample.time(at))
        }
        func beat(_ at: Int, _ every: Seconds? = nil) throws {
            try log.beat(provider: "memory", account: "p", owner: "ada", at: Sample.time(at), every: every)
        }
        #expect(interval(0) == nil)
        try beat(0)
        #expect(interval(1) == nil)
        try beat(900)
        #expect(interval(901) == .minutes(15) && interval(900 + 2101) == nil)
        try beat(4000, .minutes(5))
        #expect(interval(4001) == .minutes(5))
        #expect(log.interval(provider: "memory", account: "p", owner: "eve", now: Sample.time(4001)) == nil)
        #expect(log.interval(provider: "other", account: "p", owner: "ada", now: Sample.time(4001)) == nil)
    }
}

/// A cloud in memory, a clock to turn, and state folders beside each other.
struct SweepSite: Sendable {
    final class Clock: Sendable {
        private let seconds = Mutex(0)
        func set(_ value: Int) { seconds.withLock { $0 = value } }
        func now() -> Timestamp { Sample.time(seconds.withLock { $0 }) }
    }

    let scratch: ScratchFolder
    let cloud: SweepCloud
    let clock = Clock()

    init(zones: [String] = ["z1"]) throws {
        scratch = try ScratchFolder()
        cloud = SweepCloud(zones: zones)
    }

    func folder(_ name: String) throws -> StateFolder {
        try StateFolder.open(scratch.path(name), random: ScratchFolder.random)
    }

    func sweep(_ options: SweepPolicy.Options = .init(), halt: Halt = Halt()) -> Sweep {
        Sweep(
            cloud, account: "p", owner: "ada", options: options,
            ambient: Ambient(
                now: { [clock] in clock.now() }, sleep: { _ in try Task.checkCancellation() },
                random: ScratchFolder.random),
            patience: .minutes(1), halt: halt, emit: { _ in })
    }

    func sweepAll(_ folder: StateFolder, _ options: SweepPolicy.Options = .init()) async throws -> SweepReport {
        let sight = try await sweep(options).look(folder)
        return try await sweep(options).remove(sight.decision.candidates, of: sight, in: folder)
    }

    func thing(
        _ kind: ResourceKind, _ id: String, _ zone: String, owner: String = "ada", state: String = "far",
        burst: String = "render", expires: Int
    ) -> CloudResource {
        CloudResource(
            id: ResourceID(kind, zone: zone, id: id), name: id,
            tags: ResourceTags(
                owner: owner, stateID: state, burst: burst, run: "run-\(burst)", attempt: "run-\(burst)-a1", node: nil,
                expires: Sample.time(expires)),
            lifecycle: kind == .server ? .running : .available)
    }

    /// Two servers' worth: one of each dependent.
    func burst(_ name: String, state: String, expires: Int) -> [CloudResource] {
        var server = thing(.server, "\(name)-0", "z1", state: state, burst: name, expires: expires)
        let other = thing(.server, "\(name)-1", "z1", state: state, burst: name, expires: expires)
        var disk = thing(.volume, "\(name)-disk", "z1", state: state, burst: name, expires: expires)
        var address = thing(.address, "\(name)-ip", "z1", state: state, burst: name, expires: expires)
        let wall = thing(.firewall, "\(name)-wall", "z1", state: state, burst: name, expires: expires)
        (server.volumes, server.addresses, server.firewall) = ([disk.id], [address.id], wall.id)
        (disk.attachedTo, address.attachedTo) = (server.id.id, server.id.id)
        (disk.lifecycle, address.lifecycle) = (.attached, .attached)
        return [server, other, disk, address, wall]
    }

    /// A run of `folder` under way, with what it made.
    func begin(
        _ name: String, in folder: StateFolder, expires: Int, inCloud: Bool = true, account: String = "p"
    ) throws {
        let things = burst(name, state: folder.id, expires: expires)
        var run = Sample.run("run-\(name)", phase: .up)
        (run.provider, run.account) = ("memory", account)
        (run.owner, run.stateID, run.zone, run.expires) = ("ada", folder.id, "z1", Sample.time(expires))
        let store = try FileStateStore(folder, burst: name)
        let first = try store.loadOrBegin().journalSeq + 1
        try store.append(JournalRecord(seq: first, at: Sample.time(0), change: .run(run)))
        for (index, thing) in things.enumerated() {
            try store.append(JournalRecord(seq: first + 1 + index, at: Sample.time(0), change: .seen(thing)))
        }
        if inCloud { cloud.add(things) }
    }
}
