package import SpillwayCore

extension ScalewayProvider {
    package func boot(
        _ server: CloudResource, userData: String, log: any MutationLog
    ) async throws(ProviderError) {
        switch server.lifecycle {
        case .running, .starting: return
        case .stopping, .changing:
            throw ProviderError(.busy, operation: "power on \(server.id)", detail: "the server is \(server.detail)")
        default: break
        }
        let handOver = ScalewayAPI.Call(
            "set the user data of \(server.id)", .patch, path(server.id) + "/user_data/cloud-init", .named
        ).sending(text: userData)
        try await mutate(.setUserData, server.id, log: log, handOver)
        do throws(ProviderError) {
            try await act("poweron", .powerOn, server.id, log: log)
        } catch {
            // "should be stopped": it may be on already, by us a moment ago or by a client killed before it knew.
            guard error.kind == .busy, try await isOn(server.id) else { throw error }
        }
    }

    package func clearUserData(_ server: ResourceID, log: any MutationLog) async throws(ProviderError) {
        let api = api
        let call = ScalewayAPI.Call.delete(
            "clear the user data of \(server)", path(server) + "/user_data/cloud-init")
        try await log.perform(Intent(.clearUserData, zone: server.zone, target: server)) {
            () async throws(ProviderError) -> (Void, Outcome) in
            let response = try await api.exchange(call)
            guard !(200..<300).contains(response.status), !Self.isMissingKey(response) else { return ((), .done) }
            let error = ScalewayErrors.error(call.operation, response, effect: call.effect)
            // With its server gone the user data is gone as well.
            guard error.kind == .notFound else { throw error }
            return ((), .done)
        }
    }

    /// On a missing key the 404 is empty text; on a missing server it is JSON.
    private static func isMissingKey(_ response: HTTPResponse) -> Bool {
        response.status == 404 && response.body.isEmpty && !ScalewayErrors.isJSON(response)
    }

    func act(
        _ action: String, _ operation: Intent.Operation, _ server: ResourceID, log: any MutationLog
    ) async throws(ProviderError) {
        let call = try ScalewayAPI.Call("\(action) \(server)", .post, path(server) + "/action", .named)
            .sending(ActionRequest(action: action))
        try await mutate(operation, server, log: log, call)
    }

    private func isOn(_ server: ResourceID) async throws(ProviderError) -> Bool {
        let answer = try await api.send(.get("look up \(server)", path(server)), as: ServerAnswer.self)
        let lifecycle = CloudResource(answer.server, zone: server.zone).lifecycle
        return lifecycle == .running || lifecycle == .starting
    }
}
