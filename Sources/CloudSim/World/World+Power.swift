/// Power and time: what an action starts and what time finishes.
extension World {
    /// Starts a stopped or standby machine; without `capacity` it falls back to stopped.
    mutating func powerOn(
        _ id: String, step: SimClock.Step = .start, now: Instant, clock: SimClock, capacity: Bool = true
    ) {
        let isResumed = machines[id]?.phase == .standby
        machines[id]?.detail = isResumed ? "stopped in place" : "allocating node"
        machines[id]?.phase = .starting
        machines[id]?.bootFailure = nil
        if capacity {
            machines[id]?.boots += 1
            machines[id]?.bootsAt = now + clock.bootDelay
        }
        begin(capacity ? .running : .noCapacity, step, on: id, now: now, clock: clock)
    }

    mutating func stop(
        _ id: String, goal: Machine.Goal, step: SimClock.Step, detail: String, now: Instant, clock: SimClock
    ) {
        machines[id]?.phase = .stopping
        machines[id]?.detail = detail
        machines[id]?.bootsAt = nil
        begin(goal, step, on: id, now: now, clock: clock)
        guard goal == .gone else { return }
        for (volumeID, volume) in localVolumes where volume.machineID == id {
            localVolumes[volumeID]?.isDeleting = true
            localVolumes[volumeID]?.modified = now
        }
    }

    /// What `poweroff` typed inside the guest leads to: on Scaleway standby, which is still billed; on EC2 what the
    /// instance was told to do.
    mutating func guestPoweredOff(_ id: String, now: Instant, clock: SimClock) {
        guard let machine = machines[id], machine.isPowered else { return }
        if machine.instance != nil { return instanceShutDown(id, now: now, clock: clock) }
        stop(id, goal: .standby, step: .terminate, detail: "stopping in place", now: now, clock: clock)
    }

    /// A reboot from inside the guest is invisible in the API.
    mutating func guestRebooted(_ id: String, now: Instant, clock: SimClock) {
        guard machines[id]?.phase == .running || machines[id]?.phase == .starting else { return }
        machines[id]?.boots += 1
        machines[id]?.bootsAt = now + clock.bootDelay
    }

    /// Removes a machine: block volumes and addresses stay behind, local volumes only when it was deleted, not terminated.
    mutating func remove(_ id: String, keepsLocalVolumes: Bool, now: Instant, clock: SimClock) {
        guard let machine = machines.removeValue(forKey: id) else { return }
        for disk in machine.disks.values {
            switch disk.kind {
            case .block: detach(volume: disk.volumeID, now: now, clock: clock)
            case .local where keepsLocalVolumes:
                localVolumes[disk.volumeID]?.machineID = nil
                localVolumes[disk.volumeID]?.modified = now
            case .local: localVolumes[disk.volumeID] = nil
            }
        }
        for addressID in machine.addressIDs { addresses[addressID]?.machineID = nil }
        bury(machine, now: now)
    }

    mutating func detach(volume id: String, lingers: Bool = false, now: Instant, clock: SimClock) {
        guard blockVolumes[id]?.reference != nil else { return }
        let seconds = clock.duration(of: .detach, using: &generator)
        blockVolumes[id]?.reference?.status = lingers ? .attached : .detaching
        blockVolumes[id]?.reference?.isLeaving = lingers
        blockVolumes[id]?.reference?.ends = now + seconds
    }

    mutating func attach(volume id: String, to machineID: String, attaching: Bool, now: Instant, clock: SimClock) {
        // Volumes of one machine are attached one after the other.
        let pending = blockVolumes.values.compactMap(\.reference).filter {
            $0.machineID == machineID && $0.status == .attaching
        }
        let begin = max(now, pending.compactMap(\.ends).max() ?? now)
        let ends = attaching ? begin + clock.duration(of: .attach, using: &generator) : nil
        let referenceID = newID()
        blockVolumes[id]?.reference = BlockVolume.Reference(
            id: referenceID, machineID: machineID, created: now, status: attaching ? .attaching : .attached, ends: ends)
        blockVolumes[id]?.updated = now
    }

    private mutating func begin(
        _ goal: Machine.Goal, _ step: SimClock.Step, on id: String, now: Instant, clock: SimClock
    ) {
        let seconds = clock.duration(of: step, using: &generator)
        machines[id]?.change = Machine.Change(goal: goal, began: now, ends: now + seconds)
        machines[id]?.modified = now
    }

