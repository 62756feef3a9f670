internal import SpillwayCore

/// One profile of Scaleway's config file: its top level, overlaid with `profiles.NAME` where one is chosen.
struct ScalewayProfile: Sendable {
    private static let keys = ["access_key", "secret_key", "default_project_id", "default_zone", "api_url", "insecure"]

    /// nil when the top level alone is used.
    var name: String?
    var values: [String: ScalewayCredentials.Found] = [:]

    /// `named` is `SCW_PROFILE`; without it the file's `active_profile` decides. A chosen profile must exist.
    init(config: DocumentNode?, named: String?) throws(Diagnostic) {
        let chosen = named.flatMap { $0.isEmpty ? nil : $0 }
        guard let config else {
            if let chosen { throw Self.unknown(chosen, known: [], nil) }
            return
        }
        guard case .mapping(let entries, _) = config else { throw Self.notAMapping(config) }
        read(entries)
        let active = entries.first { $0.key == "active_profile" }.flatMap { Self.text($0.value) }
        guard let name = chosen ?? active else { return }
        var profiles: [DocumentNode.Entry] = []
        if let node = entries.first(where: { $0.key == "profiles" })?.value {
            guard case .mapping(let found, _) = node else { throw Self.notAMapping(node) }
            profiles = found
        }
        guard let profile = profiles.first(where: { $0.key == name }) else {
            // The top level is also called "default".
            if name == "default" { return }
            throw Self.unknown(name, known: profiles.map(\.key), config.location)
        }
        guard case .mapping(let fields, _) = profile.value else { throw Self.notAMapping(profile.value) }
        self.name = name
        read(fields)
    }

    private mutating func read(_ entries: [DocumentNode.Entry]) {
        for entry in entries where Self.keys.contains(entry.key) {
            guard let text = Self.text(entry.value), !text.isEmpty else { continue }
            values[entry.key] = ScalewayCredentials.Found(
                value: text, place: entry.key, location: entry.value.location)
        }
    }

    private static func text(_ node: DocumentNode) -> String? {
        guard case .scalar(let text, let quoted, _) = node, quoted || (text != "null" && text != "~") else {
            return nil
        }
        return text
    }

    private static func unknown(_ name: String, known: [String], _ location: SourceLocation?) -> Diagnostic {
        Diagnostic(
            "credentials.profile", "This Scaleway profile does not exist",
            detail: "SCW_PROFILE or active_profile says \"\(name)\"; "
                + (known.isEmpty ? "there are no profiles." : "there are: \(known.sorted().joined(separator: ", "))."),
            remedy: "Unset SCW_PROFILE or add the profile to the config file.", source: location)
    }

    private static func notAMapping(_ node: DocumentNode) -> Diagnostic {
        Diagnostic(
            "credentials.malformed", "The Scaleway credentials are malformed",
            detail: "The config file has something other than \"key: value\" lines here.",
            remedy: "See it as Scaleway's tools do, or write it anew.", command: "scw config get", source: node.location
        )
    }
}
