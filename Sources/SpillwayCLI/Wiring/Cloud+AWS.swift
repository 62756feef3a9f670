import SpillwayCore
import SpillwayProviders

extension Cloud {
    /// Whose credentials, which account and which region is settled before anything else is asked. `everywhere` looks at
    /// every region that the account has enabled, as who looks for forgotten things must.
    static func aws(
        _ invocation: Invocation, spec: Spec?, everywhere: Bool, addressURL: String
    ) async throws -> Cloud {
        try await aws(
            AWSConnection(invocation), invocation, spec: spec, everywhere: everywhere, addressURL: addressURL)
    }

    /// The same adapter over the same HTTP: only the endpoint, the credentials and the SSH port differ.
    static func simulatedAWS(
        _ cloud: SimulatedCloud, _ invocation: Invocation, spec: Spec?
    ) async throws -> Cloud {
        var opened = try await aws(
            AWSConnection(cloud.endpoint.ec2, invocation), invocation, spec: spec,
            addressURL: cloud.endpoint.addressURL)
        opened.sshPort = cloud.endpoint.sshPort
        opened.simulated = cloud
        return opened
    }

    private static func aws(
        _ connection: AWSConnection, _ invocation: Invocation, spec: Spec?, everywhere: Bool = false,
        addressURL: String
    ) async throws -> Cloud {
        let rules = rules(of: .aws, environment: invocation.environment)
        let region = try connection.home(spec?.zones.map(\.value) ?? [])
        let prices = connection.prices(PriceStore(environment: invocation.environment))
        let zones = AWSRegions.zones(of: region)
        func provider(_ zones: [String]) -> AWSProvider {
            connection.provider(
                zones: zones, choices: spec?.aws,
                prices: { region throws(ProviderError) in try await prices.catalogue(region: region) })
        }
        var opened = provider(zones)
        let account = try await connection.account(opened, region: region)
        if everywhere { opened = provider(try await opened.enabledRegions(askedIn: region)) }
        let aws = opened
        return Cloud(
            provider: aws, rules: rules, account: account, defaultZone: zones.first, addressURL: addressURL,
            preflight: Preflight(aws),
            spotPrices: { types, zones in
                try await aws.spotPrices(of: types, zones: zones).reduce(into: [:]) { prices, price in
                    prices[price.zone, default: [:]][price.type] = price.rate
                }
            })
    }
}
