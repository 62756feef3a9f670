/// desired − observed = plan. Pure: the same input gives the same plan, whoever asks and whenever.
package struct Planner: Sendable {
    package struct Input: Sendable {
        package var burst: String
        package var traits: ProviderTraits
        /// nil: nothing is desired any more.
        package var desired: Desired?
        package var state: BurstState?
        /// What the listings showed of this burst; nil for an offline plan.
        package var observed: [CloudResource]?
        package var basis: Plan.Basis
        /// Who SSH is to be admitted from, when that is known at planning time.
        package var admission: SSHAdmission?
        /// Offers that were passed over before planning, one line of reason each.
        package var skipped: [String]

        package init(
            burst: String, traits: ProviderTraits, desired: Desired?, state: BurstState?, observed: [CloudResource]?,
            basis: Plan.Basis, admission: SSHAdmission? = nil, skipped: [String] = []
        ) {
            self.burst = burst
            self.traits = traits
            self.desired = desired
            self.state = state
            self.observed = observed
            self.basis = basis
            self.admission = admission
            self.skipped = skipped
        }
    }

    private let input: Input
    private let run: RunRecord?
    /// Of the present run; everything else that is ours is left over from an earlier one.
    private let current: [CloudResource]
    private let leftOver: [CloudResource]

    /// Throws `burst.elsewhere` when another state folder holds a burst of this name: it may be at work.
    package static func plan(_ input: Input) throws(Diagnostic) -> Plan {
        try refuseForeign(input)
        return Planner(input).plan()
    }

    private init(_ input: Input) {
        self.input = input
        run = input.state?.run.flatMap { $0.phase == .ended ? nil : $0 }
        let ours = (input.observed ?? []).sorted { $0.id.sortKey < $1.id.sortKey }
        current = ours.filter { [run] in $0.tags?.run == run?.id && run != nil }
        leftOver = ours.filter { [run] in $0.tags?.run != run?.id || run == nil }
    }

    private static func refuseForeign(_ input: Input) throws(Diagnostic) {
        let stateID = input.state?.stateID
        guard
            let foreign = input.observed?.first(where: {
                $0.tags.map { $0.stateID != stateID } ?? false
            }), let tags = foreign.tags
        else { return }
        throw Diagnostic(
            "burst.elsewhere", "Another state folder holds this burst",
            detail: "Burst \"\(input.burst)\" has a live \(foreign.id), created from the state folder \(tags.stateID). "
                + "This folder\(stateID.map { " is \($0) and" } ?? "") knows nothing of it.",
            remedy: "Work from that folder, or choose another name for this burst. It expires at \(tags.expires).",
            exists: "Nothing was created or changed by this command.")
    }

    private func plan() -> Plan {
        guard let desired = input.desired else {
            let steps = (current + leftOver).map { delete($0, why: "nothing is desired any more") }
            return Plan(
                burst: input.burst, provider: input.traits.name, basis: input.basis, steps: Self.ordered(steps),
                nodes: 0)
        }
        let offer =
            run.flatMap { run in desired.offers.first { $0.isThat(of: run) } }
            ?? desired.offers.first { $0.zone == run?.zone } ?? desired.offers[0]
        let steps =
            leftOver.map { delete($0, why: "left over from run \($0.tags?.run ?? "unknown")") }
            + firewallSteps(desired, offer) + nodeSteps(desired, offer) + strays(desired, offer)
        let assumptions = desired.assumptions(input.traits)
        return Plan(
            burst: input.burst, provider: input.traits.name, basis: input.basis, steps: Self.ordered(steps),
            offer: offer, fallbacks: desired.offers.filter { !$0.isSameMachine(as: offer) },
            skipped: input.skipped, nodes: desired.nodes, image: desired.image,
            estimate: WorstCase.estimate(offers: desired.offers, nodes: desired.nodes, assuming: assumptions),
            cap: desired.cap, hardStop: desired.maxDuration, notes: notes(desired, offer))
    }

    // MARK: Steps

    private func firewallSteps(_ desired: Desired, _ offer: Offer) -> [Step] {
        let what = "SSH from \(Self.admissionText(desired.admission, known: input.admission)), nothing else inbound"
        let all = current.filter { $0.id.kind == .firewall && $0.id.zone == offer.zone }
        // What a server stands behind cannot go before it does.
        let used = Set(current.compactMap(\.firewall))
        let here = all.filter { used.contains($0.id) } + all.filter { !used.contains($0.id) }
        guard let firewall = here.first else {
            return [Step(.create, .init(.firewall), why: "not there yet", what: what, zone: offer.zone)]
        }
        let duplicates = here.dropFirst().filter { !used.contains($0.id) }
            .map { delete($0, why: "a second one, from a lost reply") }
        let wanted =
            switch desired.admission {
            case .listed(let admission): Optional(admission)
            case .caller: input.admission
            }
        // A crash between making it and admitting somebody leaves one that admits nobody.
        let admits = firewall.admits?.cidrs ?? []
        if admits.isEmpty || wanted.map({ $0 != firewall.admits }) ?? false {
            let who = admits.isEmpty ? "nobody" : admits.joined(separator: ", ")
            return duplicates + [
                Step(
                    .update, .init(.firewall), why: "it admits \(who)", what: what, zone: offer.zone,
                    resource: firewall)
            ]
        }
        return duplicates + [
            Step(.keep, .init(.firewall), why: "as desired", what: what, zone: offer.zone, resource: firewall)
        ]
    }

    private func nodeSteps(_ desired: Desired, _ offer: Offer) -> [Step] {
        (0..<desired.nodes).flatMap { node in
            let servers = current.filter { $0.id.kind == .server && $0.tags?.node == node && $0.id.zone == offer.zone }
                .sorted(by: keepFirst)
            var steps = servers.dropFirst().flatMap {
                deleteWhole($0, why: "a second server[\(node)], from a lost reply")
            }
            guard let server = servers.first else { return steps + create(node, desired, offer, why: "not there yet") }
            if let why = reasonToReplace(server, desired, offer) {
                steps += deleteWhole(server, why: why)
                return steps + create(node, desired, offer, why: why)
            }
            return steps + keep(server, node, desired, offer)
        }
    }

    private func create(_ node: Int, _ desired: Desired, _ offer: Offer, why: String) -> [Step] {
        var steps: [Step] = []
        if input.traits.separateAddresses {
            if let address = current.first(where: {
                $0.id.kind == .address && $0.tags?.node == node && $0.id.zone == offer.zone
            }) {
                steps.append(
                    Step(
                        .keep, .init(.address, node), why: "as desired", what: address.ipv4 ?? "public IPv4",
                        zone: offer.zone, resource: address))
            } else {
                steps.append(Step(.create, .init(.address, node), why: why, what: "public IPv4", zone: offer.zone))
            }
        }
        steps.append(
            Step(.create, .init(.server, node), why: why, what: Self.serverText(desired, offer), zone: offer.zone))
        steps.append(
            Step(
                .create, .init(.volume, node), why: "root of server[\(node)]", what: Self.rootText(offer),
                zone: offer.zone))
        return steps
    }

    private func keep(_ server: CloudResource, _ node: Int, _ desired: Desired, _ offer: Offer) -> [Step] {
        let action: Step.Action
        let why: String
        switch server.lifecycle {
        case .stopped: (action, why) = (.update, "created and not yet powered on: power on")
        case .standby: (action, why) = (.update, "stopped inside and still billed: power on")
        default: (action, why) = (.keep, "as desired")
        }
        let own = [
            Step(
                action, .init(.server, node), why: why, what: Self.serverText(desired, offer), zone: offer.zone,
                resource: server)
        ]
        let attached = current.filter { resource in
            (resource.id.kind == .volume || resource.id.kind == .address) && belongs(resource, to: server)
        }
        return own
            + attached.map {
                Step(
                    .keep, .init($0.id.kind, node), why: "as desired", what: $0.ipv4 ?? Self.rootText(offer),
                    zone: $0.id.zone, resource: $0)
            }
    }

    /// nil when the server is what the spec asks for.
    private func reasonToReplace(_ server: CloudResource, _ desired: Desired, _ offer: Offer) -> String? {
        if let type = server.instanceType, type != offer.type.name {
            return "instance_type changes from \(type) to \(offer.type.name): replaced"
        }
        if let image = run?.image?.alias, image != desired.image {
            return "image changes from \(image) to \(desired.image): replaced"
        }
        if let root = run?.root, root != offer.root {
            return "disk changes from \(Self.rootText(root)) to \(Self.rootText(offer.root)): replaced"
        }
        if server.lifecycle == .failed { return "the provider says \"\(server.detail)\": replaced" }
        if server.lifecycle == .stopping { return "it is being stopped: replaced" }
        return nil
    }

    /// What is of this run and has no place in it any more.
    private func strays(_ desired: Desired, _ offer: Offer) -> [Step] {
        let kept = current.filter { $0.id.kind == .server && $0.id.zone == offer.zone }
        return current.flatMap { resource -> [Step] in
            if resource.id.zone != offer.zone {
                return [delete(resource, why: "the burst is in \(offer.zone) now")]
            }
            switch resource.id.kind {
            case .server:
                guard let node = resource.tags?.node, node >= desired.nodes else { return [] }
                return [delete(resource, why: "nodes changes to \(desired.nodes)")]
            case .volume:
                if let server = kept.first(where: { belongs(resource, to: $0) }) {
                    guard let node = server.tags?.node, node >= desired.nodes else { return [] }
                    return [delete(resource, why: "nodes changes to \(desired.nodes)")]
                }
                return [delete(resource, why: "its server is gone")]
            case .address:
                let node = resource.tags?.node ?? .max
                if node >= desired.nodes { return [delete(resource, why: "nodes changes to \(desired.nodes)")] }
                let own = current.filter { $0.id.kind == .address && $0.tags?.node == node }
                let used = own.first { address in kept.contains { belongs(address, to: $0) } }
                return resource.id == (used ?? own.first)?.id
                    ? [] : [delete(resource, why: "a second one, from a lost reply")]
            case .interface:
                return resource.attachedTo == nil ? [delete(resource, why: "its server is gone")] : []
            case .firewall, .key, .request:
                return []
            }
        }
    }

    private func delete(_ resource: CloudResource, why: String) -> Step {
        Step(
            .delete, .init(resource.id.kind, resource.tags?.node), why: why,
            what: resource.instanceType ?? resource.ipv4 ?? resource.name, zone: resource.id.zone, resource: resource)
    }

    private func deleteWhole(_ server: CloudResource, why: String) -> [Step] {
        [delete(server, why: why)]
            + current.filter { $0.id.kind == .volume && belongs($0, to: server) }.map { delete($0, why: why) }
    }

    private func belongs(_ resource: CloudResource, to server: CloudResource) -> Bool {
        resource.attachedTo == server.id.id || server.volumes.contains(resource.id)
            || server.addresses.contains(resource.id)
    }

    private func notes(_ desired: Desired, _ offer: Offer) -> [String] {
        var notes: [String] = []
        if input.observed == nil { notes.append("Live state: not checked (offline).") }
        if offer.type.endOfService { notes.append("\(offer.type.name) is at its end of service.") }
        if offer.isSpot {
            notes.append(
                "\(input.traits.name) may take \(offer.type.name) back at any time; at most \(offer.rates.server.perHour())/h is bid for it."
            )
        }
        if offer.type.availability == .scarce { notes.append("\(offer.type.name) is scarce in \(offer.zone).") }
        let span = desired.maxDuration + input.traits.bootAllowance + input.traits.teardownAllowance
        let granule = offer.rates.server.granule
        let over = Seconds(span.count % granule.count)
        if granule.count >= 3600, over.count > 0, over.count <= 1800, span > granule {
            notes.append(
                "Billed by the \(granule): with max_duration \(desired.maxDuration - over) the worst case is one \(granule) less."
            )
        }
        if !input.traits.guestCanEndBill {
            let whole = WorstCase.Assumptions(maxDuration: .hours(24), boot: Seconds(0), teardown: Seconds(0))
            let day = WorstCase.estimate(offers: [offer], nodes: desired.nodes, assuming: whole).total
            let counted =
                desired.keeperInterval.map { "counted on is the keeper, a sweep every \($0)" }
                ?? "counted on is this client, until it has verified that all is gone"
            notes.append(
                "On \(input.traits.name) a guest cannot end its bill: \(counted). Lost without either: \(day) a day.")
        }
        return notes + desired.notes
    }

    // MARK: Order and words

    /// Removals first (what hangs on something before it), then creations (what is needed before its user).
    private static func ordered(_ steps: [Step]) -> [Step] {
        func key(_ step: Step) -> (Int, Int, Int, String) {
            let rank = step.address.kind.rank
            return step.action == .delete
                ? (0, -rank, step.address.node ?? -1, step.resource?.id.id ?? "")
                : (1, rank, step.address.node ?? -1, step.resource?.id.id ?? "")
        }
        var seen: Set<ResourceID> = []
        return steps.filter { step in
            guard step.action == .delete, let id = step.resource?.id else { return true }
            return seen.insert(id).inserted
        }.sorted { key($0) < key($1) }
    }

    /// Of two servers for one node the one that is on stays, else the one that was asked to go on, else the older.
    private func keepFirst(_ a: CloudResource, _ b: CloudResource) -> Bool {
        let on: Set<Lifecycle> = [.running, .starting]
        if on.contains(a.lifecycle) != on.contains(b.lifecycle) { return on.contains(a.lifecycle) }
        let asked = [a, b].map { input.state?.known($0.id)?.powerAsked ?? false }
        if asked[0] != asked[1] { return asked[0] }
        if a.created != b.created {
            return (a.created ?? Timestamp(seconds: .max)) < (b.created ?? Timestamp(seconds: .max))
        }
        return a.id.id < b.id.id
    }

    private static func serverText(_ desired: Desired, _ offer: Offer) -> String {
        "\(offer.type.summary)\(offer.isSpot ? ", spot" : ""), \(desired.image)"
    }

    private static func rootText(_ offer: Offer) -> String { rootText(offer.root) }

    private static func rootText(_ root: RootVolume) -> String {
        "\((root.sizeBytes + 999_999_999) / 1_000_000_000) GB \(root.kind.rawValue)"
    }

    private static func admissionText(_ admission: Desired.Admission, known: SSHAdmission?) -> String {
        switch admission {
        case .listed(let listed): listed.cidrs.joined(separator: ", ")
        case .caller: known.map { $0.cidrs.joined(separator: ", ") } ?? "this machine's public address"
        }
    }
}
