import Foundation
import TestSupport
import Testing

/// `make soak`: every point of every command, in an order by seed, then combinations by the same seed, until the time
/// is up. Not part of `make test`.
@Suite(.serialized) struct SoakTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["SOAK_SECONDS"].flatMap(Int.init) ?? 0
    private static let replay = environment["SOAK_REPLAY"].flatMap { $0.isEmpty ? nil : $0 }
    private static let width = environment["SOAK_WIDTH"].flatMap(Int.init) ?? 3 * ProcessInfo.processInfo.processorCount
    private static let clouds =
        list("SOAK_CLOUDS").map { $0.compactMap(CloudUnderTest.init) } ?? CloudUnderTest.allCases
    private static let verbs = list("SOAK_VERBS").map { $0.compactMap(Verb.init) } ?? Verb.allCases
    private static let nodes = list("SOAK_NODES").map { $0.compactMap(Int.init) } ?? [1, 5]
    /// Only points of these kinds, each once.
    private static let points = list("SOAK_POINTS")

    private static func list(_ name: String) -> [String]? {
        environment[name].map { $0.split(separator: ",").map(String.init) }
    }

    @Test(.enabled(if: seconds > 0 && replay == nil, "only make soak"))
    func `converges whatever happens, until the time is up`() async throws {
        let seed = Self.environment["SOAK_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        let end = ContinuousClock.now + .seconds(Self.seconds)
        var random = SeededRandom(seed: seed)
        print("soak: seed \(seed), \(Self.seconds) s, \(Self.width) at a time, \(try Self.binaries())")
        let systematic = try await Self.systematic().shuffled(using: &random)
        let source = TrialSource(
            planned: systematic[...], random: Self.points == nil ? random : nil, clouds: Self.clouds, end: end)
        var tally = SoakTally(seed: seed, systematic: Set(systematic))
        for await result in TrialQueue(width: Self.width).results(of: source) {
            tally.count(result)
            #expect(result.wrong == [], "\(result.trial)")
        }
        print(tally.summary)
        #expect(tally.leaked == 0)
    }

    @Test(.enabled(if: replay != nil, "only make soak SOAK_REPLAY=…"))
    func `a trial that failed fails again`() async throws {
        let trial = try Trial(parsing: Self.replay ?? "")
        for round in 1...10 {
            let result = await TrialRun.perform(trial)
            print("\(round): \(trial): \(result.wrong.isEmpty ? "converged" : result.wrong.joined(separator: "\n"))")
            if !result.wrong.isEmpty { print(result.story.joined(separator: "\n")) }
            #expect(result.wrong == [])
            if !result.wrong.isEmpty { break }
        }
    }

    private static func systematic() async throws -> [Trial] {
        var trials: [Trial] = []
        for (cloud, verb) in clouds.flatMap({ cloud in verbs.map { (cloud, $0) } }) {
            for nodes in nodes {
                // With five nodes, and where real machines boot, only deaths and power cuts.
                let deaths = ["kill", "power", "before", "sent", "replied", "dark"]
                let points = try await TrialPlan.everyPoint(
                    verb, nodes: nodes, cloud: cloud, whats: points ?? (nodes == 1 && verb != .run ? nil : deaths),
                    fileStep: verb == .run ? 3 * nodes : 1)
                trials += points
                guard verb != .run else { continue }
                let calls = points.compactMap(\.rounds[0].point).filter { $0.place == .calls }.map(\.nth).max() ?? 0
                trials += TrialPlan.everyAnswer(verb, nodes: nodes, calls: calls, cloud: cloud, whats: self.points)
            }
        }
        return trials
    }

    private static func binaries() throws -> String {
        environment["SPILLWAY_BINARIES"] ?? "the binaries beside the tests"
    }
}

/// The planned ones, then others by chance, until it is time.
private struct TrialSource: Sequence, IteratorProtocol, Sendable {
    var planned: ArraySlice<Trial>
    /// nil: only the planned ones.
    var random: SeededRandom?
    var clouds: [CloudUnderTest]
    var end: ContinuousClock.Instant

    mutating func next() -> Trial? {
        guard ContinuousClock.now < end else { return nil }
        if let next = planned.popFirst() { return next }
        guard var chance = random else { return nil }
        defer { random = chance }
        return Trial.random(&chance, clouds: clouds)
    }
}
