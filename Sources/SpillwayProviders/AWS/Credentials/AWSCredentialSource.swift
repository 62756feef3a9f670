package import SpillwayCore

/// Where credentials come from, as decided from environment and files alone. Getting them is another step.
package indirect enum AWSCredentialSource: Sendable, Hashable {
    case fixed(AWSCredentials)
    /// A command line for `sh`, as the profile has it.
    case process(command: String, profile: String)
    case role(Role, from: AWSCredentialSource)
    case webIdentity(Role, tokenFile: String)
    case signOn(SignOn)
    case container(url: String, token: Token)
    case instanceMetadata

    package struct Role: Sendable, Hashable {
        package var arn: String
        package var session: String
        package var externalID: String?
        package var duration: Int?
        package var region: String
        package var profile: String
    }

    /// Single sign-on: a token that AWS's own tool got and keeps in a file.
    package struct SignOn: Sendable, Hashable {
        package var account: String
        package var role: String
        package var region: String
        /// The token's file is named by the SHA-1 of this.
        package var cacheName: String
        package var profile: String
    }

    /// What authorises towards a container's credential service.
    package enum Token: Sendable, Hashable {
        case none
        case value(Secret)
        case file(String)
    }
}

extension AWSProfiles {
    /// The official chain: environment, web identity, profile, container, instance metadata.
    /// Throws `credentials.…` for what is incomplete or not supported; asks nothing and starts nothing.
    package func source() throws(Diagnostic) -> AWSCredentialSource {
        if let fixed = try fromEnvironment() { return fixed }
        if variable("AWS_PROFILE") == nil, let found = try webIdentityFromEnvironment() { return found }
        if let found = try fromProfile(name, visited: []) { return found }
        if let found = try webIdentityFromEnvironment() { return found }
        if let found = try fromContainer() { return found }
        guard variable("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { throw missing }
        return .instanceMetadata
    }

    private func fromEnvironment() throws(Diagnostic) -> AWSCredentialSource? {
        let (access, secret) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"))
        guard access != nil || secret != nil else { return nil }
        guard let access, let secret else {
            throw incomplete(
                "\(access == nil ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID") is set and "
                    + "\(access == nil ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY") is not", nil)
        }
        let token = variable("AWS_SESSION_TOKEN").map { Secret($0) }
        return .fixed(
            AWSCredentials(
                accessKeyID: access, secretKey: Secret(secret), sessionToken: token, source: "the environment"))
    }

    private func fromProfile(_ profile: String, visited: [String]) throws(Diagnostic) -> AWSCredentialSource? {
        if let arn = value("role_arn", of: profile) { return try role(arn, profile, visited: visited) }
        if let session = value("sso_session", of: profile) ?? value("sso_start_url", of: profile) {
            return try signOn(session, profile)
        }
        if let fixed = try fixed(profile) { return fixed }
        if let command = value("credential_process", of: profile) {
            return .process(command: command.text, profile: profile)
        }
        return nil
    }

    private func fixed(_ profile: String) throws(Diagnostic) -> AWSCredentialSource? {
        let (access, secret) = (
            value("aws_access_key_id", of: profile), value("aws_secret_access_key", of: profile)
        )
        guard access != nil || secret != nil else { return nil }
        guard let access, let secret else {
            throw incomplete(
                "profile \"\(profile)\" has only one of aws_access_key_id and aws_secret_access_key",
                (access ?? secret)?.location)
        }
        let token = value("aws_session_token", of: profile).map { Secret($0.text) }
        return .fixed(
            AWSCredentials(
                accessKeyID: access.text, secretKey: Secret(secret.text), sessionToken: token,
                source: "profile \"\(profile)\""))
    }

    private func role(
        _ arn: AWSConfigFile.Value, _ profile: String, visited: [String]
    ) throws(Diagnostic) -> AWSCredentialSource {
        if let mfa = value("mfa_serial", of: profile) {
            throw unsupported(
                "profile \"\(profile)\" asks for a one-time code (mfa_serial), and Spillway never prompts for one",
                mfa.location)
        }
        let role = AWSCredentialSource.Role(
            arn: arn.text, session: value("role_session_name", of: profile)?.text ?? "spillway",
            externalID: value("external_id", of: profile)?.text,
            duration: value("duration_seconds", of: profile).flatMap { Int($0.text) },
            region: value("region", of: profile)?.text ?? region ?? "us-east-1", profile: profile)
        if let file = value("web_identity_token_file", of: profile) {
            return .webIdentity(role, tokenFile: file.text)
        }
        if let source = value("source_profile", of: profile) {
            return .role(role, from: try chained(source, profile, visited: visited))
        }
        guard let named = value("credential_source", of: profile) else {
            throw incomplete(
                "profile \"\(profile)\" has a role_arn and neither source_profile nor credential_source", arn.location)
        }
        let from: AWSCredentialSource? =
            switch named.text {
            case "Environment": try fromEnvironment()
            case "EcsContainer": try fromContainer()
            case "Ec2InstanceMetadata": .instanceMetadata
            default: nil
            }
        guard let from else {
            throw incomplete(
                "profile \"\(profile)\" takes credential_source \(named.text), where there are none", named.location)
        }
        return .role(role, from: from)
    }

