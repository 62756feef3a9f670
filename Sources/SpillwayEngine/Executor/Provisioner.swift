import SpillwayCore

/// Carries out the creating half of a plan in one zone: firewall, addresses, servers, power, running.
struct Provisioner: Sendable {
    /// How long a server may take from power-on to running before its zone is given up.
    static let patience = Seconds.minutes(10)

    let site: BurstSite
    /// What a node is booted with; made before the first create, so that it never depends on what is found later.
    let userData: @Sendable (_ node: Int) -> String

    /// The zone cannot take the burst: the next offer may. Everything else that fails is thrown as it is.
    struct OutOfCapacity: Error {
        var reason: String
        /// Where the provider says there is room; tried before the others.
        var elsewhere: Set<String> = []
    }

    func carryOut(_ plan: Plan, offer: Offer, run: RunRecord) async throws {
        let firewall = try await firewall(plan, run)
        let addresses = try await addresses(plan, run)
        let created = try await servers(plan, offer, run, firewall: firewall, addresses: addresses)
        let idle = plan.steps.filter { $0.action == .update && $0.address.kind == .server }.compactMap(\.resource)
        let booting = site.provider.traits.bornStopped ? created + idle : idle
        try await boot(booting)
        try await awaitRunning(plan, run, asked: Set(booting.map(\.id)))
    }

    // MARK: The steps

    private func firewall(_ plan: Plan, _ run: RunRecord) async throws -> ResourceID {
        guard let step = plan.steps.first(where: { $0.address.kind == .firewall && $0.action != .delete }) else {
            throw bug("a plan without a firewall")
        }
        switch (step.action, step.resource) {
        case (.update, .some(let firewall)):
            return try await reported(step) {
                try await site.provider.admit(run.admission, firewall: firewall.id, log: site.journal)
                return firewall.id
            }
        case (_, .some(let firewall)):
            return firewall.id
        case (_, .none):
            let request = FirewallRequest(
                name: "spillway-\(site.burst)-\(run.id)", zone: run.zone, tags: tags(run, node: nil),
                admission: run.admission)
            return try await reported(step) {
                try await site.provider.createFirewall(request, log: site.journal).id
            }
        }
    }

    private func addresses(_ plan: Plan, _ run: RunRecord) async throws -> [Int: ResourceID] {
        let steps = plan.steps.filter { $0.address.kind == .address && $0.action != .delete }
        let results = await concurrently(steps) { step -> (Int, ResourceID) in
            let node = step.address.node ?? 0
            if let resource = step.resource { return (node, resource.id) }
            let request = AddressRequest(zone: run.zone, tags: tags(run, node: node))
            return try await reported(step) {
                (node, try await site.provider.createAddress(request, log: site.journal).id)
            }
        }
        return Dictionary(try results.map { try $0.get() }, uniquingKeysWith: { first, _ in first })
    }

    private func servers(
        _ plan: Plan, _ offer: Offer, _ run: RunRecord, firewall: ResourceID, addresses: [Int: ResourceID]
    ) async throws -> [CloudResource] {
        let steps = plan.steps.filter { $0.address.kind == .server && $0.action == .create }
        guard !steps.isEmpty, let image = run.image else { return [] }
        let nodes = steps.compactMap(\.address.node)
        for step in steps { site.emit(.step(step.address, .create, .started, detail: step.what)) }
        let group = ServerGroup(
            zone: run.zone, instanceType: offer.type.name, image: image, root: offer.root, firewall: firewall,
            tags: tags(run, node: nil),
            nodes: nodes.map { node in
                ServerGroup.Node(
                    index: node, name: "spillway-\(site.burst)-\(node)", address: addresses[node],
                    userData: userData(node))
            },
            rate: offer.rates.server, isSpot: offer.isSpot)
        let results = await site.provider.createServers(group, log: site.journal)
        for (step, result) in zip(steps, results) {
            switch result {
            case .success(let server):
                site.emit(.step(step.address, .create, .done, detail: server.ipv4 ?? server.name))
            case .failure(let error): site.emit(.step(step.address, .create, .failed, detail: error.detail))
            }
        }
        return try results.map { result in
            do {
                return try result.get()
            } catch let error as ProviderError {
                throw Self.classified(error, offer: offer)
            }
        }
    }

    private func boot(_ servers: [CloudResource]) async throws {
        let results = await concurrently(servers) { server in
            let node = server.tags?.node ?? 0
            site.emit(.step(.init(.server, node), .update, .started, detail: "power on"))
            try await site.provider.boot(server, userData: userData(node), log: site.journal)
            site.emit(.step(.init(.server, node), .update, .done, detail: "powered on"))
        }
        for case .failure(let error) in results {
            if let error = error as? ProviderError { throw Self.classified(error, zone: servers[0].id.zone) }
            throw error
        }
    }

