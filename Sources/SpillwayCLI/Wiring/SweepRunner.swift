import SpillwayCore
import SpillwayEngine
import SpillwayTransport

/// What `sweep` and `destroy --all` share: look at every cloud, remove what was chosen, say what is left.
struct SweepRunner: Sendable {
    let invocation: Invocation
    let stateDir: String
    let owner: String
    let opened: SweepClouds
    var options = SweepPolicy.Options()
    var overridingOtherHosts = false
    /// Fetch what can be fetched before its machines go.
    var collects = true
    /// For all that is to be removed; then what remains is reported.
    var limit = Seconds.minutes(20)
    let halt = Halt()

    private var output: Output { invocation.output }

    func look() async -> (sights: [CloudSight], failures: [Diagnostic]) {
        var sights: [CloudSight] = []
        var failures = opened.failures
        for cloud in opened.clouds {
            do {
                let folder = try StateFolder.existing(stateDir)
                sights.append(CloudSight(opened: cloud, sight: try await sweep(cloud).look(folder)))
            } catch let error as Diagnostic {
                failures.append(Self.unseen(error, cloud))
            } catch let error as ProviderError {
                failures.append(Self.unseen(error.diagnostic, cloud))
            } catch {
                failures.append(
                    Self.unseen(Diagnostic("sweep.failed", "A cloud could not be looked at", detail: "\(error)"), cloud)
                )
            }
        }
        for sight in sights {
            failures += blind(sight.sight.listing.blind, sight.opened)
        }
        return (sights, failures)
    }

    /// What becomes of the results of those runs whose machines go with `items`.
    func fates(_ items: [SweepItem], of sights: [CloudSight]) throws -> [ResultsFate] {
        let folder = try StateFolder.existing(stateDir)
        return try sights.flatMap { sight in
            try sight.sight.fates(of: chosen(items, sight), in: folder, collects: collects)
        }
    }

    /// Removes those of `sights` that are among `items`; the result says what is verified gone and what is not.
    func remove(_ items: [SweepItem], of sights: [CloudSight]) async throws -> SweepOutcome {
        let folder = try StateFolder.open(stateDir, random: invocation.ambient.random)
        let giveUp = invocation.ambient.now() + limit
        var outcome = SweepOutcome()
        for sight in sights {
            let chosen = chosen(items, sight)
            guard !chosen.isEmpty || options.everything else { continue }
            do {
                let left = max(Seconds(1), giveUp - invocation.ambient.now())
                let report = try await sweep(sight.opened, within: left).remove(chosen, of: sight.sight, in: folder)
                outcome.add(report, of: sight)
                outcome.failures += blind(report.blind, sight.opened)
            } catch let error as ProviderError {
                outcome.failures.append(Self.unseen(error.diagnostic, sight.opened))
                outcome.left += sight.items(chosen.map(\.resource), "left")
            }
        }
        outcome.isStopped = await halt.isRequested
        return outcome
    }

    private func chosen(_ items: [SweepItem], _ sight: CloudSight) -> [SweepDecision.Candidate] {
        let ids = Set(items.filter { $0.provider == sight.opened.name }.map(\.id))
        return sight.sight.decision.candidates.filter { ids.contains($0.resource.id) }
    }

    private func sweep(_ cloud: SweepClouds.Opened, within left: Seconds = Teardown.patience) -> Sweep {
        let environment = invocation.environment
        let salvage = Salvage(connector: SSHConnector(), isForgone: !collects) { run in
            try SecretSources(
                secrets: run.source.spec.secrets, folder: run.source.folder, environment: environment
            ).resolve()
        }
        return Sweep(
            cloud.cloud.provider, account: cloud.cloud.account, owner: owner, options: options,
            ambient: invocation.ambient, patience: left, overridingOtherHosts: overridingOtherHosts, salvage: salvage,
            halt: halt, emit: { [output] in output.show($0) })
    }

    private func blind(_ places: [SweepListing.Blind], _ cloud: SweepClouds.Opened) -> [Diagnostic] {
        guard !places.isEmpty else { return [] }
        let lines = places.map { "\($0.zone), \($0.kind.plural): \($0.error.detail)" }
        return [
            Diagnostic(
                "sweep.blind", "Not every zone could be looked at",
                detail: "\(cloud.name.rawValue):\n" + lines.joined(separator: "\n"),
                remedy: "Run it again.", command: "spillway sweep", exists: Self.unknown)
        ]
    }

    private static let unknown = "What exists there and what it costs is not known."

    private static func unseen(_ error: Diagnostic, _ cloud: SweepClouds.Opened) -> Diagnostic {
        var told = error
        told.detail = "\(cloud.name.rawValue): \(error.detail)"
        told.exists = error.exists ?? unknown
        return told
    }
}
