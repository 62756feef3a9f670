import SpillwayCore
import SpillwayEngine

/// What `sweep` and `destroy --all` share: look at every cloud, remove what was chosen, say what is left.
struct SweepRunner: Sendable {
    let invocation: Invocation
    let stateDir: String
    let owner: String
    let opened: SweepClouds
    var options = SweepPolicy.Options()
    var overridingOtherHosts = false

    private var output: Output { invocation.output }

    func look() async -> (sights: [CloudSight], failures: [Diagnostic]) {
        var sights: [CloudSight] = []
        var failures = opened.failures
        for cloud in opened.clouds {
            do {
                let folder = try StateFolder.existing(stateDir)
                sights.append(CloudSight(opened: cloud, sight: try await sweep(cloud).look(folder)))
            } catch let error as Diagnostic {
                failures.append(error)
            } catch let error as ProviderError {
                failures.append(error.diagnostic)
            } catch {
                failures.append(
                    Diagnostic(
                        "sweep.failed", "A cloud could not be looked at", detail: "\(cloud.name.rawValue): \(error)"))
            }
        }
        for sight in sights {
            failures += blind(sight.sight.listing.blind, sight.opened)
        }
        return (sights, failures)
    }

    /// Removes those of `sights` that are among `items`; the result says what is verified gone and what is not.
    func remove(_ items: [SweepItem], of sights: [CloudSight]) async throws -> SweepOutcome {
        let folder = try StateFolder.open(stateDir, random: invocation.ambient.random)
        var outcome = SweepOutcome()
        for sight in sights {
            let ids = Set(items.filter { $0.provider == sight.opened.name }.map(\.id))
            let chosen = sight.sight.decision.candidates.filter { ids.contains($0.resource.id) }
            guard !chosen.isEmpty || options.everything else { continue }
            warnOfLoss(chosen, sight)
            do {
                let report = try await sweep(sight.opened).remove(chosen, of: sight.sight, in: folder)
                outcome.removed += sight.items(report.removed, "removed")
                outcome.left += sight.items(report.left, "left")
                outcome.failures += blind(report.blind, sight.opened)
                for busy in report.busy { outcome.notes.append("\(busy.burst) is left alone: \(busy.reason.detail)") }
                for failure in report.failures { outcome.notes.append("\(failure.burst): \(failure.reason)") }
                outcome.busy += report.busy.map(\.reason)
            } catch let error as ProviderError {
                outcome.failures.append(error.diagnostic)
                outcome.left += sight.items(chosen.map(\.resource), "left")
            }
        }
        return outcome
    }

    private func sweep(_ cloud: SweepClouds.Opened) -> Sweep {
        Sweep(
            cloud.cloud.provider, account: cloud.cloud.account, owner: owner, options: options,
            ambient: invocation.ambient,
            overridingOtherHosts: overridingOtherHosts, emit: { [output] in output.show($0) })
    }

    /// Nothing is collected by a sweep: what the machines hold goes with them, and that is said beforehand.
    private func warnOfLoss(_ chosen: [SweepDecision.Candidate], _ sight: CloudSight) {
        let runs = Set(
            chosen.filter { $0.resource.id.kind == .server && sight.sight.uncollected($0.tags) }.map(\.tags.run))
        for run in runs.sorted() {
            guard let tags = chosen.first(where: { $0.tags.run == run })?.tags else { continue }
            output.show(.note("Lost with its machines: whatever run \(run) of \(tags.burst) made and nobody fetched."))
        }
    }

    private func blind(_ places: [SweepListing.Blind], _ cloud: SweepClouds.Opened) -> [Diagnostic] {
        guard !places.isEmpty else { return [] }
        let lines = places.map { "\($0.zone), \($0.kind.plural): \($0.error.detail)" }
        return [
            Diagnostic(
                "sweep.blind", "Not every zone could be looked at",
                detail: "\(cloud.name.rawValue):\n" + lines.joined(separator: "\n"),
                remedy: "What is there is not known. Run it again.", command: "spillway sweep")
        ]
    }
}

/// What a removal over all clouds came to.
struct SweepOutcome {
    var removed: [SweepItem] = []
    var left: [SweepItem] = []
    var busy: [Diagnostic] = []
    var notes: [String] = []
    var failures: [Diagnostic] = []

    var isGood: Bool { left.isEmpty && failures.isEmpty }

    /// 8 when something is left, 3 when something could not be looked at.
    func finish(_ output: Output, command: String) throws {
        for note in notes { output.show(.note(note)) }
        for failure in failures { output.show(failure) }
        if !left.isEmpty {
            let lines = left.map { "\($0.provider.rawValue) \($0.id) of \($0.burst)" }
            throw Diagnostic(
                "sweep.leftovers", "Not everything is confirmed gone", detail: lines.joined(separator: "\n"),
                remedy: "Run it again; it goes on where this stopped.", command: command,
                exists: "Left: \(left.sentence).", exit: .leftovers)
        }
        if !failures.isEmpty { throw Finished(code: .partial) }
    }
}