    private func chained(
        _ source: AWSConfigFile.Value, _ profile: String, visited: [String]
    ) throws(Diagnostic) -> AWSCredentialSource {
        guard exists(source.text) else {
            throw incomplete(
                "source_profile \"\(source.text)\" of profile \"\(profile)\" does not exist", source.location)
        }
        // A profile may name itself: it then has the keys that assume its role.
        if source.text == profile {
            guard let own = try fixed(profile) else {
                throw incomplete("profile \"\(profile)\" is its own source_profile and has no keys", source.location)
            }
            return own
        }
        guard !visited.contains(source.text) else {
            throw incomplete("source_profile goes round in a circle at \"\(source.text)\"", source.location)
        }
        guard let from = try fromProfile(source.text, visited: visited + [profile]) else {
            throw incomplete("source_profile \"\(source.text)\" has no credentials", source.location)
        }
        return from
    }

    private func signOn(_ session: AWSConfigFile.Value, _ profile: String) throws(Diagnostic) -> AWSCredentialSource {
        let section = value("sso_session", of: profile).flatMap { config.sections["sso-session \($0.text)"] }
        guard let account = value("sso_account_id", of: profile), let role = value("sso_role_name", of: profile),
            let region = section?["sso_region"] ?? value("sso_region", of: profile)
        else {
            throw incomplete(
                "profile \"\(profile)\" lacks one of sso_account_id, sso_role_name and sso_region", session.location)
        }
        return .signOn(
            .init(
                account: account.text, role: role.text, region: region.text, cacheName: session.text, profile: profile))
    }

    private func webIdentityFromEnvironment() throws(Diagnostic) -> AWSCredentialSource? {
        guard let file = variable("AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
        guard let arn = variable("AWS_ROLE_ARN") else {
            throw incomplete("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not", nil)
        }
        return .webIdentity(
            .init(
                arn: arn, session: variable("AWS_ROLE_SESSION_NAME") ?? "spillway", region: region ?? "us-east-1",
                profile: "the environment"), tokenFile: file)
    }

    private func fromContainer() throws(Diagnostic) -> AWSCredentialSource? {
        let token: AWSCredentialSource.Token =
            variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map { .file($0) }
            ?? variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { .value(Secret($0)) } ?? .none
        if let path = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            return .container(url: "http://169.254.170.2\(path)", token: token)
        }
        guard let url = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        let agents = [
            "http://169.254.170.2/", "http://169.254.170.23/", "http://169.254.170.2:", "http://169.254.170.23:",
        ]
        guard agents.contains(where: url.hasPrefix) || EndpointURL.problem(String(url.prefix { $0 != "?" })) == nil
        else {
            throw incomplete(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on loopback nor a container's own service", nil
            )
        }
        return .container(url: url, token: token)
    }

    // MARK: Refusals

    private func incomplete(_ what: String, _ location: SourceLocation?) -> Diagnostic {
        Diagnostic(
            "credentials.incomplete", "The AWS credentials are incomplete", detail: what + ".",
            remedy: "Complete them, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.", command: "aws configure",
            source: location)
    }

    private func unsupported(_ what: String, _ location: SourceLocation?) -> Diagnostic {
        Diagnostic(
            "credentials.unsupported", "This way to AWS credentials is not supported", detail: what + ".",
            remedy: "Let AWS's own tool get them and hand them over:",
            command: "eval \"$(aws configure export-credentials --format env)\"", source: location)
    }

    private var missing: Diagnostic { Self.missing }

    package static let missing = Diagnostic(
        "credentials.missing", "There are no AWS credentials",
        detail: "Looked at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile files, the container's and the "
            + "instance's own service.",
        remedy: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or make a profile.", command: "aws configure")
}
