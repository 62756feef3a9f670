import SpillwayCore

/// Opens the cloud that a spec, or the run of a state, names.
struct CloudChoice: Sendable {
    let invocation: Invocation
    let stateDir: String
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
            throw Diagnostic(
                "spec.not-yet-available", "Not yet available", detail: "provider: aws has no adapter in this version.",
                remedy: "Use provider: scaleway or local.", exists: "Nothing was created.", exit: .usage)
        }
    }
}
