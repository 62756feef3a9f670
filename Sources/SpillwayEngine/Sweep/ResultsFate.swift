package import SpillwayCore

/// What becomes of the results of one run whose machines are to go, said before they do.
package struct ResultsFate: Sendable, Hashable {
    package var burst: String
    package var run: String
    /// Why they are lost; nil when they are fetched and verified first.
    package var lost: String?
}

extension SweepSight {
    /// Of each run that loses a server with `chosen` and may have made something nobody fetched, sorted by run.
    package func fates(
        of chosen: [SweepDecision.Candidate], in folder: StateFolder?, collects: Bool
    ) throws -> [ResultsFate] {
        var fates: [String: ResultsFate] = [:]
        for candidate in chosen where candidate.resource.id.kind == .server {
            let tags = candidate.tags
            guard fates[tags.run] == nil, let lost = try loss(tags, folder, collects) else { continue }
            fates[tags.run] = ResultsFate(burst: tags.burst, run: tags.run, lost: lost.isEmpty ? nil : lost)
        }
        return fates.values.sorted { $0.run < $1.run }
    }

    /// nil when there is nothing to lose, empty when it can be fetched.
    private func loss(_ tags: ResourceTags, _ folder: StateFolder?, _ collects: Bool) throws -> String? {
        guard let folder, tags.stateID == folder.id else { return "only the state folder \(tags.stateID) can fetch it" }
        let state = knowledge.bursts.first { $0.burst == tags.burst && $0.run?.id == tags.run }
        guard let state, let run = state.run else { return "this state folder knows the run no more" }
        guard state.jobs.contains(where: { $0.stage != .collected && $0.startedAt != nil }) else { return nil }
        guard !run.source.spec.outputs.isEmpty else { return nil }
        guard run.phase != .destroying, run.phase != .ended else { return "the run was being removed already" }
        guard collects else { return "collecting is not wanted" }
        return try KeyStore(folder).load(.client, run: run.id) == nil ? "the keys of the run are gone" : ""
    }
}
