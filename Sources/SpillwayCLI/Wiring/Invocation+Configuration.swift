import SpillwayCore
import SpillwayEngine
import SpillwayTransport

extension Invocation {
    /// What the user set for all bursts; all defaults where the environment names no home.
    func configuration() throws -> UserConfiguration { try configurationFile?.load() ?? UserConfiguration() }

    /// Who owns what is made: `SPILLWAY_OWNER`, for machines without a home, else that of the user configuration, where
    /// it is made when it is missing.
    func owner() throws -> String {
        if let owner = environment["SPILLWAY_OWNER"], !owner.isEmpty {
            guard UserConfiguration.isOwner(owner) else { throw unusableOwner(owner) }
            return owner
        }
        guard let file = configurationFile else { throw homeless }
        return try file.owner(random: ambient.random)
    }

    func decoding(_ options: SpecOptions) throws -> SpecDecoder.Options {
        try decoding(allowOutside: options.allowOutside)
    }

    func decoding(allowOutside: Bool) throws -> SpecDecoder.Options {
        SpecDecoder.Options(defaults: try configuration().defaults, allowOutside: allowOutside)
    }

    /// How often a sweep runs that is counted on to end what this machine forgets: declared in the user configuration,
    /// or seen on schedule in this state folder. nil when there is none.
    func keeperInterval(of cloud: Cloud, stateDir: String) throws -> Seconds? {
        if let declared = try configuration().keeperInterval { return declared }
        guard let folder = try StateFolder.existing(stateDir) else { return nil }
        return KeeperLog(folder).interval(
            provider: cloud.provider.traits.name, account: cloud.account, owner: try owner(), now: ambient.now())
    }

    private var configurationFile: ConfigurationFile? {
        ConfigurationFile.path(environment: environment).map { path in
            ConfigurationFile(path: path) { try YAMLReader.read(bytes: $0, file: $1) }
        }
    }

    private func unusableOwner(_ owner: String) -> Diagnostic {
        Diagnostic(
            "config.wrong-name", "Not a valid name",
            detail: "SPILLWAY_OWNER is \"\(owner)\", which cannot stand in a tag.",
            remedy: "Use up to 63 letters, digits, '.', '_' and '-', beginning with a letter or a digit.",
            exists: "Nothing was created.", exit: .usage)
    }

    private var homeless: Diagnostic {
        Diagnostic(
            "config.no-owner", "The user configuration has no owner",
            detail: "Neither XDG_CONFIG_HOME nor HOME is set, so there is no place to keep an owner id in.",
            remedy: "Set one of them, or SPILLWAY_OWNER to the id that your other machines use.",
            exists: "Nothing was created.", exit: .usage)
    }
}
