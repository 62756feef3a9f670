package import SpillwayCore

extension AWSProvider {
    /// Instances are born running, with their user data. One that somebody stopped is started again.
    package func boot(
        _ server: CloudResource, userData: String, log: any MutationLog
    ) async throws(ProviderError) {
        switch server.lifecycle {
        case .running, .starting: return
        case .stopped: break
        default:
            throw ProviderError(.busy, operation: "power on \(server.id)", detail: "the server is \(server.detail)")
        }
        let call = AWSAPI.Call("power on \(server.id)", "StartInstances", region: server.id.region, .named) {
            $0["InstanceId.1"] = server.id.id
        }
        try await mutate(.powerOn, server.id, log: log, call)
    }

    package func tag(_ id: ResourceID, _ tags: ResourceTags, log: any MutationLog) async throws(ProviderError) {
        let name = "spillway-\(tags.burst)" + (tags.node.map { "-\($0)" } ?? "")
        let call = AWSAPI.Call("tag \(id)", "CreateTags", region: id.region, .named) { query in
            query["ResourceId.1"] = id.id
            for (index, pair) in AWSTags.pairs(tags, name: name).enumerated() {
                query["Tag.\(index + 1).Key"] = pair.0
                query["Tag.\(index + 1).Value"] = pair.1
            }
        }
        try await mutate(.tag, id, tags: tags, log: log, call)
    }

    /// EC2 changes user data of stopped instances only: the first-contact key stays in it, and is good for nothing
    /// once the instance has made its own.
    package func clearUserData(_ server: ResourceID, log: any MutationLog) async throws(ProviderError) {}

    /// An instance has the address it was born with.
    package func createAddress(
        _ request: AddressRequest, log: any MutationLog
    ) async throws(ProviderError) -> CloudResource {
        throw ProviderError(
            .invalid, operation: "create address in \(request.zone)", detail: "addresses come with their servers")
    }
}
