import Foundation

/// The control API under `/_sim/`: what a test sees and turns, without a token.
extension Cloud {
    func control(_ call: Call, now: Instant) -> Reply {
        let path = call.segments.dropFirst()
        do {
            switch (call.method, path.count, path.first ?? "") {
            case ("GET", 1, "address"): return .text(call.caller)
            case ("GET", 1, "endpoint"): return .json(endpoint(call))
            case ("GET", 1, "world"): return .json(counts)
            case ("GET", 1, "inventory"): return .json(inventory)
            case ("GET", 1, "requests"): return .json(requests)
            case ("DELETE", 1, "requests"): log.reset()
            case ("GET", 1, "faults"): return Reply.json(try JSON.parse(JSONEncoder().encode(faults.rules)))
            case ("PUT", 1, "faults"): faults.rules = try JSONDecoder().decode([Fault].self, from: call.body)
            case ("DELETE", 1, "faults"): faults.rules = []
            case ("PUT", 1, "stock"): try setStock(JSON.parse(call.body))
            case ("PUT", 1, "quotas"): world.quotas = try JSONDecoder().decode([String: Int].self, from: call.body)
            case ("POST", 1, "clock"):
                guard settings.isManual else { throw UserDataError("start cloudsim with --manual-clock") }
                advance(seconds: try JSON.parse(call.body)["advance_seconds"]?.double ?? 0)
            case ("PUT", 1, "denied"): world.ec2.denied = try JSONDecoder().decode(Set<String>.self, from: call.body)
            case ("POST", 1, "sessions"): return .json(session(seconds: try JSON.parse(call.body)["seconds"]?.double))
            case ("POST", 1, "lag"):
                let body = try JSON.parse(call.body)
                (lag, idLag) = ((body["listings_ms"]?.double ?? 0) / 1000, (body["ids_ms"]?.double ?? 0) / 1000)
            case (_, 3, "servers"): return try controlServer(call, id: path.dropFirst().first ?? "", now: now)
            default: return .json(["message": "no such control"], status: 404)
            }
            return .empty()
        } catch {
            return .json(["message": .string("\(error)")], status: 400)
        }
    }

    private func endpoint(_ call: Call) -> JSON {
        let host = call.headers["host"] ?? "127.0.0.1:\(world.apiPort)"
        return Endpoint(url: "http://\(host)", sshPort: Int(world.sshPort)).described(world)
    }

    private func controlServer(_ call: Call, id: String, now: Instant) throws -> Reply {
        guard let machine = world.machines[id] else { return .json(["message": "no such server"], status: 404) }
        switch (call.method, call.segments.last ?? "") {
        case ("GET", "console"):
            let text = try? String(contentsOf: store.disk(of: id).console, encoding: .utf8)
            return .text(text ?? "")
        case ("POST", "vanish"): world.remove(id, keepsLocalVolumes: false, now: now, clock: clock)
        case ("POST", "kill"): halt(machine)
        case ("POST", "preempt"):
            guard machine.instance?.spotRequestID != nil else { throw UserDataError("\(id) is no spot instance") }
            let body = call.body.isEmpty ? .null : try JSON.parse(call.body)
            let at = now + (body["notice_seconds"]?.double ?? 120)
            world.machines[id]?.instance?.interruption = at
            return .json(["action": "terminate", "time": .string(at.plainText)])
        default: return .json(["message": "no such control"], status: 404)
        }
        return .empty()
    }

    /// The machine dies under the API's nose: it still says running.
    func halt(_ machine: Machine) {
        deadBoots[machine.id] = machine.boots
        guests[machine.id]?.isEnding = true
        guests[machine.id]?.process.end()
    }

    /// Temporary credentials for EC2, expired ones for a negative time.
    private func session(seconds: Double?) -> JSON {
        let arn = "arn:aws:sts::\(world.ec2.accountID):assumed-role/cloudsim/test"
        let made = EC2Account.session(seconds: seconds ?? 3600, arn: arn, now: .now(), using: &world.generator)
        world.ec2.sessions.append(made)
        return [
            "access_key_id": .string(made.accessKeyID), "secret_access_key": .string(made.secretAccessKey),
            "session_token": .string(made.token), "expiration": .string(made.ends.plainText),
        ]
    }

    private func setStock(_ body: JSON) throws {
        guard let zone = body["zone"]?.string, let type = body["type"]?.string,
            let availability = body["availability"]?.string, ["available", "scarce", "shortage"].contains(availability)
        else { throw UserDataError("zone, type and availability (available, scarce or shortage) are required") }
        let refuses = body["on_poweron"]?.string == "refuse"
        world.stock["\(zone)/\(type)"] = World.Stock(availability: availability, refuses: refuses)
    }

    private var requests: JSON {
        [
            "total": .int(log.count.total), "mutating": .int(log.count.mutating), "polls": .int(log.count.polls),
            "by_path": .object(log.count.byPath.mapValues(JSON.int)),
        ]
    }

    private var counts: JSON {
        [
            "servers": .int(world.machines.count), "servers_powered": .int(world.powered),
            "servers_powered_most": .int(mostPowered),
            "volumes": .int(world.localVolumes.count), "block_volumes": .int(world.blockVolumes.count),
            "snapshots": .int(world.snapshots.count), "ips": .int(world.addresses.count),
            "security_groups": .int(world.groups.values.count { !$0.isProjectDefault }),
            "placement_groups": .int(world.placementGroups.count),
            "ssh_keys": .int(world.publicKeys.count + world.ec2.keyPairs.count),
            "network_interfaces": .int(world.ec2.interfaces.count),
            "spot_requests": .int(world.ec2.spotRequests.values.count { $0.state == .active }),
            "ended": .int(world.ec2.ended.count),
            "sandboxes": .int(guests.count), "is_empty": .bool(isIdle),
        ]
    }
}
