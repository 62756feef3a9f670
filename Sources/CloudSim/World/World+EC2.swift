/// What becomes of an EC2 instance when its power goes, and what it leaves.
extension World {
    var instances: [Machine] { machines.values.filter { $0.instance != nil } }

    /// Ended ones included, for as long as they are on record.
    func instance(_ id: String) -> Machine? { ec2.ended[id] ?? machines[id].flatMap { $0.instance == nil ? nil : $0 } }

    mutating func newEC2ID(_ kind: String) -> String { generator.resourceID(kind) }

    /// A private address in the zone's subnet, away from the first four that AWS keeps.
    mutating func newPrivateAddress(zone: String) -> String {
        let taken = Set(ec2.interfaces.values.map(\.privateAddress))
        while true {
            let bits = generator.next()
            let (high, low) = (EC2Account.network(of: zone) + Int(bits % 16), Int(bits >> 16 & 255))
            let address = "172.31.\(high).\(low)"
            if (5...250).contains(low), !taken.contains(address) { return address }
        }
    }

    /// Shutting down, and gone for good at the end of it. An instance that has no guest any more goes just so.
    mutating func terminate(_ id: String, reason: Instance.Reason, now: Instant, clock: SimClock) {
        guard let machine = machines[id], machine.change?.goal != .gone else { return }
        setReason(reason, on: id, now: now)
        stop(id, goal: .gone, step: .shutDown, detail: "shutting-down", now: now, clock: clock)
        guard let requestID = machine.instance?.spotRequestID, ec2.spotRequests[requestID]?.state == .active else {
            return
        }
        ec2.spotRequests[requestID]?.state = .closed
        ec2.spotRequests[requestID]?.updated = now
        let isTaken = reason.code == Instance.Reason.spot.code
        ec2.spotRequests[requestID]?.code = isTaken ? "instance-terminated-no-capacity" : "instance-terminated-by-user"
        ec2.spotRequests[requestID]?.message =
            isTaken
            ? "Your Spot instance was terminated because there is no Spot capacity available that matches your request."
            : "Spot Instance terminated due to user-initiated termination."
    }

    mutating func stopInstance(_ id: String, reason: Instance.Reason, now: Instant, clock: SimClock) {
        setReason(reason, on: id, now: now)
        stop(id, goal: .stopped, step: .halt, detail: "stopping", now: now, clock: clock)
    }

    private mutating func setReason(_ reason: Instance.Reason, on id: String, now: Instant) {
        machines[id]?.instance?.reason = reason
        machines[id]?.instance?.reasonAt = now
    }

    /// The guest has shut itself down.
    mutating func instanceShutDown(_ id: String, now: Instant, clock: SimClock) {
        switch machines[id]?.instance?.shutdownBehavior {
        case .terminate: terminate(id, reason: .guest, now: now, clock: clock)
        case .stop: stopInstance(id, reason: .guest, now: now, clock: clock)
        case nil: break
        }
    }

    /// Notes what is left of an instance that has just gone, and lets go of what belonged to it.
    mutating func bury(_ machine: Machine, now: Instant) {
        guard let instance = machine.instance else { return }
        for disk in machine.disks.values where disk.deletesWithMachine == true {
            blockVolumes[disk.volumeID] = nil
            ec2.tags[disk.volumeID] = nil
        }
        for (id, interface) in ec2.interfaces where interface.machineID == machine.id {
            ec2.interfaces[id]?.machineID = nil
            ec2.interfaces[id]?.attachmentID = nil
            guard interface.deletesWithMachine else { continue }
            ec2.interfaces[id] = nil
            ec2.tags[id] = nil
        }
        var ended = machine
        ended.instance?.ended = now
        ended.instance?.reason = instance.reason ?? .user
        (ended.disks, ended.dynamicAddress, ended.addressIDs, ended.change) = ([:], nil, [], nil)
        ended.phase = .stopped
        ended.userData = [:]
        ec2.ended[machine.id] = ended
    }

    /// Takes back spot instances whose time has come, and forgets those that ended long ago.
    mutating func settleInstances(now: Instant, clock: SimClock) {
        for machine in machines.values {
            guard let at = machine.instance?.interruption, at <= now else { continue }
            machines[machine.id]?.instance?.interruption = nil
            terminate(machine.id, reason: .spot, now: now, clock: clock)
        }
        let onRecord = max(60, EC2Account.secondsOnRecord * clock.scale)
        for (id, machine) in ec2.ended {
            guard let ended = machine.instance?.ended, ended + onRecord <= now else { continue }
            ec2.ended[id] = nil
            ec2.tags[id] = nil
        }
    }
}
