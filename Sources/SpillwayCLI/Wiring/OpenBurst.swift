import FoundationEssentials
import Glibc
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

/// A burst opened for work: its spec, its cloud, and the session that holds its lock.
struct OpenBurst: Sendable {
    let invocation: Invocation
    let file: SpecFile
    let cloud: Cloud
    let session: BurstSession
    let connector: any RemoteConnector
    private let planning: BurstPlanning

    static func open(
        _ file: SpecFile, operation: String, invocation: Invocation, cloud: Cloud, stateDir: String,
        keeperInterval: Seconds? = nil, spent: [Money] = [], emit: @escaping @Sendable (Event) -> Void
    ) throws -> OpenBurst {
        let folder = try StateFolder.open(stateDir, random: invocation.ambient.random)
        let session = try BurstSession.open(
            file.spec.name.value, in: folder, operation: operation, provider: cloud.provider,
            owner: try invocation.owner(), ambient: invocation.ambient, emit: emit)
        return OpenBurst(
            invocation: invocation, file: file, cloud: cloud, session: session, connector: SSHConnector(),
            planning: BurstPlanning(
                file: file, rules: cloud.rules, exchangeRates: try invocation.configuration().exchangeRates,
                keeperInterval: keeperInterval, spent: spent))
    }

    /// What is there is looked at, what an earlier command left open is resolved; then the plan.
    /// `spent` is what earlier tries under the same cap have cost.
    func plan(after spent: Money? = nil) async throws -> PlannedBurst {
        let state = await session.site.journal.state
        var planning = planning
        planning.spent += [spent].compactMap(\.self)
        let live = try await planning.live(
            cloud: cloud, state: state, cache: cache, now: invocation.ambient.now()
        ) { try await session.observe(zones: $0) }
        try planning.guardCost(live)
        return live
    }

    /// Carries the plan out. The run it belongs to, nil when there was nothing to do and no run.
    func apply(_ live: PlannedBurst) async throws -> RunRecord? {
        let executor = Executor(session.site)
        let port = file.spec.ssh.port.value
        let source = RunSource(
            spec: file.spec, folder: absolute(file.folder), cloud: file.spec.providers.value[0], sshPort: cloud.sshPort)
        return try await executor.apply(
            Executor.Request(
                desired: live.desired, plan: live.plan, planDigest: live.plan.digest, account: cloud.account,
                source: source, budgetSource: file.spec.budget.maxCost.location,
                admission: { [desired = live.desired, caller = self.caller] in
                    switch desired.admission {
                    case .listed(let admission): admission
                    case .caller: try await caller.admission(port: cloud.sshPort ?? port)
                    }
                },
                prepare: { [session, connector, traits = cloud.provider.traits] run in
                    try FirstContact(keys: session.keys, connector: connector).userData(
                        for: run, isShared: traits.sharesUserData,
                        grace: traits.guestCanEndBill ? Seconds(0) : .hours(1))
                }))
    }

    private var caller: CallerAddress { CallerAddress(url: cloud.addressURL, http: invocation.http) }

    private var cache: CatalogueCache {
        CatalogueCache(
            stateDir: session.folder.path, account: cloud.account, burst: file.spec.name.value)
    }
}

/// `path` from the root; relative ones start at the working directory.
func absolute(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    var parts: [Substring] = []
    for part in full.split(separator: "/") where part != "." {
        if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
}

extension Plan {
    /// Of the plan as a document with sorted keys: what a receipt names and a saved plan is checked by.
    var digest: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = (try? encoder.encode(self)) ?? Data()
        return "sha256:" + LibCrypto.sha256([UInt8](bytes)).hex
    }
}
