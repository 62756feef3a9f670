internal import FoundationEssentials
package import SpillwayCore

/// What getting credentials may touch. Nothing of it is used where only a plan is made offline.
package struct AWSSurroundings: Sendable {
    package var http: RetryingHTTP
    package var now: @Sendable () -> Timestamp
    package var cryptography: Cryptography
    package var xml: @Sendable ([UInt8]) throws(Diagnostic) -> XMLElement
    /// nil when there is no such file.
    package var readFile: @Sendable (_ path: String) throws(Diagnostic) -> [UInt8]?
    /// Runs a command line of the user's own profile and gives what it printed.
    package var start: @Sendable (_ command: String) async throws(Diagnostic) -> [UInt8]
    package var home: String?

    package init(
        http: RetryingHTTP, now: @escaping @Sendable () -> Timestamp, cryptography: Cryptography,
        xml: @escaping @Sendable ([UInt8]) throws(Diagnostic) -> XMLElement,
        readFile: @escaping @Sendable (String) throws(Diagnostic) -> [UInt8]?,
        start: @escaping @Sendable (String) async throws(Diagnostic) -> [UInt8], home: String?
    ) {
        self.http = http
        self.now = now
        self.cryptography = cryptography
        self.xml = xml
        self.readFile = readFile
        self.start = start
        self.home = home
    }
}

