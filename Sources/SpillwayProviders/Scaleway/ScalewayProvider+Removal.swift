package import SpillwayCore

extension ScalewayProvider {
    package func remove(_ resources: [CloudResource], log: any MutationLog) async -> [Result<Void, ProviderError>] {
        await boundedResults(resources, width: Self.width) { resource throws(ProviderError) in
            try await removeOne(resource, log: log)
        }
    }

    private func removeOne(_ resource: CloudResource, log: any MutationLog) async throws(ProviderError) {
        do throws(ProviderError) {
            switch resource.id.kind {
            case .server: try await removeServer(resource, log: log)
            case .volume: try await removeVolume(resource, log: log)
            case .address, .firewall, .key, .interface, .request:
                try await delete(resource.id, path(resource.id), log: log)
            }
        } catch {
            // Gone already is what was asked for.
            guard error.kind == .notFound else { throw error }
        }
    }

    /// `terminate` takes local volumes along and works on what runs or stands by; a stopped server is deleted. In
    /// between neither is allowed.
    private func removeServer(_ server: CloudResource, log: any MutationLog) async throws(ProviderError) {
        switch server.lifecycle {
        case .starting, .stopping, .changing:
            throw ProviderError(.busy, operation: "remove \(server.id)", detail: "the server is \(server.detail)")
        case .running, .standby, .attached, .available:
            do throws(ProviderError) {
                try await act("terminate", .terminate, server.id, log: log)
            } catch {
                // Refused, not failed: the way round is power off now, delete when the next listing shows it stopped.
                guard error.kind == .busy || error.kind == .invalid else { throw error }
                try await act("poweroff", .powerOff, server.id, log: log)
            }
        case .stopped, .failed:
            try await delete(server.id, path(server.id), log: log)
        }
    }

    private func removeVolume(_ volume: CloudResource, log: any MutationLog) async throws(ProviderError) {
        guard volume.lifecycle == .available || volume.lifecycle == .failed else {
            let held = volume.attachedTo.map { ", held by server \($0)" } ?? ""
            throw ProviderError(
                .busy, operation: "remove \(volume.id)", detail: "the volume is \(volume.detail)\(held)")
        }
        do throws(ProviderError) {
            try await delete(volume.id, path(volume.id), log: log)
        } catch {
            guard error.kind == .notFound else { throw error }
            try await delete(volume.id, localVolumePath(volume.id), log: log)
        }
    }

    private func delete(_ id: ResourceID, _ path: String, log: any MutationLog) async throws(ProviderError) {
        try await mutate(.delete, id, log: log, .delete("delete \(id)", path))
    }
}
