import FoundationEssentials
import Glibc
import SpillwayCore
import SpillwayEngine
import SpillwayProviders
import SpillwayTransport

/// What the official variables and files say about AWS, read once: whose credentials, which region, which endpoints.
struct AWSConnection: Sendable {
    /// Of the variables or the profile; nil where neither says.
    let region: String?
    let endpoints: AWSEndpoints
    private let credentials: @Sendable () async throws(Diagnostic) -> AWSCredentials
    private let discard: @Sendable (AWSCredentials) async -> Void
    private let invocation: Invocation

    /// Asks nobody and starts nothing. Throws `credentials.missing` where nothing names credentials at all.
    init(_ invocation: Invocation) throws {
        let environment = invocation.environment
        let paths = AWSProfiles.paths(environment: environment)
        let profiles = try AWSProfiles(
            environment: environment, config: paths.config.flatMap(Self.contents),
            credentials: paths.credentials.flatMap(Self.contents))
        let source = try profiles.source()
        if source == .instanceMetadata, !Self.isInstance { throw AWSProfiles.missing }
        region = profiles.region
        self.invocation = invocation
        endpoints = try profiles.endpoints()
        let chain = AWSCredentialChain(source, endpoints: endpoints, around: Self.surroundings(invocation))
        credentials = { () async throws(Diagnostic) in try await chain.credentials() }
        discard = { await chain.discard($0) }
    }

    /// The simulated cloud's own, whatever the environment says.
    init(_ simulated: SimulatedCloud.Endpoint.EC2, _ invocation: Invocation) {
        self.invocation = invocation
        region = simulated.region
        endpoints = AWSEndpoints(
            Dictionary(uniqueKeysWithValues: AWSEndpointName.allCases.map { ($0, simulated.endpointURL) }))
        let fixed = AWSCredentials(
            accessKeyID: simulated.accessKeyID, secretKey: Secret(simulated.secretAccessKey), source: "cloudsim")
        credentials = { () async throws(Diagnostic) in fixed }
        discard = { _ in }
    }

    /// A provider for `zones`, which may lie in several regions.
    func provider(
        zones: [String], choices: AWSChoices? = nil,
        prices: @escaping @Sendable (_ region: String) async throws(ProviderError) -> Catalogue
    ) -> AWSProvider {
        let settings = AWSSettings(
            zones: zones, endpoints: endpoints, credentials: credentials, discard: discard, choices: choices,
            userAgent: "spillway/\(ToolVersion.current)")
        return AWSProvider(
            settings: settings, http: invocation.http, sleep: invocation.ambient.sleep, random: invocation.random,
            now: invocation.ambient.now, cryptography: LibCrypto.cryptography,
            xml: { bytes throws(Diagnostic) in try XMLReader.read(bytes, leavingOut: AWSProvider.unread) },
            prices: prices)
    }

    /// What was fetched into `store`, else what the Pricing API says now; that is kept there.
    func prices(_ store: PriceStore) -> AWSPrices {
        let api = AWSPricingAPI(
            endpoints: endpoints, credentials: credentials, http: Self.retrying(invocation),
            cryptography: LibCrypto.cryptography, now: invocation.ambient.now)
        return AWSPrices(store.catalogue, api: api) { list in _ = try? store.write(list) }
    }

    /// Where to ask what no zone decides. Throws `credentials.no-region`.
    func home(_ zones: [String] = []) throws(Diagnostic) -> String {
        guard let home = zones.first.map(AWSZones.region) ?? region else { throw Self.noRegion }
        return home
    }

    /// The number of the account that pays, asked once for each access key: a key never moves to another account.
    func account(_ provider: AWSProvider, region: String) async throws -> String {
        let key = try await credentials().accessKeyID + (endpoints.overrides[.sts].map { "@\($0)" } ?? "")
        let memory = AccountMemory(environment: invocation.environment)
        if let known = memory.account(of: key) { return known }
        let account = try await provider.account(region: region)
        memory.keep(account, of: key)
        return account
    }

    // MARK: Surroundings

    /// Elsewhere nobody answers at the metadata address, and waiting for that would delay every sweep at home.
    private static var isInstance: Bool {
        ["/sys/class/dmi/id/sys_vendor", "/sys/hypervisor/uuid"].compactMap(contents).contains { bytes in
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            return text.hasPrefix("amazon ec2") || text.hasPrefix("ec2")
        }
    }

    private static func retrying(_ invocation: Invocation) -> RetryingHTTP {
        RetryingHTTP(
            client: invocation.http, policy: RetryPolicy(), sleep: invocation.ambient.sleep, random: invocation.random)
    }

    private static func surroundings(_ invocation: Invocation) -> AWSSurroundings {
        let environment = invocation.environment
        return AWSSurroundings(
            http: retrying(invocation), now: invocation.ambient.now, cryptography: LibCrypto.cryptography,
            xml: { bytes throws(Diagnostic) in try XMLReader.read(bytes) },
            readFile: { path in contents(path) },
            start: { command throws(Diagnostic) in try started(command, environment) },
            home: environment["HOME"].flatMap { $0.isEmpty ? nil : $0 })
    }

    private static func contents(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }

    /// The user's own `credential_process`, with its stderr on ours.
    private static func started(_ command: String, _ environment: [String: String]) throws(Diagnostic) -> [UInt8] {
        let ended = try ShellCommand(command, folder: ".", environment: environment).output()
        guard ended.status == 0 else {
            throw Diagnostic(
                "credentials.refused", "AWS credentials could not be had",
                detail: "The credential_process ended with status \(ended.status).",
                remedy: "Run it by hand; it stands in ~/.aws/config.")
        }
        return ended.stdout
    }

    private static var noRegion: Diagnostic {
        Diagnostic(
            "credentials.no-region", "No AWS region is set",
            detail: "Neither AWS_REGION nor the profile in use names one.",
            remedy: "Set it, for example:", command: "export AWS_REGION=eu-west-3", exists: "Nothing was created.",
            exit: .usage)
    }
}
