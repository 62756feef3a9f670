/// `POST /servers/{id}/action`.
extension ScalewayFace {
    func listActions() throws -> Reply { .json(["actions": .list(allowedActions(try machine()))]) }

    mutating func act() throws -> Reply {
        let machine = try machine()
        let action = try body()["action"]?.string ?? ""
        switch action {
        case "poweron": try powerOn(machine)
        case "poweroff":
            try require(machine, running: true, standby: true)
            stop(machine, .stopped, .stop, "stopping")
        case "stop_in_place":
            try require(machine, running: true)
            stop(machine, .standby, .standby, "stopping in place")
        case "reboot":
            try require(machine, running: true, standby: true)
            stop(machine, .restart, .rebootDown, "rebooting")
        case "terminate":
            try require(machine, running: true, standby: true)
            stop(machine, .gone, .terminate, "terminating")
        case "backup", "enable_routed_ip":
            throw APIError.invalid(.constraint("action", "\(action) is not part of the simulated cloud"))
        default: throw APIError.invalid(.constraint("action"))
        }
        return .json(["task": task(from: "/servers/\(id)/action", result: "/servers/\(id)")], status: 202)
    }

    /// Since 2026 tasks are explicitly fake: the server is what is to be polled.
    func task(from: String, result: String) -> JSON {
        [
            "id": "00000000-0000-0000-0000-000000000000", "description": "fake task", "status": "pending",
            "href_from": .string(from), "href_result": .string(result), "started_at": .string(now.instanceText),
            "terminated_at": nil, "progress": 0, "zone": .string(zone),
        ]
    }

    private mutating func powerOn(_ machine: Machine) throws {
        guard machine.phase == .stopped || machine.phase == .standby else {
            throw APIError.precondition("resource_not_usable", "server should be stopped")
        }
        if case .refused(let why) = canSandbox {
            throw APIError(status: 500, body: ["type": "server_error", "message": .string("cloudsim: \(why)")])
        }
        let stock = world.stock["\(zone)/\(machine.type)"]
        let availability = stock?.availability ?? catalog.offer(machine.type, zone: zone)?.availability
        let hasCapacity = availability != "shortage" || machine.phase == .standby
        if !hasCapacity, stock?.refuses == true { throw APIError.outOfStock(machine.type) }
        world.powerOn(id, now: now, clock: clock, capacity: hasCapacity)
    }

    private func require(_ machine: Machine, running: Bool, standby: Bool = false) throws {
        let isFit = (running && machine.phase == .running) || (standby && machine.phase == .standby)
        guard isFit else { throw APIError.precondition("resource_not_usable", "server should be running") }
        if machine.isProtected {
            throw APIError.precondition("protected_resource", "server is protected")
        }
        if allowedActions(machine).isEmpty {
            throw APIError.precondition("resource_not_usable", "server volumes are in a transient state")
        }
    }

    private mutating func stop(_ machine: Machine, _ goal: Machine.Goal, _ step: SimClock.Step, _ detail: String) {
        world.stop(machine.id, goal: goal, step: step, detail: detail, now: now, clock: clock)
    }
}
