import ArgumentParser
import Glibc
import SpillwayCore
import SpillwayEngine

struct AdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Rebuilds lost state from the tags of what exists.",
        discussion:
            "For a state folder that was lost while its cloud lives on. Jobs and keys are not in the tags: what "
            + "is adopted can be looked at and destroyed, not resumed.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var confirm: ConfirmOptions

    @Argument(help: "The burst.")
    var name: String?

    @Flag(help: "Every burst of the owner that this folder does not know.")
    var all = false

    @Option(name: [.customShort("f"), .customLong("file")], help: ArgumentHelp("Its spec.", valueName: "spec"))
    var file: String?

    @Option(help: ArgumentHelp("Of the lost state folder, where there are several.", valueName: "state id"))
    var from: String?

    func validate() throws {
        guard all != (name != nil) else { throw ValidationError("Name a burst, or say --all.") }
    }

    func run() async throws {
        let invocation = Invocation(global)
        let owner = try invocation.knownOwner()
        let spec = try file.map { try SpecFile.load($0, options: invocation.decoding(allowOutside: true)) }
        let stateDir = invocation.stateDir(beside: spec?.folder ?? ".")
        let clouds = try await SweepClouds(invocation, stateDir: stateDir)
        let runner = SweepRunner(invocation: invocation, stateDir: stateDir, owner: owner, opened: clouds)
        let (sights, failures) = await runner.look()
        guard failures.isEmpty else { throw Diagnostics(failures) }
        let found = sights.flatMap { sight in bursts(sight).map { (sight, $0) } }
        let ids = Set(found.map(\.1.stateID)).sorted()
        guard let id = ids.first else { throw nothing(stateDir) }
        guard ids.count == 1 else { throw several(ids, found.flatMap { $0.0.items($0.1.resources, "found") }) }
        let folder = try StateFolder.open(stateDir, inheriting: id, random: invocation.ambient.random)
        for (sight, adoption) in found {
            let run = adoption.run(
                provider: sight.opened.cloud.provider.traits.name, account: sight.opened.cloud.account,
                rates: try rates(adoption, sight.opened.cloud), source: try source(adoption, spec, sight.opened),
                now: invocation.ambient.now())
            try await adoption.write(run, to: folder, now: invocation.ambient.now)
            try show(adoption, run, invocation.output)
        }
    }

    /// What this folder has no run of under way.
    private func bursts(_ sight: CloudSight) -> [Adoption] {
        let listed = sight.sight.listing.resources
        let lost = listed.compactMap(\.tags).filter { tags in
            !sight.sight.knowledge.isUnderWay(tags) && (name == nil || tags.burst == name)
                && (from == nil || tags.stateID == from)
        }
        let keys = Set(lost.map { "\($0.stateID) \($0.burst)" }).sorted()
        return keys.compactMap { key in
            let parts = key.split(separator: " ", maxSplits: 1).map(String.init)
            return parts.count == 2 ? Adoption(parts[1], stateID: parts[0], listed: listed) : nil
        }
    }

    /// At the catalogue's prices, dated as such.
    private func rates(_ adoption: Adoption, _ cloud: Cloud) throws(Diagnostic) -> RunRates {
        let servers = adoption.resources.filter { $0.id.kind == .server }
        let zones = cloud.rules.catalogue().zones
        let zone = zones.first { $0.name == adoption.resources.first?.id.zone } ?? zones.first
        let type = servers.first.flatMap { server in server.instanceType.flatMap { zone?.type($0) } }
        // Without a server any type will do: only what exists is priced.
        guard let zone, let rate = (type ?? zone.types.first)?.rate else {
            throw Diagnostic(
                "adopt.no-price", "The price of what exists is not known",
                detail: "The catalogue has no zone \(adoption.resources.first?.id.zone ?? "").",
                remedy: "Remove it by its tags:", command: "spillway destroy --all", exists: "Nothing was changed.")
        }
        return RunRates(server: rate, volume: zone.blockVolume, address: zone.ipv4)
    }

    /// With the spec where one was given, else with what the tags say and nothing to run.
    private func source(
        _ adoption: Adoption, _ file: SpecFile?, _ opened: SweepClouds.Opened
    ) throws -> RunSource {
        if let file, file.spec.name.value == adoption.burst {
            return RunSource(
                spec: file.spec, folder: absolute(file.folder), cloud: opened.name, sshPort: opened.cloud.sshPort)
        }
        let place = SourceLocation(file: "adopted", line: 1, column: 1)
        var spec = Spec(at: place)
        spec.name = Located(adoption.burst, at: place)
        spec.providers = Located([opened.name], at: place)
        return RunSource(spec: spec, folder: absolute("."), cloud: opened.name, sshPort: opened.cloud.sshPort)
    }

    private func show(_ adoption: Adoption, _ run: RunRecord, _ output: Output) throws {
        if output.json { return try output.result(Adopted(adoption, run)) }
        output.result(
            "\(Escaping.terminal(adoption.burst)): adopted run \(Escaping.terminal(run.id)), to be gone by \(run.expires). "
                + Inventory(adoption.resources, rates: run.rates).sentence
                + " To remove it: spillway destroy \(Escaping.terminal(adoption.burst))")
    }

    private struct Adopted: Encodable {
        var burst: String
        var run: String
        var state_id: String
        var expires: Timestamp
        var resources: [ResourceID]
        var per_hour: Money?

        init(_ adoption: Adoption, _ run: RunRecord) {
            burst = adoption.burst
            self.run = run.id
            state_id = adoption.stateID
            expires = run.expires
            resources = adoption.resources.map(\.id)
            per_hour = Inventory(adoption.resources, rates: run.rates).hourly
        }
    }

    private func nothing(_ stateDir: String) -> Diagnostic {
        Diagnostic(
            "adopt.nothing", "There is nothing to adopt",
            detail: "No cloud shows anything of yours that \(stateDir) does not know"
                + (name.map { ", by the name \($0)." } ?? "."),
            remedy: "See what there is:", command: "spillway sweep", exists: "Nothing was changed.", exit: .usage)
    }

    private func several(_ ids: [String], _ items: [SweepItem]) -> Diagnostic {
        Diagnostic(
            "adopt.several-folders", "Several state folders made this",
            detail: "A state folder can take the place of one other; these were found: \(ids.joined(separator: ", ")).",
            remedy: "Adopt each into a folder of its own.",
            command: "spillway adopt --all --from \(ids.first ?? "ID") --state-dir DIR",
            exists: "Nothing was changed. There are: \(items.sentence).", exit: .usage)
    }
}
