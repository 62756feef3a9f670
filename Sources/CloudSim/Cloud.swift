import Foundation

/// The cloud itself: it owns the world, lets time pass in it, and keeps the sandboxes as the world says they are.
actor Cloud {
    struct Settings: Sendable {
        var clock: SimClock
        var hasGuests: Bool
        var requestLog: String?
        /// Time passes only when `POST /_sim/clock` says so.
        var isManual = false
        /// How many seconds a client's clock may be off for EC2 to take its signature.
        var clockSkew = 900.0
    }

    struct Guest {
        let process: GuestProcess
        let boot: Int
        var listening: String?
        var isEnding = false
    }

    var world: World
    let catalog: Catalog
    let ec2Catalog = EC2Catalog()
    let settings: Settings
    let store: WorldStore
    let sandbox: Sandbox
    var guests: [String: Guest] = [:]
    /// The boot that a machine's guest has died of by itself: it is not tried again.
    var deadBoots: [String: Int] = [:]
    var faults = Faults()
    var log: RequestLog
    var lag: Double = 0
    /// For so many seconds an id of EC2 is unknown to every action.
    var idLag: Double = 0
    /// The most servers that were ever on at once, since this process began.
    private(set) var mostPowered = 0
    /// The tags of every server that was ever on, by its id, since this process began.
    private(set) var everPowered: [String: [String]] = [:]
    private var past: [(at: Instant, world: World)] = []
    private var verdict: SandboxVerdict?
    private var timer: Task<Void, Never>?
    private var frozen: Instant?
    private(set) var lastRequest = Instant.now()
    private(set) var isShuttingDown = false

    init(world: World, store: WorldStore, settings: Settings) throws {
        (self.world, self.store, self.settings) = (world, store, settings)
        catalog = try Catalog()
        sandbox = Sandbox(shadows: store.folder.appending(path: "shadows"))
        // An earlier version may have written others.
        try? FileManager.default.removeItem(at: sandbox.shadows)
        log = try RequestLog(path: settings.requestLog)
        frozen = settings.isManual ? .now() : nil
    }

    var clock: SimClock { settings.clock }
    var now: Instant { frozen ?? .now() }

    func setPorts(api: UInt16, ssh: UInt16) throws {
        (world.apiPort, world.sshPort) = (api, ssh)
        try store.save(world)
    }

    // MARK: Requests

    func pickFault(_ call: Call, target: String) -> Fault? {
        call.isControl || call.isMetadata ? nil : faults.pick(call, target: target)
    }

    func record(_ call: Call, status: Int, seconds: Double, fault: String?) {
        log.record(call, status: status, seconds: seconds, fault: fault, at: .now())
    }

    func answer(_ call: Call) -> Reply {
        let now = now
        let mayChange = call.isMutating
        if mayChange { remember(now) }
        var reply: Reply
        settle(now)
        if call.isControl {
            reply = control(call, now: now)
        } else if call.isMetadata {
            reply = Metadata(call: call, world: world, now: now).answer()
        } else {
            lastRequest = .now()
            var face = face(call, now: now)
            reply = face.answer()
            if mayChange, reply.status < 400 { world = face.world }
        }
        if mayChange {
            do {
                try store.save(world)
            } catch {
                reply = .json(
                    ["type": "server_error", "message": .string("the world cannot be saved: \(error)")], status: 500)
            }
            keepUp(now)
        }
        return reply
    }

    private func face(_ call: Call, now: Instant) -> any Face {
        let listed = lag > 0 ? seen(at: now + -lag) : world
        let verdict = call.startsMachines ? canSandbox() : .possible
        if call.action != nil {
            return EC2Face(
                call: call, world: world, listed: listed, catalog: ec2Catalog, clock: clock, now: now,
                canSandbox: verdict, idLag: idLag, clockSkew: settings.clockSkew)
        }
        return ScalewayFace(
            call: call, world: world, listed: listed, catalog: catalog, clock: clock, now: now, canSandbox: verdict)
    }

    private func canSandbox() -> SandboxVerdict {
        guard settings.hasGuests else { return .possible }
        if verdict != .possible { verdict = sandbox.prepared() }
        return verdict ?? .possible
    }

    /// Tries the sandbox before anybody needs it, without holding up requests.
    nonisolated func warmUp() async {
        if settings.hasGuests { await adopt(sandbox.prepared()) }
    }

    private func adopt(_ found: SandboxVerdict) { verdict = verdict ?? found }

    // MARK: Time

    /// Keeps the world as it was before a change, for listings that lag behind.
    private func remember(_ now: Instant) {
        guard lag > 0 else { return past.removeAll() }
        past.append((now, world))
        past.removeAll { $0.at < now + -(lag + 60) }
    }

    private func seen(at instant: Instant) -> World { past.first { $0.at > instant }?.world ?? world }

    private func settle(_ now: Instant) {
        world.settle(now: now, clock: clock) { guests[$0] != nil }
    }

    /// Makes the sandboxes what the world says, and wakes up again when something is due.
    func keepUp(_ now: Instant) {
        mostPowered = max(mostPowered, world.powered)
        for machine in world.machines.values where machine.isPowered {
            everPowered[machine.id] = tags(of: machine.id, machine.tags)
        }
        reconcileGuests(now)
        timer?.cancel()
        guard frozen == nil, let due = world.nextDue(after: now) else { return }
        timer = Task {
            try? await Task.sleep(for: .seconds(max(0.001, due - Instant.now())))
            if !Task.isCancelled { tick() }
        }
    }

    /// Lets manual time pass.
    func advance(seconds: Double) {
        frozen = frozen.map { $0 + seconds }
        tick()
    }

    private func tick() {
        let now = now
        settle(now)
        try? store.save(world)
        keepUp(now)
    }

    /// Brings up what was running when the cloud was last ended.
    func resume() {
        let now = now
        for machine in world.machines.values where machine.isPowered {
            world.machines[machine.id]?.bootFailure = nil
            world.machines[machine.id]?.boots += 1
            world.machines[machine.id]?.bootsAt = now + clock.bootDelay
        }
        if world.machines.values.contains(where: \.isPowered), case .refused(let why) = canSandbox() {
            FileHandle.standardError.write(Data("cloudsim: machines cannot be booted again: \(why)\n".utf8))
        }
        keepUp(now)
    }

    var isIdle: Bool { world.isEmpty && guests.isEmpty }

    /// Ends every sandbox and waits until no process of them is left.
    func shutDown() async {
        isShuttingDown = true
        timer?.cancel()
        for (id, guest) in guests {
            guests[id]?.isEnding = true
            guest.process.end()
        }
        // One that cannot be ended is ended by the kernel when this process goes.
        for _ in 0..<1000 where !guests.isEmpty { try? await Task.sleep(for: .milliseconds(5)) }
        store.close()
    }

    /// What a guest's events lead to: the world changes, is saved, and the sandboxes follow.
    func change(_ body: (inout World, Instant) -> Void) {
        let now = now
        body(&world, now)
        settle(now)
        try? store.save(world)
        keepUp(now)
    }
}
