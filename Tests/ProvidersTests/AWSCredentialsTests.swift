import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@testable import SpillwayProviders

@Suite struct AWSCredentialsTests {
    private static let now = Timestamp(rfc3339: "2026-08-17T12:00:00Z") ?? Timestamp(seconds: 0)

    private func profiles(
        _ environment: [String: String], config: String? = nil, credentials: String? = nil
    ) throws -> AWSProfiles {
        try AWSProfiles(
            environment: environment, config: config.map { Array($0.utf8) },
            credentials: credentials.map { Array($0.utf8) })
    }

    private func problem(
        _ environment: [String: String] = [:], config: String? = nil, credentials: String? = nil
    ) -> Diagnostic? {
        #expect(throws: Diagnostic.self) {
            _ = try profiles(environment, config: config, credentials: credentials).source()
        }
    }

    // MARK: Which source

    @Test func `the environment comes first, with its session token`() throws {
        let source = try profiles(
            [
                "AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
                "AWS_PROFILE": "p",
            ], config: "[profile p]\naws_access_key_id = AKIA2\naws_secret_access_key = s2\n"
        ).source()
        #expect(
            source
                == .fixed(
                    AWSCredentials(
                        accessKeyID: "AKIA1", secretKey: Secret("s"), sessionToken: Secret("t"),
                        source: "the environment")))
    }

    @Test func `the credentials file wins over the config file, and both may hold a profile`() throws {
        let config = "[default]\nregion = eu-west-3 ; a comment\naws_access_key_id=C\naws_secret_access_key=C\n"
        let credentials = "# mine\n[default]\naws_access_key_id = F\naws_secret_access_key = f=+/\n\n[ci]\n"
        let read = try profiles([:], config: config, credentials: credentials)
        #expect(read.region == "eu-west-3")
        guard case .fixed(let found) = try read.source() else {
            Issue.record("not fixed")
            return
        }
        #expect(found.accessKeyID == "F" && found.secretKey.value == "f=+/")
    }

    @Test func `a region is that of the variable, the older variable, the profile`() throws {
        let config = "[default]\nregion=a\n"
        #expect(try profiles(["AWS_REGION": "c", "AWS_DEFAULT_REGION": "b"], config: config).region == "c")
        #expect(try profiles(["AWS_REGION": "", "AWS_DEFAULT_REGION": "b"], config: config).region == "b")
        #expect(try profiles([:], config: config).region == "a")
        #expect(try profiles([:]).region == nil)
    }

    @Test func `a role is assumed by its source profile, through a chain`() throws {
        let config = """
            [profile top]
            role_arn = arn:aws:iam::1:role/top
            source_profile = middle
            external_id = x
            [profile middle]
            role_arn = arn:aws:iam::1:role/middle
            source_profile = base
            [profile base]
            credential_process = /usr/bin/give --me 'keys'
            """
        let source = try profiles(["AWS_PROFILE": "top", "AWS_REGION": "eu-west-3"], config: config).source()
        guard case .role(let top, .role(let middle, .process(let command, "base"))) = source else {
            Issue.record("\(source)")
            return
        }
        #expect(top.arn.hasSuffix("/top") && top.externalID == "x" && middle.region == "eu-west-3")
        #expect(command == "/usr/bin/give --me 'keys'")
    }

    @Test(arguments: [
        (
            "role_arn=a\nsource_profile=q\n[profile q]\nrole_arn=b\nsource_profile=p\n",
            "source_profile goes round in a circle at \"p\"."
        ),
        ("role_arn=a\nsource_profile=none\n", "source_profile \"none\" of profile \"p\" does not exist."),
        ("role_arn=a\n", "profile \"p\" has a role_arn and neither source_profile nor credential_source."),
        ("aws_access_key_id=a\n", "profile \"p\" has only one of aws_access_key_id and aws_secret_access_key."),
        ("sso_session=s\n", "profile \"p\" lacks one of sso_account_id, sso_role_name and sso_region."),
        ("role_arn=a\nsource_profile=q\n[profile q]\nregion=x\n", "source_profile \"q\" has no credentials."),
    ])
    func `an incomplete profile is refused with its line`(_ lines: String, _ detail: String) {
        let error = problem(["AWS_PROFILE": "p", "HOME": "/h"], config: "[profile p]\n" + lines)
        #expect(error?.code == "credentials.incomplete" && error?.detail == detail)
        #expect(error?.source?.file == "/h/.aws/config")
    }

    @Test func `a profile that does not exist is named with those that do`() {
        let error = problem(["AWS_PROFILE": "nope"], config: "[profile ci]\n[default]\n")
        #expect(error?.code == "credentials.profile")
        #expect(error?.detail.hasSuffix("there are: ci, default.") == true)
    }

    @Test func `a one-time code is not asked for`() {
        let error = problem(config: "[default]\nrole_arn=a\nsource_profile=default\nmfa_serial=arn:x\n")
        #expect(error?.code == "credentials.unsupported")
        #expect(error?.command == "eval \"$(aws configure export-credentials --format env)\"")
    }

    @Test func `no credentials anywhere say where was looked`() {
        #expect(problem(["AWS_EC2_METADATA_DISABLED": "true"]) == AWSProfiles.missing)
    }

    @Test func `without anything else the instance itself is asked`() throws {
        #expect(try profiles([:]).source() == .instanceMetadata)
    }

    @Test func `a container's service must be its own, local or over TLS`() throws {
        let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        #expect(problem([full: "http://example.com/x"])?.code == "credentials.incomplete")
        for url in ["http://169.254.170.23/v1/credentials", "http://127.0.0.1:9/x", "https://example.com/x"] {
            #expect(try profiles([full: url]).source() == .container(url: url, token: .none))
        }
        #expect(
            try profiles([
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t",
            ]).source() == .container(url: "http://169.254.170.2/v2/x", token: .value(Secret("t"))))
    }

    @Test(arguments: ["[default", "key = value\n", "[default]\nno equals here\n"])
    func `a broken file is refused with its place and without its text`(_ text: String) {
        let error = problem(["HOME": "/h"], credentials: text)
        #expect(error?.code == "credentials.malformed" && error?.source?.file == "/h/.aws/credentials")
        #expect(error?.detail.contains("no equals here") == false)
    }

    @Test func `the files are those of the official variables`() {
        #expect(AWSProfiles.paths(environment: ["HOME": "/h"]) == ("/h/.aws/config", "/h/.aws/credentials"))
        let named = AWSProfiles.paths(environment: [
            "HOME": "/h", "AWS_CONFIG_FILE": "/c", "AWS_SHARED_CREDENTIALS_FILE": "~/s",
        ])
        #expect(named == ("/c", "/h/s"))
        #expect(AWSProfiles.paths(environment: [:]) == (nil, nil))
    }

    // MARK: Endpoints

    @Test func `an endpoint is overridden by variable, services section and profile, in this order`() throws {
        let config = """
            [default]
            services = mine
            endpoint_url = https://profile.example/
            [services mine]
            ec2 =
              endpoint_url = http://127.0.0.1:5000/
            ssm =
              endpoint_url = https://ssm.example
            """
        let endpoints = try profiles(["AWS_ENDPOINT_URL_SSM": "http://localhost:1"], config: config).endpoints()
        #expect(endpoints.url(.ec2, region: "r") == "http://127.0.0.1:5000")
        #expect(endpoints.url(.ssm, region: "r") == "http://localhost:1")
        #expect(endpoints.url(.sts, region: "r") == "https://profile.example")
        let all = try profiles(["AWS_ENDPOINT_URL": "https://x.example"], config: config).endpoints()
        #expect(all.url(.ec2, region: "r") == "https://x.example")
        let none = try profiles(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"], config: config).endpoints()
        #expect(none.url(.ec2, region: "eu-west-3") == "https://ec2.eu-west-3.amazonaws.com")
        #expect(none.url(.pricing, region: "us-east-1") == "https://api.pricing.us-east-1.amazonaws.com")
    }

    @Test(arguments: ["http://ec2.example", "ec2.example", "https://u:p@x.example", "ftp://x.example", "https://"])
    func `an endpoint that is not safe is refused`(_ url: String) {
        let error = #expect(throws: Diagnostic.self) { try profiles(["AWS_ENDPOINT_URL": url]).endpoints() }
        #expect(error?.code == "credentials.endpoint")
    }

    // MARK: Getting them

    private func chain(
        _ source: AWSCredentialSource, http: CannedHTTP = CannedHTTP(always: HTTPResponse(status: 500)),
        file: String? = nil, printed: String? = nil, started: Locked<[String]> = Locked([])
    ) -> AWSCredentialChain {
        let retrying = RetryingHTTP(
            client: http, policy: RetryPolicy(attempts: 2), sleep: { _ in }, random: { 0 })
        return AWSCredentialChain(
            source, endpoints: AWSEndpoints(),
            around: AWSSurroundings(
                http: retrying, now: { Self.now }, cryptography: LibCrypto.cryptography,
                xml: { bytes throws(Diagnostic) in try XMLReader.read(bytes) },
                readFile: { _ in file.map { Array($0.utf8) } },
                start: { command in
                    started.withLock { $0.append(command) }
                    return Array((printed ?? "").utf8)
                }, home: "/h"))
    }

    @Test func `a process is started once while its credentials last`() async throws {
        let started = Locked<[String]>([])
        let chain = chain(
            .process(command: "give keys", profile: "p"),
            printed: #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"2026-08-17T12:06:00Z"}"#,
            started: started)
        for _ in 1...3 { #expect(try await chain.credentials().accessKeyID == "A") }
        #expect(started.withLock { $0 } == ["give keys"])
        await chain.discard(try await chain.credentials())
        _ = try await chain.credentials()
        #expect(started.withLock { $0.count } == 2)
    }

    @Test(arguments: [
        (#"{"Version":2,"AccessKeyId":"A","SecretAccessKey":"hush"}"#, "version 2 of its format is not known."),
        (#"{"Version":1,"AccessKeyId":"A"}"#, "the credentials are incomplete."),
        ("hush", "gave something other than credentials in JSON."),
        (
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush","Expiration":"2026-08-17T12:04:00Z"}"#,
            "gave credentials that have expired."
        ),
        (
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush","Expiration":"tomorrow"}"#,
            "the credentials are incomplete."
        ),
    ])
    func `a process that gives no credentials is refused without repeating it`(
        _ printed: String, _ detail: String
    ) async {
        let chain = chain(.process(command: "x", profile: "p"), printed: printed)
        let error = await #expect(throws: Diagnostic.self) { _ = try await chain.credentials() }
        #expect(error?.code == "credentials.refused" && error?.detail.hasSuffix(detail) == true)
        #expect(error?.detail.contains("hush") == false)
    }

    private static let role = AWSCredentialSource.Role(
        arn: "arn:aws:iam::1:role/r", session: "spillway", externalID: "e x", duration: 900, region: "eu-west-3",
        profile: "p")
    private static let base = AWSCredentials(accessKeyID: "AK", secretKey: Secret("s"), source: "t")
    private static func assumed(_ action: String) -> HTTPResponse {
        .text(
            200,
            """
            <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><\(action)Result><Credentials>
            <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s2</SecretAccessKey><SessionToken>t2</SessionToken>
            <Expiration>2026-08-17T13:00:00Z</Expiration></Credentials></\(action)Result></\(action)Response>
            """, type: "text/xml")
    }

    @Test func `a role is assumed with a signed request`() async throws {
        let http = CannedHTTP(always: Self.assumed("AssumeRole"))
        let found = try await chain(.role(Self.role, from: .fixed(Self.base)), http: http).credentials()
        #expect(found.accessKeyID == "ASIA" && found.sessionToken?.value == "t2")
        #expect(found.expiration == Timestamp(rfc3339: "2026-08-17T13:00:00Z"))
        let request = try #require(http.requests.first)
        #expect(request.url == "https://sts.eu-west-3.amazonaws.com/")
        #expect(request.text.contains("ExternalId=e+x") && request.text.contains("DurationSeconds=900"))
        #expect(request.headers.contains { $0.name == "Authorization" && $0.value.contains("/eu-west-3/sts/") })
    }

    @Test func `a web identity needs no keys`() async throws {
        let http = CannedHTTP(always: Self.assumed("AssumeRoleWithWebIdentity"))
        let found = try await chain(.webIdentity(Self.role, tokenFile: "/t"), http: http, file: "jwt\n").credentials()
        #expect(found.accessKeyID == "ASIA")
        let request = try #require(http.requests.first)
        #expect(request.text.contains("WebIdentityToken=jwt"))
        #expect(!request.headers.contains { $0.name == "Authorization" })
    }

    @Test func `a role that may not be assumed says what AWS says`() async {
        let http = CannedHTTP(
            always: .text(
                403,
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>",
                type: "text/xml"))
        let chain = chain(.role(Self.role, from: .fixed(Self.base)), http: http)
        let error = await #expect(throws: Diagnostic.self) { _ = try await chain.credentials() }
        #expect(error?.detail == "role arn:aws:iam::1:role/r: AccessDenied: not you.")
    }

    @Test func `an instance gives its role's credentials against a token`() async throws {
        let http = CannedHTTP { request, _ in
            switch request.path {
            case "/latest/api/token": return .text(200, "session")
            case "/latest/meta-data/iam/security-credentials/": return .text(200, "worker\n")
            default:
                return .json(
                    200,
                    #"{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2026-08-17T18:00:00Z"}"#
                )
            }
        }
        let found = try await chain(.instanceMetadata, http: http).credentials()
        #expect(found.accessKeyID == "A" && found.sessionToken?.value == "t")
        #expect(http.requests.map(\.method) == [.put, .get, .get])
        #expect(http.requests.dropFirst().allSatisfy { $0.headers.contains { $0.value == "session" && $0.isSecret } })
    }

    @Test func `a machine that is no instance has no credentials`() async {
        let http = CannedHTTP { _, _ throws(HTTPFailure) in
            throw HTTPFailure(.timeout, reachedServer: false, detail: "nobody there")
        }
        let error = await #expect(throws: Diagnostic.self) {
            _ = try await chain(.instanceMetadata, http: http).credentials()
        }
        #expect(error == AWSProfiles.missing && http.requests.count == 1)
    }

    @Test func `a container's token is read from its file at each request`() async throws {
        let http = CannedHTTP(
            always: .json(
                200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2026-08-17T18:00:00Z"}"#))
        let source = AWSCredentialSource.container(url: "http://169.254.170.23/v1", token: .file("/token"))
        #expect(try await chain(source, http: http, file: "tok").credentials().accessKeyID == "A")
        #expect(http.requests.first?.headers.first { $0.name == "Authorization" }?.value == "tok")
    }

    private static let signOn = AWSCredentialSource.signOn(
        .init(account: "1", role: "r", region: "eu-west-1", cacheName: "my-sso", profile: "p"))

    @Test func `single sign-on without a token says how to sign in`() async {
        for file in [nil, "{}", #"{"accessToken":"x","expiresAt":"2026-08-17T11:00:00Z"}"#] {
            let chain = chain(Self.signOn, file: file)
            let error = await #expect(throws: Diagnostic.self) { _ = try await chain.credentials() }
            #expect(error?.code == "credentials.signed-out" && error?.command == "aws sso login --profile p")
        }
    }

    @Test func `single sign-on with a token gives the role's credentials`() async throws {
        let http = CannedHTTP(
            always: .json(
                200,
                #"{"roleCredentials":{"accessKeyId":"A","secretAccessKey":"s","sessionToken":"t","expiration":1787000000000}}"#
            ))
        let file = #"{"accessToken":"tok","expiresAt":"2026-08-17T20:00:00Z"}"#
        #expect(try await chain(Self.signOn, http: http, file: file).credentials().accessKeyID == "A")
        #expect(
            http.requests.first?.url
                == "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=r&account_id=1")
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
    ])
    func `SHA-1 gives the published digests`(_ text: String, _ digest: String) {
        #expect(SHA1.hex(Array(text.utf8)) == digest)
    }
}
