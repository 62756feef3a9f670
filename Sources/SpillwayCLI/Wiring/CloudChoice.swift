import SpillwayCore

/// Opens the cloud that a spec, or the run of a state, names.
struct CloudChoice: Sendable {
    let invocation: Invocation
    let stateDir: String
    /// Says where, and what of the user's own account is to be used.
    var spec: Spec?
    /// Whether every region of the account is looked at, and not those of the spec alone.
    var everywhere = false
    /// Arguments for a simulated cloud that has to be started.
    var simulation: [String] = []

    func open(_ name: ProviderName) async throws -> Cloud {
        switch name {
        case .local:
            return Cloud.simulated(
                try SimulatedCloud.running(
                    in: absolute(stateDir), options: simulation, environment: invocation.environment),
                invocation)
        case .scaleway:
            let configuration = try invocation.configuration()
            let cloud = try Cloud.scaleway(
                invocation, addressURL: configuration.addressURL ?? CallerAddress.standardURL)
            try configuration.permit(cloud.account, of: name)
            return cloud
        case .aws:
            let configuration = try invocation.configuration()
            let cloud = try await Cloud.aws(
                invocation, spec: spec, everywhere: everywhere,
                addressURL: configuration.addressURL ?? CallerAddress.standardURL)
            try configuration.permit(cloud.account, of: name)
            return cloud
        }
    }
}
