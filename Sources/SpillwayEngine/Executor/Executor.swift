package import SpillwayCore

/// Carries out plans: the one place where a burst comes into being, changes and goes.
///
/// It is level-triggered. When a create's answer is lost, or a zone has no stock, it looks again, plans again and
/// goes on; a process that died and was started again takes the same path.
package struct Executor: Sendable {
    /// What `apply` needs beyond the plan itself.
    package struct Request: Sendable {
        package var desired: Desired
        package var plan: Plan
        package var planDigest: String
        package var account: String
        package var source: RunSource
        package var budgetSource: SourceLocation?
        /// Asked at most once, and only when something is to be made or admitted anew.
        package var admission: @Sendable () async throws -> SSHAdmission
        /// Called with the run before its first create: makes and keeps the keys, gives each node's user data.
        package var prepare: @Sendable (RunRecord) async throws -> @Sendable (_ node: Int) -> String

        package init(
            desired: Desired, plan: Plan, planDigest: String, account: String, source: RunSource,
            budgetSource: SourceLocation?,
            admission: @escaping @Sendable () async throws -> SSHAdmission,
            prepare: @escaping @Sendable (RunRecord) async throws -> @Sendable (Int) -> String
        ) {
            self.desired = desired
            self.plan = plan
            self.planDigest = planDigest
            self.account = account
            self.source = source
            self.budgetSource = budgetSource
            self.admission = admission
            self.prepare = prepare
        }
    }

    /// Lost answers in a row before the provider is called unreliable.
    private static let patience = 5

    /// What asking again does not cure.
    private static let hopeless: Set<ProviderError.Kind> = [.forbidden, .invalid, .notFound]

    private let site: BurstSite

    package init(_ site: BurstSite) { self.site = site }

    // MARK: Apply

    /// Brings the burst to what `request.plan` says. Throws what could not be done; the state then says what exists.
    package func apply(_ request: Request) async throws -> RunRecord? {
        guard !request.plan.isEmpty, let first = request.plan.offer else { return try await keepSource(request) }
        var run = try await begin(request, first)
        let userData = try await request.prepare(run)
        var plan = request.plan
        var offers = request.desired.offers
        var reasons: [String] = []
        var lost = 0
        while true {
            try await site.journal.checkGoing()
            guard let offer = plan.offer else { return run }
            do {
                try await carryOut(plan, offer, &run, request, userData)
                return run
            } catch let full as Provisioner.OutOfCapacity {
                reasons.append(full.reason)
                site.emit(.note(full.reason))
                offers = Array(offers.drop { !$0.isSameMachine(as: offer) }.dropFirst())
                offers =
                    offers.filter { full.elsewhere.contains($0.zone) }
                    + offers.filter { !full.elsewhere.contains($0.zone) }
                guard let next = offers.first else { throw try await nothingLeft(reasons) }
                run.zone = next.zone
                run.instanceType = next.type.name
                run.isSpot = next.isSpot ? true : nil
                run.isInDoubt = nil
                try await site.journal.record(.revised(run))
            } catch let error as ProviderError where Self.hopeless.contains(error.kind) {
                try await abandon()
                throw error
            } catch let error as ProviderError where error.kind == .spent && lost < Self.patience {
                lost += 1
                site.emit(.note("\(error.operation): \(error.detail); taking the next attempt."))
                run.isInDoubt = nil
                try await site.journal.record(.revised(run))
                // What was launched under the spent one may not be shown yet.
                try await site.ambient.sleep(Recovery.grace)
            } catch let error as ProviderError where error.kind == .unknownOutcome && lost < Self.patience {
                lost += 1
                site.emit(.note("\(error.operation): no answer (\(error.detail)); looking whether it took effect."))
            }
            plan = try await replan(request, offers)
            run.isInDoubt = await site.journal.state.run?.isInDoubt
        }
    }

    /// Removes `resources`, everything of the burst as just listed (the plan with an empty desired set), looks again,
    /// removes what that shows, ends the run.
    ///
    /// `spares` as in ``Teardown``, for those of `resources` that were chosen by someone else.
    package func destroy(
        _ resources: [CloudResource], patience: Seconds = Teardown.patience,
        spares: @escaping @Sendable (CloudResource) -> Bool = { _ in false }
    ) async throws {
        if var run = await site.journal.state.run, run.phase != .ended {
            run.phase = .destroying
            try await site.journal.record(.revised(run))
        }
        try await Teardown(site, patience: patience, spares: spares).remove(resources, shown: resources)
        let zones = await site.zones(naming: Array(Set(resources.map(\.id.zone))))
        if !zones.isEmpty {
            let stateID = await site.journal.state.stateID
            let rest = try await Recovery(site).observe(zones: zones)
            try await Teardown(site, patience: patience).remove(rest.filter { $0.tags?.stateID == stateID })
        }
        if var run = await site.journal.state.run, run.phase != .ended {
            run.phase = .ended
            try await site.journal.record(.revised(run))
        }
    }

    // MARK: One round

    private func carryOut(
        _ plan: Plan, _ offer: Offer, _ run: inout RunRecord, _ request: Request,
        _ userData: @escaping @Sendable (Int) -> String
    ) async throws {
        try await Teardown(site).remove(plan.steps.filter { $0.action == .delete }.compactMap(\.resource))
        let creates = plan.steps.contains { $0.action == .create }
        if creates {
            guard site.ambient.now() < run.expires else { throw pastDeadline(run) }
            if let estimate = plan.estimate, let cap = plan.cap {
                try CostGuard.check(estimate, cap: cap, source: request.budgetSource, longest: nil)
            }
            run.image = try await site.provider.resolveImage(
                request.desired.image, zone: offer.zone, type: offer.type, root: offer.root.kind)
            if run.isInDoubt == true, site.provider.traits.launchesOnce {
                site.emit(.note("It is not known what became of the last launch: the same is asked for again, once."))
            } else {
                run.attempt += 1
                run.isInDoubt = nil
            }
        }
        (run.zone, run.instanceType, run.root, run.rates) = (offer.zone, offer.type.name, offer.root, offer.rates)
        run.isSpot = offer.isSpot ? true : nil
        (run.nodes, run.specDigest, run.planDigest) = (plan.nodes, request.desired.specDigest, request.planDigest)
        run.source = request.source
        try await site.journal.record(.revised(run))
        try await Provisioner(site: site, userData: userData).carryOut(plan, offer: offer, run: run)
        if run.phase == .provisioning || run.isInDoubt != nil {
            if run.phase == .provisioning { run.phase = .up }
            run.isInDoubt = nil
            try await site.journal.record(.revised(run))
        }
    }

    private func replan(_ request: Request, _ offers: [Offer]) async throws -> Plan {
        var desired = request.desired
        desired.offers = offers
        let observed = try await Recovery(site).observe(zones: await site.zones(naming: offers.map(\.zone)))
        return try Planner.plan(
            .init(
                burst: site.burst, traits: site.provider.traits, desired: desired,
                state: await site.journal.state, observed: observed, basis: request.plan.basis))
    }

    private func begin(_ request: Request, _ offer: Offer) async throws -> RunRecord {
        let state = await site.journal.state
        let touchesFirewall = request.plan.steps.contains { $0.address.kind == .firewall && $0.action != .keep }
        if var run = state.run, run.phase != .ended {
            if touchesFirewall { run.admission = try await request.admission() }
            // An interrupted destroy is taken back by asking for the burst again.
            if run.phase == .destroying { run.phase = .provisioning }
            return run
        }
        let now = site.ambient.now()
        let estimate = request.plan.estimate
        let run = RunRecord(
            id: site.ambient.makeID(), phase: .provisioning, provider: site.provider.traits.name,
            account: request.account, owner: site.owner, stateID: state.stateID, zone: offer.zone,
            instanceType: offer.type.name, image: nil, root: offer.root, nodes: request.plan.nodes, attempt: 0,
            began: now, expires: now + request.desired.maxDuration,
            worstCase: estimate?.total ?? Money(micros: 0, currency: request.desired.cap.currency),
            rates: offer.rates, specDigest: request.desired.specDigest, planDigest: request.planDigest,
            admission: try await request.admission(), source: request.source, isSpot: offer.isSpot ? true : nil)
        try await site.journal.record(.run(run))
        return run
    }

    /// Nothing is to be made or changed; what the job is and ships may have changed all the same.
    private func keepSource(_ request: Request) async throws -> RunRecord? {
        guard var run = await site.journal.state.run, run.phase != .ended else { return nil }
        if run.source != request.source {
            run.source = request.source
            run.specDigest = request.desired.specDigest
            try await site.journal.record(.revised(run))
        }
        return run
    }

    // MARK: Refusals

    /// A burst that gets no server leaves nothing of what was made for it on the way.
    private func abandon() async throws {
        let zones = await site.zones(naming: [])
        guard !zones.isEmpty, await site.journal.state.live.allSatisfy({ $0.resource.id.kind != .server }) else {
            return
        }
        let observed = try await Recovery(site).observe(zones: zones)
        guard !observed.contains(where: { $0.id.kind == .server }) else { return }
        try await destroy(observed)
    }

    /// Every offer failed for lack of stock or quota: what was made on the way is removed, and the run ends.
    private func nothingLeft(_ reasons: [String]) async throws -> Diagnostic {
        try await destroy(try await Recovery(site).observe(zones: await site.zones(naming: [])))
        return Diagnostic(
            "capacity.none", "No offer has capacity",
            detail: reasons.joined(separator: "\n"),
            remedy: "Name more zones or another instance_type in the spec, or try later.",
            exists: "Nothing exists: what was made on the way is verified gone.", exit: .noCapacity)
    }

    private func pastDeadline(_ run: RunRecord) -> Diagnostic {
        Diagnostic(
            "run.past-deadline", "The deadline of this run has passed",
            detail: "Run \(run.id) had to be gone by \(run.expires); nothing more is created for it.",
            remedy: "Remove what is left, then start anew.", command: "spillway destroy \(site.burst)", exit: .refused)
    }
}
