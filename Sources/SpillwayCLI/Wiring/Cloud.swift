import FoundationEssentials
import SpillwayCore
import SpillwayEngine
import SpillwayProviders
import SpillwayTransport

/// One cloud, opened with credentials: what the engine works with, and what differs between a real and a simulated one.
struct Cloud: Sendable {
    var provider: any CloudProvider
    var rules: ProviderRules
    /// The project or account that is billed.
    var account: String
    var defaultZone: String?
    /// Where instances answer SSH; the spec's port on a real cloud.
    var sshPort: Int?
    /// Says which address this machine has on the internet.
    var addressURL: String
    /// The simulated cloud behind it, if that is what it is.
    var simulated: SimulatedCloud?
    /// Asks for the permissions that a burst needs without doing anything; nil where a provider cannot be asked that.
    var preflight: Preflight?
    /// What machines that can be taken back cost now, by zone and type; nil where there are none.
    var spotPrices: (@Sendable (_ types: [String], _ zones: [String]) async throws -> [String: [String: Rate]])?

    /// Types, prices and stock as of now; with the prices of spot machines where `query` asks for such.
    func catalogue(zones: [String], for query: OfferQuery) async throws -> Catalogue {
        let catalogue: Catalogue
        if let type = query.resources.instanceType?.value {
            catalogue = try await provider.catalogue(zones: zones, of: type)
        } else {
            catalogue = try await provider.catalogue(zones: zones)
        }
        guard query.resources.spot.value != .never, let spotPrices else { return catalogue }
        let fits = OfferSearch(query, rules: rules, zones: catalogue.zones).found.map(\.offer.type)
        var types: [String] = []
        for type in fits where type.isSpotOffered && !types.contains(type.name) && types.count < Self.mostSpotTypes {
            types.append(type.name)
        }
        return catalogue.withSpot(try await spotPrices(types, zones))
    }

    /// Where to look when no zone is named: what `search` of the catalogue shows, as far as this cloud was opened for it;
    /// all it was opened for where no price of there is known yet.
    func zones(having search: () throws -> OfferSearch) throws -> [String] {
        let reachable = provider.traits.zones
        let priced = Set(rules.catalogue().zones.map(\.name))
        guard reachable.contains(where: priced.contains) else { return reachable }
        let zones = try search().zones
        let near = zones.filter(reachable.contains)
        return near.isEmpty ? zones : near
    }

    /// Of so many types that fit, the cheapest first, the spot price is asked for.
    private static let mostSpotTypes = 50

    /// What is known of a provider without credentials or network: from the binary and, where `environment` names a
    /// place for them, the prices that were fetched.
    static func rules(of name: ProviderName, environment: [String: String] = [:]) -> ProviderRules {
        switch name {
        case .local, .scaleway: ScalewayRules.rules
        case .aws:
            AWSRules.rules(
                PriceStore(environment: environment).catalogue, traits: AWSProvider.traits(zones: AWSRegions.zones),
                checkImage: AWSImages.check)
        }
    }

    static func scaleway(_ invocation: Invocation, addressURL: String) throws -> Cloud {
        let environment = invocation.environment
        var config: DocumentNode?
        if let path = ScalewayCredentials.configPath(environment: environment),
            let bytes = FileManager.default.contents(atPath: path)
        {
            config = try YAMLReader.read(bytes: [UInt8](bytes), file: path)
        }
        let settings = try ScalewayCredentials.resolve(
            environment: environment, config: config, userAgent: "spillway/\(ToolVersion.current)")
        for note in settings.notes { invocation.output.show(.note(note)) }
        return Cloud(
            provider: provider(settings, invocation), rules: ScalewayRules.rules, account: settings.projectID,
            defaultZone: settings.defaultZone, addressURL: addressURL)
    }

    /// The same adapter over the same HTTP: only the endpoint and the SSH port differ from the real thing.
    static func simulated(_ cloud: SimulatedCloud, _ invocation: Invocation) -> Cloud {
        let scaleway = cloud.endpoint.scaleway
        let settings = ScalewaySettings(
            apiURL: scaleway.apiURL, secretKey: Secret(scaleway.secretKey), projectID: scaleway.projectID,
            userAgent: "spillway/\(ToolVersion.current)")
        return Cloud(
            provider: provider(settings, invocation), rules: ScalewayRules.rules, account: scaleway.projectID,
            sshPort: cloud.endpoint.sshPort, addressURL: cloud.endpoint.addressURL, simulated: cloud)
    }

    private static func provider(_ settings: ScalewaySettings, _ invocation: Invocation) -> ScalewayProvider {
        ScalewayProvider(
            settings: settings, http: invocation.http, sleep: invocation.ambient.sleep, random: invocation.random,
            now: invocation.ambient.now)
    }
}
