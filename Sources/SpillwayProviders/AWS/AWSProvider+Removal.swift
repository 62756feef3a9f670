package import SpillwayCore

extension AWSProvider {
    /// One call ends all servers of a region; the rest one by one. What an instance holds goes with it: volumes and
    /// interfaces that are still in use are busy until then.
    package func remove(
        _ resources: [CloudResource], log: any MutationLog
    ) async -> [Result<Void, ProviderError>] {
        var batches: [(kind: ResourceKind, resources: [CloudResource])] = []
        for region in regions(resources.map(\.id.zone)) {
            let here = resources.filter { $0.id.region == region }
            for kind in [ResourceKind.request, .server] {
                let some = here.filter { $0.id.kind == kind }
                if !some.isEmpty { batches.append((kind, some)) }
            }
        }
        let single = resources.filter { $0.id.kind != .server && $0.id.kind != .request }
        batches += single.map { ($0.id.kind, [$0]) }
        let results = await boundedMap(batches, width: Self.width) { kind, batch in
            switch kind {
            case .server: await terminate(batch, log: log)
            case .request: await cancel(batch, log: log)
            default: [batch[0].id: await removeOne(batch[0], log: log)]
            }
        }
        let all = results.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        return resources.map { all[$0.id] ?? .success(()) }
    }

    private typealias Results = [ResourceID: Result<Void, ProviderError>]

    // MARK: In batches

    /// What is shutting down already is not asked again.
    private func terminate(_ servers: [CloudResource], log: any MutationLog) async -> Results {
        let going = servers.filter { $0.detail.hasPrefix("shutting-down") }.map(\.id)
        let rest = servers.map(\.id).filter { !going.contains($0) }
        var results = Results(uniqueKeysWithValues: going.map { ($0, .success(())) })
        results.merge(await asked("TerminateInstances", "InstanceId", .terminate, rest, log: log)) { first, _ in first }
        return results
    }

    private func cancel(_ requests: [CloudResource], log: any MutationLog) async -> Results {
        await asked("CancelSpotInstanceRequests", "SpotInstanceRequestId", .delete, requests.map(\.id), log: log)
    }

    /// All in one call. Where one of them is refused EC2 refuses all: then each is asked for by itself.
    private func asked(
        _ action: String, _ key: String, _ operation: Intent.Operation, _ ids: [ResourceID], log: any MutationLog
    ) async -> Results {
        guard let first = ids.first else { return [:] }
        let what = ids.count == 1 ? "\(first)" : "\(ids.count) \(first.kind.plural)"
        let call = AWSAPI.Call("remove \(what)", action, region: first.region, .named) {
            $0.list(key, ids.map(\.id))
        }
        do throws(ProviderError) {
            try await mutate(
                operation, first, others: ids.count == 1 ? nil : Array(ids.dropFirst()), log: log, call)
            return Results(uniqueKeysWithValues: ids.map { ($0, .success(())) })
        } catch {
            let splits: Set<ProviderError.Kind> = [.notFound, .invalid, .busy]
            guard ids.count > 1, splits.contains(error.kind) else {
                let result = Self.forgiving(error, first)
                return Results(uniqueKeysWithValues: ids.map { ($0, result) })
            }
            let each = await boundedMap(ids, width: Self.width) {
                await asked(action, key, operation, [$0], log: log)
            }
            return each.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
    }

    // MARK: One by one

    private func removeOne(_ resource: CloudResource, log: any MutationLog) async -> Result<Void, ProviderError> {
        do throws(ProviderError) {
            switch resource.id.kind {
            case .volume: try await delete(resource, "DeleteVolume", "VolumeId", log: log)
            case .interface: try await delete(resource, "DeleteNetworkInterface", "NetworkInterfaceId", log: log)
            case .firewall: try await removeGroup(resource.id, log: log)
            case .address, .key, .server, .request: break
            }
            return .success(())
        } catch {
            return Self.forgiving(error, resource.id)
        }
    }

    private func delete(
        _ resource: CloudResource, _ action: String, _ key: String, log: any MutationLog
    ) async throws(ProviderError) {
        guard resource.lifecycle != .attached else {
            let held = resource.attachedTo.map { ", held by server \($0)" } ?? ""
            throw ProviderError(
                .busy, operation: "remove \(resource.id)", detail: "it is \(resource.detail)\(held)")
        }
        // Being deleted already.
        guard resource.lifecycle != .changing || resource.detail != "deleting" else { return }
        let call = AWSAPI.Call("remove \(resource.id)", action, region: resource.id.region, .named) {
            $0[key] = resource.id.id
        }
        try await mutate(.delete, resource.id, log: log, call)
    }

    /// A group goes when no interface is in it. Which one is, is said.
    private func removeGroup(_ group: ResourceID, log: any MutationLog) async throws(ProviderError) {
        let call = AWSAPI.Call("remove \(group)", "DeleteSecurityGroup", region: group.region, .named) {
            $0["GroupId"] = group.id
        }
        do throws(ProviderError) {
            try await mutate(.delete, group, log: log, call)
        } catch {
            guard error.kind == .busy else { throw error }
            var named = error
            named.detail += await holders(of: group)
            throw named
        }
    }

    private func holders(of group: ResourceID) async -> String {
        guard let found = try? await items(.interface, [("group-id", [group.id])], region: group.region) else {
            return ""
        }
        let names = found.compactMap { item in
            item.text("networkInterfaceId").map { id in
                let user = item.text("attachment", "instanceId") ?? item.text("description") ?? "nobody"
                return "network interface \(id) of \(user) (\(item.text("status") ?? "unknown"))"
            }
        }
        return names.isEmpty
            ? "; no network interface is in it, another group may name it"
            : "; it is held by " + names.joined(separator: ", ")
    }

    /// Gone already is what was asked for.
    private static func forgiving(_ error: ProviderError, _ id: ResourceID) -> Result<Void, ProviderError> {
        error.kind == .notFound ? .success(()) : .failure(error)
    }
}
