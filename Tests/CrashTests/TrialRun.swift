import Foundation
import TestSupport

/// What a trial came to.
struct TrialResult: Sendable {
    var trial: Trial
    /// Whether a misfortune came true: where there is no Nth call, none does.
    var struck = false
    /// How many changes of files and changing calls each round had.
    var counts: [(files: Int, calls: Int)] = []
    /// What should not have been, with what the commands said.
    var wrong: [String] = []
    /// What was left in the cloud at the end.
    var leaked = 0
    /// The commands and their ends.
    var story: [String] = []
}

private struct Lost: Error, CustomStringConvertible {
    let description: String
}

/// One trial: the real binary, a simulated cloud of its own, and the promises checked after every step.
struct TrialRun {
    private let place: Workplace
    private let cloud: CloudSimProcess
    private let library: String
    private var result: TrialResult
    private var trial: Trial { result.trial }

    static func perform(_ trial: Trial) async -> TrialResult {
        do {
            let library = try MisfortuneLayer.library.get()
            let options = (trial.verb == .run ? [] : ["--without-guests"]) + trial.cloud.options
            return try await withWorkplace(options, face: trial.cloud.face) { place, cloud in
                var run = TrialRun(place: place, cloud: cloud, library: library, result: TrialResult(trial: trial))
                do { try await run.whole() } catch { run.result.wrong.append("\(error)") }
                return run.result
            }
        } catch {
            return TrialResult(trial: trial, wrong: ["\(error)"])
        }
    }

    private mutating func whole() async throws {
        switch trial.cloud {
        case .scaleway: try place.writeSpec(nodes: trial.nodes, run: "echo ran >>ran")
        case .ec2: try place.writeAWSSpec(nodes: trial.nodes, run: "echo ran >>ran")
        }
        if trial.verb.startsUp { try await peacefully(["apply", "-y"]) }
        if trial.lag > 0 { try await cloud.lag(milliseconds: trial.lag) }
        for (index, misfortune) in trial.rounds.enumerated() {
            try await suffer(misfortune, index)
            try await compare(isFirst: index == 0)
        }
        try await converge()
        try await peacefully(["destroy", "-y"], saying: "nothing exists, verified gone")
        try await compare(isFirst: false)
        try await nothingIsLeft()
        try await nothingWasDoubled()
    }

    // MARK: Steps

    private mutating func suffer(_ misfortune: Misfortune, _ index: Int) async throws {
        let verb = misfortune.verb ?? trial.verb
        let report = place.folder.deletingLastPathComponent().appending(path: "report-\(index)")
        var environment = self.environment(clock: verb.clock + misfortune.clock)
        let layer = try MisfortuneLayer.environment(
            misfortune.point?.description, state: place.folder.appending(path: verb.stateFolder))
        environment.merge(layer) { $1 }
        environment["MISFORTUNE_REPORT"] = report.path
        if !misfortune.answers.isEmpty {
            try await cloud.misbehave(misfortune.answers.map { $0.rule(trial.cloud) })
        }
        let ended = try await run(verb.arguments, environment)
        let answered = misfortune.answers.isEmpty ? 0 : try await cloud.misbehaved()
        if !misfortune.answers.isEmpty { try await cloud.behave() }
        let told = ((try? String(contentsOf: report, encoding: .utf8)) ?? "").split { " \n".contains($0) }
        let fired = told.last == "fired"
        if fired || answered > 0 || misfortune.clock != 0 { result.struck = true }
        if told.count >= 4, let files = Int(told[1]), let calls = Int(told[3]) { result.counts.append((files, calls)) }
        let dies = fired && misfortune.point?.kills == true
        let allowed: Set<Int32> = dies ? [-9] : [0, 1, 3, 4, 5, 8, 100, 101, 103, 104]
        if !allowed.contains(ended.status) { result.wrong.append("\(misfortune): ended with \(ended)") }
        if misfortune.reboots || fired && misfortune.point?.reboots == true { try restartMachine(verb) }
    }

    /// The same command in peace does all that it is for.
    private mutating func converge() async throws {
        let ended = try await run(trial.verb.arguments, environment(clock: trial.verb.clock))
        if ended.status != 0, trial.isMixed {
            try await peacefully(trial.verb.arguments, clock: trial.verb.clock)
        } else if ended.status != 0 {
            result.wrong.append("\(trial.verb.rawValue) again ended with \(ended)")
        }
        try await compare(isFirst: false)
        let there = Dictionary(grouping: try await cloud.inventory().resources, by: \.kind).mapValues(\.count)
        var wanted: [String: Int] = [:]
        if trial.verb == .apply {
            wanted = ["server": trial.nodes, "volume": trial.nodes, "firewall": 1]
            if trial.cloud.hasSeparateAddresses { wanted["address"] = trial.nodes }
            let powered = try await cloud.world().servers_powered
            if powered != trial.nodes { result.wrong.append("\(powered) servers are on after apply") }
        }
        if there != wanted { result.wrong.append("after \(trial.verb.rawValue) again there are \(there)") }
    }