    /// One listing polls all nodes. A server that was asked to start and is found stopped again has no host.
    private func awaitRunning(_ plan: Plan, _ run: RunRecord, asked: Set<ResourceID>) async throws {
        let wanted = plan.nodes
        let giveUp = site.ambient.now() + Self.patience
        var pace = Pace()
        var started: Set<ResourceID> = []
        var stoppedLooks: [ResourceID: Int] = [:]
        var absences: [ResourceID: Int] = [:]
        guard
            !asked.isEmpty
                || plan.steps.contains(where: { $0.address.kind == .server && $0.resource?.lifecycle == .starting })
                || !site.provider.traits.bornStopped
        else { return }
        while true {
            try await site.journal.checkGoing()
            let servers = try await site.list([.server], zones: [run.zone]).filter { $0.tags?.run == run.id }
            let running = servers.filter { $0.lifecycle == .running }
            if Set(running.compactMap { $0.tags?.node }).count >= wanted {
                for shown in running where await site.journal.state.known(shown.id)?.resource != shown {
                    try await site.journal.record(.seen(shown))
                }
                // Their volumes were born with them: what exists, and costs, is told with them from now on.
                for volume in running.flatMap({ roots(of: $0, run) })
                where await site.journal.state.known(volume.id) == nil {
                    try await site.journal.record(.seen(volume))
                }
                return
            }
            for server in servers where server.lifecycle == .starting { started.insert(server.id) }
            for server in servers where server.lifecycle == .stopped && asked.contains(server.id) {
                stoppedLooks[server.id, default: 0] += 1
                // Right after power-on a lagging listing still says stopped; seen starting before, it is no lag.
                if started.contains(server.id) || stoppedLooks[server.id, default: 0] > 20 {
                    throw OutOfCapacity(
                        reason: "\(run.zone): \(run.instanceType) fell back to stopped \(server.detail)")
                }
            }
            if let end = try await early(servers, run, &absences) {
                throw OutOfCapacity(reason: "\(run.zone): \(run.instanceType) ended before it ran (\(end))")
            }
            site.emit(.waiting("\(running.count) of \(wanted) running in \(run.zone)"))
            guard site.ambient.now() < giveUp else {
                throw OutOfCapacity(reason: "\(run.zone): not running after \(Self.patience)")
            }
            try await site.ambient.sleep(pace.step())
        }
    }

    /// Why a server of this attempt will never run, where they are born running: it is on its way out, or is listed no more
    /// and known to be gone.
    private func early(
        _ servers: [CloudResource], _ run: RunRecord, _ absences: inout [ResourceID: Int]
    ) async throws -> String? {
        guard !site.provider.traits.bornStopped else { return nil }
        let isOurs = { (server: CloudResource) in server.tags?.attempt == run.attemptToken }
        if let leaving = servers.first(where: { $0.lifecycle == .stopping && isOurs($0) }) { return leaving.detail }
        let shown = Set(servers.map(\.id))
        for known in await site.journal.state.live.map(\.resource)
        where known.id.kind == .server && isOurs(known) && !shown.contains(known.id) {
            absences[known.id, default: 0] += 1
            if absences[known.id, default: 0] > 2, try await site.provider.isGone(known.id) {
                try await site.journal.record(.gone(known.id))
                return "the provider's console may say why"
            }
        }
        return nil
    }

    // MARK: Small parts

    /// As they were asked for; the next look at the burst has them as they are.
    private func roots(of server: CloudResource, _ run: RunRecord) -> [CloudResource] {
        server.volumes.map { id in
            CloudResource(
                id: id, name: "root of \(server.name)", tags: server.tags, lifecycle: .attached,
                attachedTo: server.id.id, sizeBytes: run.root.sizeBytes)
        }
    }

    private func tags(_ run: RunRecord, node: Int?) -> ResourceTags {
        // Set by the journal's owner before anything of a run is made.
        ResourceTags(
            owner: run.owner, stateID: run.stateID, burst: site.burst, run: run.id, attempt: run.attemptToken,
            node: node, expires: run.expires)
    }

    private func reported<Value>(_ step: Step, _ body: () async throws -> Value) async throws -> Value {
        site.emit(.step(step.address, step.action, .started, detail: step.what))
        do {
            let value = try await body()
            site.emit(.step(step.address, step.action, .done, detail: step.what))
            return value
        } catch let error as ProviderError {
            site.emit(.step(step.address, step.action, .failed, detail: error.detail))
            throw Self.classified(error, zone: step.zone)
        }
    }

    private static func classified(_ error: ProviderError, offer: Offer) -> any Error {
        classified(error, zone: "\(offer.zone) \(offer.type.name)")
    }

    private static func classified(_ error: ProviderError, zone: String) -> any Error {
        switch error.kind {
        case .noCapacity:
            OutOfCapacity(
                reason: "\(zone): out of stock (\(error.detail))", elsewhere: Set(error.zones ?? []))
        case .quota: OutOfCapacity(reason: "\(zone): quota reached (\(error.detail))")
        default: error
        }
    }

    private func bug(_ what: String) -> Diagnostic {
        Diagnostic("bug", "This is a bug in Spillway", detail: "The executor met \(what).")
    }
}
