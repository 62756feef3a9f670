package import SpillwayCore

/// Finds the credentials where Scaleway's own tools keep them: `SCW_*` variables, then the profile in the config file.
///
/// The environment overrides the file field by field. No message ever repeats a value that could be a secret.
package enum ScalewayCredentials {
    /// The file that the official tools would read; the caller reads and parses it. nil without a home.
    package static func configPath(environment: [String: String]) -> String? {
        func set(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let path = set("SCW_CONFIG_PATH") { return path }
        if let folder = set("XDG_CONFIG_HOME") { return folder + "/scw/config.yaml" }
        return set("HOME").map { $0 + "/.config/scw/config.yaml" }
    }

    /// `config` is the parsed file, nil when there is none.
    package static func resolve(
        environment: [String: String], config: DocumentNode? = nil, userAgent: String = "spillway"
    ) throws(Diagnostic) -> ScalewaySettings {
        let profile = try ScalewayProfile(config: config, named: environment["SCW_PROFILE"])
        func value(_ variable: String, _ key: String) -> Found? {
            if let value = environment[variable], !value.isEmpty { return Found(value: value, place: variable) }
            return profile.values[key]
        }
        let secret = value("SCW_SECRET_KEY", "secret_key")
        let project = value("SCW_DEFAULT_PROJECT_ID", "default_project_id")
        let access = value("SCW_ACCESS_KEY", "access_key")
        guard let secret else { throw missingSecret(hasAccessKey: access != nil, profile: profile) }
        try checkSecret(secret)
        guard let project else { throw missingProject }
        guard isUUID(project.value) else {
            throw malformed(
                project, "The project id is not a UUID", "Copy the project id from the console: Project, Settings.")
        }
        var settings = ScalewaySettings(
            apiURL: try endpoint(value("SCW_API_URL", "api_url")), secretKey: Secret(secret.value),
            projectID: project.value.lowercased(), defaultZone: value("SCW_DEFAULT_ZONE", "default_zone")?.value,
            userAgent: userAgent)
        if let insecure = value("SCW_INSECURE", "insecure"), ["true", "1"].contains(insecure.value.lowercased()) {
            settings.notes = ["\(insecure.place) is not heeded: certificates are always verified."]
        }
        return settings
    }

    /// A value and where it was found: a variable's name or a place in the file.
    struct Found: Sendable {
        var value: String
        var place: String
        var location: SourceLocation?
    }

    private static func checkSecret(_ secret: Found) throws(Diagnostic) {
        guard !isUUID(secret.value) else { return }
        if secret.value.hasPrefix("SCW") {
            throw malformed(
                secret, "This is an access key, not a secret key",
                "Put the access key into SCW_ACCESS_KEY. The secret key is the UUID shown once when the key was made.")
        }
        throw malformed(
            secret, "The secret key is not a UUID",
            "A Scaleway secret key looks like 11111111-2222-3333-4444-555555555555; check for quotes or a cut copy.")
    }

    private static func endpoint(_ found: Found?) throws(Diagnostic) -> String {
        guard let found else { return ScalewaySettings.publicAPI }
        var url = found.value
        while url.hasSuffix("/") { url.removeLast() }
        guard let scheme = url.firstRange(of: "://").map({ url[..<$0.lowerBound] }) else {
            throw malformed(found, "The API URL has no scheme", "Write it as https://api.scaleway.com.")
        }
        let authority = url.dropFirst(scheme.count + 3).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@"), !url.contains("?"), !url.contains("#") else {
            throw malformed(found, "The API URL is malformed", "Write it as https://api.scaleway.com.")
        }
        if scheme == "https" || (scheme == "http" && isLoopback(authority)) { return url }
        throw malformed(
            found, "The API URL is not https", "Plain http is accepted for 127.0.0.1 and localhost only: use https.")
    }

    private static func isLoopback(_ authority: Substring) -> Bool {
        if authority.hasPrefix("[") { return authority == "[::1]" || authority.hasPrefix("[::1]:") }
        let host = authority.prefix { $0 != ":" }
        if host == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    static func isUUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.utf8.allSatisfy { isHexDigit($0) } }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}

extension ScalewayCredentials {
    private static let howToGetOne =
        "Make an API key in the console (IAM, API keys) and set SCW_SECRET_KEY and SCW_DEFAULT_PROJECT_ID, "
        + "or run Scaleway's own set-up."

    private static func missingSecret(hasAccessKey: Bool, profile: ScalewayProfile) -> Diagnostic {
        let looked =
            "Looked at SCW_SECRET_KEY and " + (profile.name.map { "profile \"\($0)\" of " } ?? "") + "the config file"
        guard hasAccessKey else {
            return Diagnostic(
                "credentials.missing", "There are no Scaleway credentials", detail: looked + ".",
                remedy: howToGetOne, command: "scw init")
        }
        return Diagnostic(
            "credentials.incomplete", "The Scaleway credentials are incomplete",
            detail: "There is an access key but no secret key. \(looked).",
            remedy: "Set SCW_SECRET_KEY: the UUID shown once when the key was made. \(howToGetOne)")
    }

    private static var missingProject: Diagnostic {
        Diagnostic(
            "credentials.incomplete", "The Scaleway credentials are incomplete",
            detail: "There is a secret key but no project: neither SCW_DEFAULT_PROJECT_ID nor default_project_id.",
            remedy: "Set SCW_DEFAULT_PROJECT_ID to the project that pays for the burst (console: Project, Settings).",
            command: "export SCW_DEFAULT_PROJECT_ID=…")
    }

    private static func malformed(_ found: Found, _ problem: String, _ remedy: String) -> Diagnostic {
        Diagnostic(
            "credentials.malformed", "The Scaleway credentials are malformed", detail: "\(found.place): \(problem).",
            remedy: remedy, source: found.location)
    }
}
