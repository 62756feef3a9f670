import Foundation

/// What changes instances that are there.
extension EC2Face {
    static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// An instance that has not ended.
    func live(_ id: String) throws -> Machine {
        guard let machine = world.instance(id), machine.instance?.ended == nil, isKnown(machine.created) else {
            throw EC2Error.notFound("InvalidInstanceID.NotFound", "instance", [id])
        }
        return machine
    }

    private func named() throws -> [Machine] {
        let ids = try query.requiredList("InstanceId")
        if let wrong = ids.first(where: { !Self.isID($0, kind: "i") }) {
            throw EC2Error("InvalidInstanceID.Malformed", "Invalid id: \"\(wrong)\"")
        }
        let lost = ids.filter { id in !(world.instance(id).map { isKnown($0.created) } ?? false) }
        guard lost.isEmpty else { throw EC2Error.notFound("InvalidInstanceID.NotFound", "instance", lost) }
        return ids.compactMap { world.instance($0) }
    }

    private func change(_ before: [Machine]) -> [XMLNode?] {
        let items = before.map { old -> [XMLNode?] in
            let new = world.instance(old.id) ?? old
            return [
                .text("instanceId", old.id), state("currentState", state(new)), state("previousState", state(old)),
            ]
        }
        return [.list("instancesSet", items)]
    }

    mutating func terminateInstances() throws -> [XMLNode?] {
        let machines = try named()
        if let held = machines.first(where: { $0.isProtected && $0.instance?.ended == nil }) {
            throw EC2Error(
                "OperationNotPermitted",
                "The instance '\(held.id)' may not be terminated. Modify its 'disableApiTermination' instance attribute "
                    + "and try again.")
        }
        for machine in machines where machine.instance?.ended == nil {
            world.terminate(machine.id, reason: .user, now: now, clock: clock)
        }
        return change(machines)
    }

    mutating func stopInstances() throws -> [XMLNode?] {
        let machines = try named()
        for machine in machines where ![16, 64, 80].contains(state(machine).code) {
            throw wrongState(machine, "stopped")
        }
        if let spot = machines.first(where: { $0.instance?.spotRequestID != nil }) {
            throw EC2Error(
                "UnsupportedOperation",
                "You can't stop the Spot Instance '\(spot.id)' because it is associated with a one-time Spot Instance "
                    + "request. You can only stop Spot Instances associated with persistent Spot Instance requests.")
        }
        for machine in machines where machine.phase == .running {
            world.stopInstance(machine.id, reason: .user, now: now, clock: clock)
        }
        return change(machines)
    }

    mutating func startInstances() throws -> [XMLNode?] {
        let machines = try named()
        for machine in machines where ![0, 16, 80].contains(state(machine).code) {
            throw wrongState(machine, "started")
        }
        if case .refused(let why) = canSandbox {
            throw EC2Error("InternalError", "cloudsim: \(why)", status: 500)
        }
        for machine in machines where machine.phase == .stopped {
            if world.stock["\(machine.zone)/\(machine.type)"]?.availability == "shortage" {
                throw noCapacity(machine.type, zone: machine.zone, open: [])
            }
            world.machines[machine.id]?.instance?.reason = nil
            world.machines[machine.id]?.instance?.reasonAt = nil
            world.machines[machine.id]?.instance?.launched = now
            world.powerOn(machine.id, step: .launch, now: now, clock: clock)
        }
        return change(machines)
    }

    mutating func rebootInstances() throws -> [XMLNode?] {
        let machines = try named()
        for machine in machines {
            guard machine.phase == .running, machine.instance?.ended == nil else {
                throw wrongState(machine, "rebooted")
            }
            world.guestRebooted(machine.id, now: now, clock: clock)
        }
        return [.bool("return", true)]
    }

    private func wrongState(_ machine: Machine, _ done: String) -> EC2Error {
        EC2Error(
            "IncorrectInstanceState",
            "The instance '\(machine.id)' is not in a state from which it can be \(done).")
    }

    /// One attribute at a time, in either of the two forms. User data changes on a stopped instance only.
    mutating func modifyInstanceAttribute() throws -> [XMLNode?] {
        let machine = try live(try query.required("InstanceId"))
        func value(_ name: String, _ old: String) -> String? {
            query.values["\(name).Value"] ?? query.values[name]
                ?? (query["Attribute"] == old ? query.values["Value"] : nil)
        }
        if let text = value("UserData", "userData") {
            guard machine.phase == .stopped else {
                throw EC2Error(
                    "IncorrectInstanceState", "The instance '\(machine.id)' is not in the 'stopped' state.")
            }
            world.machines[machine.id]?.userData["cloud-init"] = text.isEmpty ? nil : try LaunchRequest.userData(text)
        } else if let flag = value("DisableApiTermination", "disableApiTermination") {
            world.machines[machine.id]?.isProtected = flag == "true"
        } else if let text = value("InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior") {
            guard let behavior = Instance.ShutdownBehavior(rawValue: text) else {
                throw EC2Error.invalid("Invalid value '\(text)' for InstanceInitiatedShutdownBehavior.")
            }
            world.machines[machine.id]?.instance?.shutdownBehavior = behavior
        } else if !query.list("GroupId").isEmpty {
            let groups = try query.list("GroupId").map { try group($0).id }
            world.machines[machine.id]?.instance?.groupIDs = groups
            if let interface = machine.instance?.interfaceID { world.ec2.interfaces[interface]?.groupIDs = groups }
        } else {
            throw EC2Error.combination("No attributes specified.")
        }
        return [.bool("return", true)]
    }
}
