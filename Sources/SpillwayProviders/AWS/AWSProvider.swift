package import SpillwayCore

/// What a connection to AWS needs: where, who, and what the user chose for every launch.
package struct AWSSettings: Sendable {
    /// Of the regions in use, in the order they are looked at: "us-east-1a".
    package var zones: [String]
    package var endpoints: AWSEndpoints
    /// Gets the credentials in force now; see ``AWSCredentialChain``.
    package var credentials: @Sendable () async throws(Diagnostic) -> AWSCredentials
    /// Called with credentials that AWS called expired.
    package var discard: @Sendable (AWSCredentials) async -> Void
    /// What the user has already and wants used; nil for nothing.
    package var choices: AWSChoices?
    package var userAgent: String

    package init(
        zones: [String], endpoints: AWSEndpoints = AWSEndpoints(),
        credentials: @escaping @Sendable () async throws(Diagnostic) -> AWSCredentials,
        discard: @escaping @Sendable (AWSCredentials) async -> Void = { _ in }, choices: AWSChoices? = nil,
        userAgent: String = "spillway"
    ) {
        self.zones = zones
        self.endpoints = endpoints
        self.credentials = credentials
        self.discard = discard
        self.choices = choices
        self.userAgent = userAgent
    }
}

/// Amazon EC2, by its Query API.
///
/// What shapes this adapter: one call launches all of a group under one token; what is born together has the same tags
/// and the same user data; a guest that shuts down ends its bill; calls are per region, groups too.
package struct AWSProvider: CloudProvider {
    let api: AWSAPI
    let now: @Sendable () -> Timestamp
    let prices: @Sendable (_ region: String) async throws(ProviderError) -> Catalogue
    let memory: AWSMemory

    package let traits: ProviderTraits

    /// How many calls of one operation are in flight at once.
    static let width = 8

    /// `sleep` and `random` (uniform in 0..<1) serve the repeats of what may be repeated; `xml` reads an answer;
    /// `prices` gives types and prices of all zones of a region, wherever they come from.
    package init(
        settings: AWSSettings, http: any HTTPClient, retry: RetryPolicy = RetryPolicy(),
        sleep: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double,
        now: @escaping @Sendable () -> Timestamp, cryptography: Cryptography,
        xml: @escaping @Sendable ([UInt8]) throws(Diagnostic) -> XMLElement,
        prices: @escaping @Sendable (_ region: String) async throws(ProviderError) -> Catalogue
    ) {
        self.now = now
        self.prices = prices
        memory = AWSMemory()
        traits = Self.traits(zones: settings.zones)
        api = AWSAPI(
            settings: settings, http: RetryingHTTP(client: http, policy: retry, sleep: sleep, random: random),
            cryptography: cryptography, xml: xml, now: now)
    }

    /// Boot: an instance runs in seconds and answers SSH within a minute or two, large GPU types take longer.
    /// Teardown: minutes at most from the request until an instance has ended; it is not billed by then.
    package static func traits(zones: [String]) -> ProviderTraits {
        ProviderTraits(
            name: "aws", zones: zones, separateAddresses: false, bornStopped: false, guestCanEndBill: true,
            loginUser: "root", bootAllowance: .minutes(5), teardownAllowance: .minutes(5), hasSpot: true,
            launchesOnce: true, sharesUserData: true, spotNotice: spotNotice)
    }

    /// The metadata say when, two minutes before; asked with a token, as IMDSv2 wants it.
    private static let spotNotice = """
        at=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
        ask() {
            if command -v curl; then
                curl -sf -m 2 -X "$1" -H "$2" "$at/latest/$3"
            else
                wget -q -T 2 -t 1 -O - --method="$1" --header="$2" "$at/latest/$3"
            fi
        }
        token=$(ask PUT 'X-aws-ec2-metadata-token-ttl-seconds: 60' api/token | tail -n 1) &&
            ask GET "X-aws-ec2-metadata-token: $token" meta-data/spot/instance-action
        """

    /// Runs one mutating call through the log: intent, call, outcome.
    func mutate(
        _ operation: Intent.Operation, _ target: ResourceID, others: [ResourceID]? = nil, tags: ResourceTags? = nil,
        log: any MutationLog, _ call: AWSAPI.Call
    ) async throws(ProviderError) {
        let api = api
        let intent = Intent(operation, zone: target.zone, target: target, others: others, tags: tags)
        try await log.perform(intent) { () async throws(ProviderError) -> (Void, Outcome) in
            try await api.send(call)
            return ((), .done)
        }
    }

    // MARK: What the composition root asks

    /// The number of the account that pays. Needs no permission.
    package func account(region: String) async throws(ProviderError) -> String {
        var call = AWSAPI.Call("ask for the account", "GetCallerIdentity", region: region, .read)
        call.service = .sts
        call.query = AWSQuery("GetCallerIdentity", version: "2011-06-15")
        guard let account = try await api.send(call).text("GetCallerIdentityResult", "Account") else {
            throw ProviderError(.malformedAnswer, operation: call.operation, detail: "the answer names no account")
        }
        return account
    }

    /// The regions that the account has enabled. Reads only.
    package func enabledRegions(askedIn region: String) async throws(ProviderError) -> [String] {
        let call = AWSAPI.Call("list the regions", "DescribeRegions", region: region, .read)
        return try await api.send(call).items("regionInfo").compactMap { $0.text("regionName") }.sorted()
    }
}

extension ResourceID {
    var region: String { AWSZones.region(of: zone) }
}

func regions(_ zones: [String]) -> [String] { Set(zones.map(AWSZones.region)).sorted() }