    /// Finishes what time has finished. A machine whose guest still runs (`isBusy`) does not count as stopped or gone.
    mutating func settle(now: Instant, clock: SimClock, isBusy: (String) -> Bool) {
        settleInstances(now: now, clock: clock)
        for (id, machine) in machines {
            guard let change = machine.change else { continue }
            if change.ends <= now {
                let leaves = change.goal == .running || change.goal == .noCapacity
                if leaves || !isBusy(id) { finish(change, of: id, now: now, clock: clock) }
            } else if change.goal == .gone, change.ends - now < (now - change.began) {
                // Addresses are let go before the machine is: an instant after the action they still name it.
                for addressID in machine.addressIDs { addresses[addressID]?.machineID = nil }
                machines[id]?.addressIDs = []
                machines[id]?.dynamicAddress = nil
            } else if machine.detail == "allocating node", change.ends - now < (now - change.began),
                machine.macAddress.utf8.last.map({ $0 % 5 == 0 }) ?? false
            {
                // One start in five was seen to name this step too.
                machines[id]?.detail = "provisioning node"
            }
        }
        settleVolumes(now: now, clock: clock)
    }

    private mutating func finish(_ change: Machine.Change, of id: String, now: Instant, clock: SimClock) {
        machines[id]?.change = nil
        machines[id]?.modified = now
        switch change.goal {
        case .running:
            let node = machines[id]?.node ?? Int(generator.next() % 60) + 1
            let failure = machines[id]?.bootFailure
            machines[id]?.phase = .running
            machines[id]?.detail = failure.map { "boot failed: \($0)" } ?? "booting kernel"
            machines[id]?.node = node
            giveDynamicAddress(id)
        case .stopped, .noCapacity:
            machines[id]?.phase = .stopped
            machines[id]?.detail = change.goal == .noCapacity ? "out of stock" : ""
            machines[id]?.node = nil
            machines[id]?.dynamicAddress = nil
        case .standby:
            machines[id]?.phase = .standby
            machines[id]?.detail = "stopped in place"
        case .restart:
            machines[id]?.phase = .starting
            machines[id]?.detail = "rebooting"
            machines[id]?.boots += 1
            machines[id]?.bootsAt = now + clock.bootDelay
            begin(.running, .rebootUp, on: id, now: now, clock: clock)
        case .gone:
            remove(id, keepsLocalVolumes: false, now: now, clock: clock)
        }
    }

    mutating func giveDynamicAddress(_ id: String) {
        guard let machine = machines[id], machine.wantsDynamicAddress, machine.dynamicAddress == nil,
            machine.phase == .running, !addresses(of: machine).contains(where: { !$0.isIPv6 })
        else { return }
        let address = Address(
            id: newID(), zone: machine.zone, projectID: machine.projectID, value: newLoopbackAddress(), isIPv6: false,
            tags: [], machineID: id)
        machines[id]?.dynamicAddress = address
    }

    private mutating func settleVolumes(now: Instant, clock: SimClock) {
        for (id, volume) in blockVolumes {
            if let ends = volume.transientEnds, ends <= now {
                blockVolumes[id]?.transient = nil
                blockVolumes[id]?.transientEnds = nil
            }
            guard let reference = volume.reference, let ends = reference.ends, ends <= now else { continue }
            if reference.isLeaving {
                detach(volume: id, now: now, clock: clock)
            } else if reference.status == .detaching {
                blockVolumes[id]?.reference = nil
                blockVolumes[id]?.lastDetached = now
            } else {
                blockVolumes[id]?.reference?.status = .attached
                blockVolumes[id]?.reference?.ends = nil
            }
            blockVolumes[id]?.updated = now
        }
        for (id, volume) in localVolumes where volume.isSnapshotting {
            let pending = snapshots.values.contains { $0.parentID == id && $0.readyAt > now }
            if !pending { localVolumes[id]?.isSnapshotting = false }
        }
    }

    /// When something will next happen by itself.
    func nextDue(after now: Instant) -> Instant? {
        var due: [Instant] = []
        for machine in machines.values {
            if let ends = machine.change?.ends { due.append(max(ends, now)) }
            if let boots = machine.bootsAt, machine.isPowered { due.append(boots) }
            if let taken = machine.instance?.interruption { due.append(taken) }
        }
        for volume in blockVolumes.values {
            if let ends = volume.transientEnds { due.append(ends) }
            if let ends = volume.reference?.ends { due.append(ends) }
        }
        return due.filter { $0 >= now }.min()
    }
}