/// Gets the credentials that a source stands for, and new ones before they expire.
package actor AWSCredentialChain {
    /// How long before their end credentials are taken for used up.
    private static let margin = Seconds.minutes(5)

    private let source: AWSCredentialSource
    private let endpoints: AWSEndpoints
    private let around: AWSSurroundings
    private var held: AWSCredentials?

    package init(_ source: AWSCredentialSource, endpoints: AWSEndpoints, around: AWSSurroundings) {
        self.source = source
        self.endpoints = endpoints
        self.around = around
    }

    /// Throws `credentials.…`; no message ever repeats a value that could be a secret.
    package func credentials() async throws(Diagnostic) -> AWSCredentials {
        if let held, isFresh(held) { return held }
        let new = try await get(source)
        held = new
        return new
    }

    /// After the far side called them expired: the next request gets new ones where the source has any.
    package func discard(_ used: AWSCredentials) {
        if held == used { held = nil }
    }

    private func isFresh(_ credentials: AWSCredentials) -> Bool {
        guard let end = credentials.expiration else { return true }
        return around.now() + Self.margin < end
    }

    // MARK: The sources

    private func get(_ source: AWSCredentialSource) async throws(Diagnostic) -> AWSCredentials {
        switch source {
        case .fixed(let credentials): return credentials
        case .process(let command, let profile):
            let what = "credential_process of profile \"\(profile)\""
            return try read(try await around.start(command), JSONCredentials.Process.self, from: what)
        case .role(let role, let from):
            return try await assume(role, by: try await get(from))
        case .webIdentity(let role, let file):
            return try await assume(role, tokenFile: file)
        case .signOn(let signOn): return try await get(signOn)
        case .container(let url, let token):
            var headers: [HTTPRequest.Header] = []
            if let value = try authorization(token) { headers = [.init("Authorization", value, isSecret: true)] }
            let body = try await ask(
                HTTPRequest(.get, url, headers: headers, timeout: .seconds(5)), of: "the container")
            return try read(body, JSONCredentials.Metadata.self, from: "the container's service")
        case .instanceMetadata: return try await fromInstance()
        }
    }

    private func authorization(_ token: AWSCredentialSource.Token) throws(Diagnostic) -> String? {
        switch token {
        case .none: return nil
        case .value(let secret): return secret.value
        case .file(let path): return try text(ofFile: path)
        }
    }

    private func fromInstance() async throws(Diagnostic) -> AWSCredentials {
        let base = "http://169.254.169.254/latest"
        let begin = HTTPRequest(
            .put, "\(base)/api/token", headers: [.init("X-aws-ec2-metadata-token-ttl-seconds", "300")],
            timeout: .seconds(2))
        // No retries: on a machine that is no instance nothing answers, and that is the usual case.
        let answer: HTTPResponse
        do throws(HTTPFailure) {
            answer = try await around.http.client.send(begin)
        } catch {
            throw AWSProfiles.missing
        }
        guard answer.status == 200 else { throw AWSProfiles.missing }
        let token = HTTPRequest.Header(
            "X-aws-ec2-metadata-token", String(decoding: answer.body, as: UTF8.self), isSecret: true)
        let roles = "\(base)/meta-data/iam/security-credentials/"
        func fetch(_ url: String) async throws(Diagnostic) -> [UInt8] {
            try await ask(HTTPRequest(.get, url, headers: [token], timeout: .seconds(5)), of: "the instance")
        }
        let role = String(decoding: try await fetch(roles), as: UTF8.self).split(whereSeparator: \.isNewline).first
        guard let role else { throw refused("the instance has no role (instance profile) to take credentials of") }
        return try read(
            try await fetch(roles + percentEncoded(String(role))), JSONCredentials.Metadata.self,
            from: "the instance's role \(role)")
    }

    private func get(_ signOn: AWSCredentialSource.SignOn) async throws(Diagnostic) -> AWSCredentials {
        let file = (around.home ?? "") + "/.aws/sso/cache/\(SHA1.hex(Array(signOn.cacheName.utf8))).json"
        guard let bytes = try around.readFile(file),
            let token = try? JSONDecoder().decode(JSONCredentials.SignOnToken.self, from: Data(bytes)),
            let end = Timestamp(rfc3339: token.expiresAt), end > around.now()
        else {
            throw Diagnostic(
                "credentials.signed-out", "Nobody is signed in to AWS",
                detail:
                    "Profile \"\(signOn.profile)\" uses single sign-on, and \(file) holds no token that is good now. "
                    + "Spillway does not sign in by itself.",
                remedy: "Sign in with AWS's own tool.", command: "aws sso login --profile \(signOn.profile)")
        }
        let url =
            endpoints.url(.sso, region: signOn.region)
            + "/federation/credentials?role_name=\(percentEncoded(signOn.role))"
            + "&account_id=\(percentEncoded(signOn.account))"
        let header = HTTPRequest.Header("x-amz-sso_bearer_token", token.accessToken, isSecret: true)
        let body = try await ask(HTTPRequest(.get, url, headers: [header]), of: "single sign-on")
        return try read(body, JSONCredentials.SignOnRole.self, from: "single sign-on")
    }

    // MARK: Roles

    private func assume(
        _ role: AWSCredentialSource.Role, by credentials: AWSCredentials
    ) async throws(Diagnostic) -> AWSCredentials {
        let signer = SigV4(region: role.region, service: "sts", cryptography: around.cryptography)
        let request = signer.signed(
            stsRequest("AssumeRole", role, []), by: credentials, at: around.now())
        return try await assumed(role, request, "AssumeRole")
    }

    private func assume(
        _ role: AWSCredentialSource.Role, tokenFile: String
    ) async throws(Diagnostic) -> AWSCredentials {
        let token = try text(ofFile: tokenFile)
        return try await assumed(
            role, stsRequest("AssumeRoleWithWebIdentity", role, [("WebIdentityToken", token)]),
            "AssumeRoleWithWebIdentity")
    }

    private func stsRequest(
        _ action: String, _ role: AWSCredentialSource.Role, _ more: [(String, String)]
    ) -> HTTPRequest {
        var query = AWSQuery(action, version: "2011-06-15")
        query["RoleArn"] = role.arn
        query["RoleSessionName"] = role.session
        query["ExternalId"] = role.externalID
        query["DurationSeconds"] = role.duration.map(String.init)
        for (key, value) in more { query[key] = value }
        return HTTPRequest(
            .post, endpoints.url(.sts, region: role.region) + "/", headers: [AWSQuery.contentType], body: query.body)
    }

    private func assumed(
        _ role: AWSCredentialSource.Role, _ request: HTTPRequest, _ action: String
    ) async throws(Diagnostic) -> AWSCredentials {
        let what = "role \(role.arn)"
        let answer = try await send(request, of: what)
        guard let root = try? around.xml(answer.body) else { throw refused("\(what): the answer is not XML") }
        guard answer.status == 200 else {
            let error = root["Error"]
            throw refused(
                "\(what): \(error?["Code"]?.text ?? "status \(answer.status)"): \(error?["Message"]?.text ?? "")")
        }
        let found = root["\(action)Result"]?["Credentials"]
        guard let access = found?["AccessKeyId"]?.text, let secret = found?["SecretAccessKey"]?.text,
            let token = found?["SessionToken"]?.text
        else { throw refused("\(what): the answer holds no credentials") }
        return AWSCredentials(
            accessKeyID: access, secretKey: Secret(secret), sessionToken: Secret(token),
            expiration: found?["Expiration"].flatMap { Timestamp(rfc3339: $0.text) }, source: what)
    }

    // MARK: Small parts

    private func read<Body: AWSCredentialBody>(
        _ bytes: [UInt8], _ type: Body.Type, from source: String
    ) throws(Diagnostic) -> AWSCredentials {
        guard let body = try? JSONDecoder().decode(type, from: Data(bytes)) else {
            throw refused("\(source) gave something other than credentials in JSON")
        }
        guard let credentials = body.credentials(source) else {
            throw refused("\(source): \(body.problem ?? "the credentials are incomplete")")
        }
        guard isFresh(credentials) else { throw refused("\(source) gave credentials that have expired") }
        return credentials
    }

    private func text(ofFile path: String) throws(Diagnostic) -> String {
        guard let bytes = try around.readFile(path) else { throw refused("the token file \(path) does not exist") }
        return String(String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? "")
    }

    private func ask(_ request: HTTPRequest, of whom: String) async throws(Diagnostic) -> [UInt8] {
        let answer = try await send(request, of: whom)
        guard answer.status == 200 else { throw refused("\(whom) answered with status \(answer.status)") }
        return answer.body
    }

    private func send(_ request: HTTPRequest, of whom: String) async throws(Diagnostic) -> HTTPResponse {
        do throws(HTTPFailure) {
            return try await around.http.send(request, repeatable: true)
        } catch {
            throw refused("\(whom) does not answer: \(error.detail)")
        }
    }

    private func refused(_ what: String) -> Diagnostic {
        Diagnostic(
            "credentials.refused", "AWS credentials could not be had", detail: what + ".",
            remedy: "See what AWS's own tool says:", command: "aws sts get-caller-identity")
    }
}