    private mutating func peacefully(_ arguments: [String], clock: Int = 0, saying text: String = "") async throws {
        let ended = try await run(arguments, environment(clock: clock))
        if ended.status != 0 || !text.isEmpty && !ended.all.contains(text) {
            result.wrong.append("\(arguments.joined(separator: " ")) in peace ended with \(ended)")
        }
    }

    private mutating func run(_ arguments: [String], _ environment: [String: String?]) async throws -> SpillwayResult {
        let ended = try await place.run(command: ["spillway"] + arguments, environment: environment)
        result.story.append("\(arguments.joined(separator: " ")): \(ended.status)\n\(ended.stderr)")
        return ended
    }

    private func environment(clock: Int) -> [String: String?] {
        var environment: [String: String?] = ["SPILLWAY_OWNER": "soak"]
        guard clock != 0 else { return environment }
        environment["LD_PRELOAD"] = library
        environment["MISFORTUNE_CLOCK"] = "\(clock)"
        return environment
    }

    /// As after a restart: the lock that was left names another boot and a process that is somebody else now.
    private func restartMachine(_ verb: Verb) throws {
        let folder = place.folder.appending(path: verb.stateFolder)
        let lock = folder.appending(path: verb == .elsewhere ? "sweep/small.lock" : "small.lock")
        guard let data = try? Data(contentsOf: lock),
            var holder = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return }
        holder["boot_id"] = "00000000-0000-0000-0000-000000000000"
        holder["pid"] = 1
        // In place: a lock is a file, not a name.
        let handle = try FileHandle(forWritingTo: lock)
        defer { try? handle.close() }
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: try JSONSerialization.data(withJSONObject: holder))
    }

    // MARK: Promises

    /// The state decodes; it believes nothing to be gone that is there; whatever is there is found by its tags and, as
    /// long as nothing was doubled behind our back, is spoken of by the state.
    private mutating func compare(isFirst: Bool) async throws {
        let there = try await cloud.inventory().resources
        let shown = try await place.run(
            command: ["spillway", "state", "show", "small", "--json"], environment: environment(clock: 0))
        var state = SeenState()
        switch shown.status {
        case 0: state = try JSONDecoder().decode(SeenState.self, from: Data(shown.stdout.utf8))
        case 64 where shown.all.contains("burst.none"): break
        default: result.wrong.append("the state is not valid: \(shown)")
        }
        for resource in there where !resource.isTagged {
            let parent = there.first { $0.id == resource.of }
            if resource.kind == "volume", parent?.isTagged == true { continue }
            // Nothing that follows could find it either.
            throw Lost(description: "\(resource) is found by no tag")
        }
        for resource in there where state.gone.contains(resource.id) {
            result.wrong.append("\(resource) is there, and gone in the state")
        }
        guard isFirst, trial.verb != .elsewhere, !trial.rounds.contains(where: \.outlivesProcess) else { return }
        for resource in there where !state.speaks(of: resource) {
            result.wrong.append("\(resource) is not in the state: \(shown)")
        }
    }

    private mutating func nothingIsLeft() async throws {
        let left = try await cloud.inventory().resources
        result.leaked = left.count
        if !left.isEmpty { result.wrong.append("left over: \(left)") }
        let keys = place.folder.appending(path: "state/keys").path
        let kept = (try? FileManager.default.contentsOfDirectory(atPath: keys)) ?? []
        if !kept.isEmpty { result.wrong.append("keys were left: \(kept)") }
    }

    /// For each attempt no more servers were ever on than it has nodes, and never more at once than the burst has.
    private mutating func nothingWasDoubled() async throws {
        let powered = try await cloud.inventory().ever_powered
        for (attempt, servers) in Dictionary(grouping: powered, by: { $0.tags.tag("attempt") ?? "none" }) {
            let nodes = Dictionary(grouping: servers) { $0.tags.tag("node") ?? "any" }
            if servers.count > trial.nodes || nodes.contains(where: { $0.key != "any" && $0.value.count > 1 }) {
                result.wrong.append("of attempt \(attempt) there were \(servers) on")
            }
        }
        let most = try await cloud.world().servers_powered_most
        if most > trial.nodes { result.wrong.append("\(most) servers were on at once") }
    }
}
