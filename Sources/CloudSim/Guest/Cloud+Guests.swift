import Foundation

/// Sandboxes follow the world: one per powered machine, listening where its address and its group let it.
extension Cloud {
    func reconcileGuests(_ now: Instant) {
        guard settings.hasGuests, !isShuttingDown else { return }
        for (id, guest) in guests where !guest.isEnding {
            guard let machine = world.machines[id], machine.isPowered, machine.boots == guest.boot else {
                guests[id]?.isEnding = true
                guest.process.end()
                continue
            }
            listen(machine)
        }
        for machine in world.machines.values where guests[machine.id] == nil {
            guard machine.isPowered, let at = machine.bootsAt, at <= now, deadBoots[machine.id] != machine.boots,
                machine.bootFailure == nil
            else { continue }
            boot(machine)
        }
    }

    /// A listener stands where the group admits callers of this host; without one a connection is refused.
    private func listen(_ machine: Machine) {
        guard let guest = guests[machine.id] else { return }
        let isAdmitted = machine.firewallIDs.contains { id in
            [22, Int(world.sshPort)].contains { world.groups[id]?.admits(source: "127.0.0.1", port: $0) ?? true }
        }
        let address = isAdmitted ? world.sshAddress(of: machine).map { "\($0):\(world.sshPort)" } : nil
        guard address != guest.listening else { return }
        guests[machine.id]?.listening = address
        guest.process.say(address.map { "listen \($0)" } ?? "close")
    }

    private func boot(_ machine: Machine) {
        let disk = store.disk(of: machine.id)
        do {
            let config = try CloudConfig(userData: machine.userData["cloud-init"] ?? "")
            let login = login(machine)
            if !FileManager.default.fileExists(atPath: disk.root.path) {
                try disk.prepare(GuestAccounts(users: config.users.map(\.name), login: login?.user))
            }
            let hostname = Self.hostname(config.hostname ?? machine.name)
            try disk.write(hostname: hostname)
            let seed = GuestSeed(
                config: config, hostname: hostname, isFirstBoot: !machine.isInitialised,
                projectKeys: projectKeys(machine), login: login)
            try seed.write(to: disk.seed)
            let process = try GuestProcess(
                command: sandbox.command(disk: disk, hostname: hostname), console: disk.console)
            guests[machine.id] = Guest(process: process, boot: machine.boots)
            Task { [id = machine.id, boot = machine.boots] in
                for await event in process.events { hear(event, from: id, boot: boot) }
            }
            listen(machine)
        } catch {
            fail(machine.id, "\(error)")
        }
    }

    /// Who logs in on an image of EC2, with the key pair of the launch.
    private func login(_ machine: Machine) -> GuestSeed.Login? {
        guard let instance = machine.instance else { return nil }
        let key = world.ec2.keyPairs.values.first { $0.name == instance.keyName }
        return GuestSeed.Login(
            user: instance.loginUser, keys: key.map { [$0.key] } ?? [],
            metadata: Metadata.endpoint(of: machine, port: world.apiPort))
    }

    /// Keys of the project and of `AUTHORIZED_KEY=` tags, in which spaces are written as underscores.
    private func projectKeys(_ machine: Machine) -> [String] {
        let keys = world.publicKeys.values.filter { !$0.isDisabled && $0.projectID == machine.projectID }
        let tags = machine.tags.filter { $0.hasPrefix("AUTHORIZED_KEY=") }
        let tagged = tags.map { String($0.dropFirst("AUTHORIZED_KEY=".count)).replacing("_", with: " ") }
        return keys.sorted { $0.created < $1.created }.map(\.key) + tagged
    }

    private static func hostname(_ name: String) -> String {
        let letters = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" }
        let short = String(letters.prefix(63)).trimmingCharacters(in: ["-"])
        return short.isEmpty ? "machine" : short
    }

    /// A boot that cannot be: said in the API, in the console, in the request log and on standard error.
    private func fail(_ id: String, _ why: String) {
        let line = "boot of \(world.machines[id]?.name ?? id) (\(id)) failed: \(why)"
        FileHandle.standardError.write(Data("cloudsim: \(line)\n".utf8))
        log.note(["at": .string(Instant.now().zuluText), "boot_failed": .string(why), "server": .string(id)])
        let console = store.disk(of: id).console
        try? FileManager.default.createDirectory(
            at: console.deletingLastPathComponent(), withIntermediateDirectories: true)
        let before = (try? Data(contentsOf: console)) ?? Data()
        try? (before + Data("cloudsim: \(line)\n".utf8)).write(to: console)
        change { world, _ in
            world.machines[id]?.bootFailure = why
            if world.machines[id]?.phase == .running { world.machines[id]?.detail = "boot failed: \(why)" }
        }
    }

    private func hear(_ event: GuestProcess.Event, from id: String, boot: Int) {
        guard case .line(let line) = event else { return ended(id, boot: boot) }
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let argument = words.count > 1 ? words[1] : ""
        switch words.first {
        case "fingerprint":
            change { world, _ in world.machines[id]?.userData["ssh-host-fingerprints"] = argument + "\n" }
        case "booted":
            change { world, _ in
                world.machines[id]?.isInitialised = true
                if world.machines[id]?.phase == .running, world.machines[id]?.bootFailure == nil {
                    world.machines[id]?.detail = "booted"
                }
            }
        case "power" where argument == "halt" && world.machines[id]?.instance != nil:
            // EC2 is not told when a guest halts: it goes on running, and costing.
            if let machine = world.machines[id] { halt(machine) }
        case "power" where argument == "reboot":
            change { [clock] world, now in world.guestRebooted(id, now: now, clock: clock) }
        case "power":
            change { [clock] world, now in world.guestPoweredOff(id, now: now, clock: clock) }
        case "failed":
            guests[id]?.isEnding = true
            guests[id]?.process.end()
            fail(id, argument)
        default: break
        }
    }

    private func ended(_ id: String, boot: Int) {
        guard guests[id]?.boot == boot else { return }
        let wasWanted = guests[id]?.isEnding == true
        guests[id] = nil
        if !wasWanted {
            deadBoots[id] = boot
            let console = (try? String(contentsOf: store.disk(of: id).console, encoding: .utf8)) ?? ""
            fail(id, "its sandbox ended by itself: \(console.split(separator: "\n").last ?? "the console is empty")")
        }
        change { _, _ in }
        if world.machines[id] == nil {
            deadBoots[id] = nil
            Task { [disk = store.disk(of: id)] in disk.remove() }
        }
    }
}
