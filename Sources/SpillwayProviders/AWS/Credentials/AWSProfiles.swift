package import SpillwayCore

/// What environment and profile files say, before anything of it is used: pure, and nothing is asked or started.
package struct AWSProfiles: Sendable {
    let environment: [String: String]
    let config: AWSConfigFile
    let credentials: AWSConfigFile
    /// Of the profile in use.
    package let name: String

    /// The files that the official tools would read; the caller reads them. nil without a home.
    package static func paths(environment: [String: String]) -> (config: String?, credentials: String?) {
        let home = nonEmpty(environment["HOME"])
        func path(_ variable: String, _ file: String) -> String? {
            guard let named = nonEmpty(environment[variable]) else { return home.map { "\($0)/.aws/\(file)" } }
            guard named.hasPrefix("~/"), let home else { return named }
            return home + named.dropFirst()
        }
        return (path("AWS_CONFIG_FILE", "config"), path("AWS_SHARED_CREDENTIALS_FILE", "credentials"))
    }

    /// `config` and `credentials` are the files' bytes, nil where there is none.
    /// Throws `credentials.profile` when a profile is named that is in neither file.
    package init(
        environment: [String: String], config: [UInt8]? = nil, credentials: [UInt8]? = nil
    ) throws(Diagnostic) {
        let paths = Self.paths(environment: environment)
        self.environment = environment
        self.config =
            try config.map { bytes throws(Diagnostic) in
                try AWSConfigFile(bytes, file: paths.config ?? "~/.aws/config")
            } ?? AWSConfigFile()
        self.credentials =
            try credentials.map { bytes throws(Diagnostic) in
                try AWSConfigFile(bytes, file: paths.credentials ?? "~/.aws/credentials")
            } ?? AWSConfigFile()
        let named = nonEmpty(environment["AWS_PROFILE"]) ?? nonEmpty(environment["AWS_DEFAULT_PROFILE"])
        name = named ?? "default"
        if named != nil, !exists(name) { throw Self.unknown(name, known: known) }
    }

    // MARK: Reading

    func variable(_ name: String) -> String? { nonEmpty(environment[name]) }

    func exists(_ profile: String) -> Bool {
        configSection(profile) != nil || credentials.sections[profile] != nil
    }

    /// The credentials file wins over the config file.
    func value(_ key: String, of profile: String) -> AWSConfigFile.Value? {
        credentials.sections[profile]?[key] ?? configSection(profile)?[key]
    }

    func value(_ key: String) -> String? { value(key, of: name).flatMap { nonEmpty($0.text) } }

    private func configSection(_ profile: String) -> AWSConfigFile.Section? {
        config.sections["profile \(profile)"] ?? (profile == "default" ? config.sections["default"] : nil)
    }

    private var known: [String] {
        let inConfig = config.sections.keys.compactMap { section -> String? in
            section == "default" ? section : section.hasPrefix("profile ") ? String(section.dropFirst(8)) : nil
        }
        return Set(inConfig).union(credentials.sections.keys).sorted()
    }

    static func unknown(_ name: String, known: [String]) -> Diagnostic {
        Diagnostic(
            "credentials.profile", "This AWS profile does not exist",
            detail: "Profile \"\(name)\" is in neither ~/.aws/config nor ~/.aws/credentials; "
                + (known.isEmpty ? "there are no profiles." : "there are: \(known.joined(separator: ", "))."),
            remedy: "Unset AWS_PROFILE, or make the profile.", command: "aws configure --profile \(name)")
    }

    // MARK: Region and endpoints

    /// `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's `region`; nil when none says.
    package var region: String? { variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? value("region") }

    /// The overrides by the official names, each checked. Throws `credentials.endpoint`.
    package func endpoints() throws(Diagnostic) -> AWSEndpoints {
        var endpoints = AWSEndpoints()
        guard variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.lowercased() != "true" else { return endpoints }
        let services = value("services").flatMap { config.sections["services \($0)"] }
        for service in AWSEndpointName.allCases {
            let own = "AWS_ENDPOINT_URL_\(service.rawValue.uppercased())"
            let nested = services?["\(service.rawValue).endpoint_url"]
            let profile = value("endpoint_url", of: name)
            if let url = variable(own) {
                endpoints.overrides[service] = try Self.checked(url, place: own, nil)
            } else if let url = variable("AWS_ENDPOINT_URL") {
                endpoints.overrides[service] = try Self.checked(url, place: "AWS_ENDPOINT_URL", nil)
            } else if let found = nested ?? profile {
                endpoints.overrides[service] = try Self.checked(found.text, place: "endpoint_url", found.location)
            }
        }
        return endpoints
    }

    private static func checked(
        _ text: String, place: String, _ location: SourceLocation?
    ) throws(Diagnostic) -> String {
        guard let problem = EndpointURL.problem(text) else { return EndpointURL.trimmed(text) }
        throw Diagnostic(
            "credentials.endpoint", "An AWS endpoint is malformed", detail: "\(place): \(problem).",
            remedy: "Write it as https://host; plain http is accepted for 127.0.0.1 and localhost only.",
            source: location)
    }
}

func nonEmpty(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
