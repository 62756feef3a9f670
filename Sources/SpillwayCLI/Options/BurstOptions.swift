import ArgumentParser
import FoundationEssentials
import Glibc
import SpillwayCore
import SpillwayEngine

/// Which burst: named, or that of the spec, or the only live one of the state folder.
struct BurstOptions: ParsableArguments {
    @Argument(help: "The burst; without it that of the spec, or the only one that is live.")
    var name: String?

    @Option(name: [.customShort("f"), .customLong("file")], help: ArgumentHelp("The spec.", valueName: "spec"))
    var file: String?

    func find(_ invocation: Invocation) throws -> KnownBurst {
        try BurstChoice(name: name, file: file).find(invocation)
    }
}

struct BurstChoice {
    var name: String?
    var file: String?

    /// Reads the state without a lock. Throws `burst.unknown` when nothing says which one is meant.
    func find(_ invocation: Invocation) throws -> KnownBurst {
        let specPath = file ?? "spillway.yaml"
        let hasSpec = access(specPath, F_OK) == 0
        guard name != nil || file != nil || hasSpec else { return try onlyLive(invocation) }
        let spec =
            name == nil || hasSpec ? try SpecFile.load(specPath, options: invocation.decoding(allowOutside: true)) : nil
        let stateDir = invocation.stateDir(beside: spec?.folder ?? ".")
        let burst = name ?? spec?.spec.name.value ?? ""
        let folder = try StateFolder.existing(stateDir)
        return KnownBurst(
            name: burst, stateDir: stateDir, state: try folder.flatMap { try FileStateStore($0, burst: burst).load() },
            file: spec.flatMap { $0.spec.name.value == burst ? $0 : nil })
    }

    private func onlyLive(_ invocation: Invocation) throws -> KnownBurst {
        let stateDir = invocation.stateDir()
        let all = try KnownBurst.all(in: stateDir)
        let live = all.filter { $0.state?.isLive ?? false }
        if live.count == 1 { return live[0] }
        throw Diagnostic(
            "burst.unknown", "Which burst is meant?",
            detail: live.isEmpty
                ? "There is no spec here, and \(stateDir) holds no live burst."
                : "\(stateDir) holds \(live.count): \(live.map(\.name).joined(separator: ", ")).",
            remedy: "Name it.", exit: .usage)
    }
}

/// A burst as its state tells of it; nothing is locked.
struct KnownBurst: Sendable {
    var name: String
    var stateDir: String
    /// nil when this folder never saw it.
    var state: BurstState?
    var file: SpecFile?

    static func all(in stateDir: String) throws -> [KnownBurst] {
        guard let folder = try StateFolder.existing(stateDir) else { return [] }
        return try folder.bursts().map { name in
            KnownBurst(name: name, stateDir: stateDir, state: try FileStateStore(folder, burst: name).load())
        }
    }

    /// The run that has not ended. Throws `burst.none` when there is none.
    func run() throws -> RunRecord {
        if let run = state?.run, run.phase != .ended { return run }
        throw Diagnostic(
            "burst.none", "There is no such burst", detail: "\(stateDir) knows of no live run of \(name).",
            remedy: "See what there is:", command: "spillway status --all", exists: "Nothing was changed.")
    }

    /// Opens the cloud that its run is in, else that of its spec.
    func cloud(_ invocation: Invocation) async throws -> Cloud {
        let choice = CloudChoice(
            invocation: invocation, stateDir: stateDir, spec: state?.run?.source.spec ?? file?.spec)
        return try await choice.open(state?.run?.source.cloud ?? file?.spec.providers.value.first ?? .scaleway)
    }

    /// Opens it for work, under its lock.
    func open(
        _ operation: String, _ invocation: Invocation, _ cloud: Cloud, overridingOtherHosts: Bool = false
    ) throws -> BurstSession {
        let folder = try StateFolder.open(stateDir, random: invocation.ambient.random)
        return try BurstSession.open(
            name, in: folder, operation: operation, provider: cloud.provider, owner: try invocation.owner(),
            ambient: invocation.ambient, emit: { [output = invocation.output] in output.show($0) },
            overridingOtherHosts: overridingOtherHosts)
    }

    /// Reaches its nodes without a lock, for looking: `logs`, `ssh`, `fetch`.
    func keys() throws -> KeyStore {
        guard let folder = try StateFolder.existing(stateDir) else { throw try missing() }
        return KeyStore(folder)
    }

    private func missing() throws -> Diagnostic {
        Diagnostic("burst.none", "There is no such burst", detail: "There is no state folder \(stateDir).")
    }
}
