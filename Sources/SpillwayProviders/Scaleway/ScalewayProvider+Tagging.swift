package import SpillwayCore

extension ScalewayProvider {
    /// Root volumes are all that is born without our tags. Which storage holds one does not show in its id: block
    /// storage is asked first.
    package func tag(_ id: ResourceID, _ tags: ResourceTags, log: any MutationLog) async throws(ProviderError) {
        guard id.kind == .volume else {
            throw ProviderError(.invalid, operation: "tag \(id)", detail: "only volumes are born without tags")
        }
        let name = "spillway-\(tags.burst)-\(tags.run)" + (tags.node.map { "-\($0)" } ?? "")
        do throws(ProviderError) {
            try await tagVolume(id, tags, name: name, storage: .block, log: log)
        } catch {
            guard error.kind == .notFound else { throw error }
            try await tagVolume(id, tags, name: name, storage: .local, log: log)
        }
    }

    /// A volume may be out of reach for a moment after its server was made: not there yet, or between states.
    func tagNewVolume(
        _ id: ResourceID, _ tags: ResourceTags, name: String, storage: RootVolume.Kind, log: any MutationLog
    ) async throws(ProviderError) {
        var attempt = 1
        while true {
            do throws(ProviderError) {
                return try await tagVolume(id, tags, name: name, storage: storage, log: log)
            } catch {
                guard error.kind == .notFound || error.kind == .busy, attempt < api.http.policy.attempts else {
                    throw error
                }
            }
            try await api.wait(api.http.policy.base * (1 << attempt), for: "tag \(id)")
            attempt += 1
        }
    }

    private func tagVolume(
        _ id: ResourceID, _ tags: ResourceTags, name: String, storage: RootVolume.Kind, log: any MutationLog
    ) async throws(ProviderError) {
        let path = storage == .block ? path(id) : localVolumePath(id)
        let call = try ScalewayAPI.Call("tag \(id)", .patch, path, .named)
            .sending(TagVolumeRequest(name: name, tags: ScalewayTags.encode(tags)))
        try await mutate(.tag, id, tags: tags, log: log, call)
    }
}
