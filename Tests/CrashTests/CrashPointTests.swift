import Foundation
import TestSupport
import Testing

/// Struck at every call that changes something and at a sample of the writes, one node: the same command again
/// converges, at no time is more than one server on, and destroy leaves nothing. `make soak` does the rest.
@Suite(.serialized, .enabled(if: MisfortuneLayer.isAvailable, "no C compiler for the misfortune layer"))
struct CrashPointTests {
    @Test(arguments: [Verb.apply, .destroy, .sweep, .elsewhere])
    func `converges after a death or a power cut at any call, and at a sample of the writes`(verb: Verb) async throws {
        let whats =
            verb == .apply || verb == .destroy ? ["before", "sent", "dark", "kill", "power"] : ["sent", "power"]
        let trials = try await TrialPlan.everyPoint(verb, nodes: 1, whats: whats, fileStep: 11)
        try await expectConvergence(trials, atLeast: 10)
    }

    @Test(arguments: [Verb.apply, .destroy])
    func `converges when an answer is lost, or listings lag`(verb: Verb) async throws {
        let whats = ["drop_before", "drop_after", "duplicate"]
        var trials = TrialPlan.everyAnswer(verb, nodes: 1, calls: verb == .apply ? 8 : 4, whats: whats)
        trials.append(
            try Trial(parsing: "scaleway \(verb.rawValue) 1 lag=900 / calls=\(verb == .apply ? 8 : 3):replied"))
        try await expectConvergence(trials, atLeast: 10)
    }

    @Test(arguments: ["files=60:full", "files=61:eio", "files=75:torn", "calls=3:half", "any=503@4+5+6+7"])
    func `converges after a full disk, a failing one, half a record, half a call and a storm`(text: String) async throws
    {
        try await expectConvergence([try Trial(parsing: "scaleway apply 1 / \(text)")], atLeast: 1)
    }

    @Test func `a trial is replayed from its text`() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<500 {
            let trial = Trial.random(&random, clouds: CloudUnderTest.allCases)
            #expect(try Trial(parsing: trial.description) == trial)
        }
    }

    private func expectConvergence(_ trials: [Trial], atLeast: Int) async throws {
        var struck = 0
        for await result in TrialQueue(width: 6).results(of: trials) {
            struck += result.struck ? 1 : 0
            #expect(result.wrong == [], "\(result.trial)\n\(result.story.joined(separator: "\n"))")
        }
        #expect(struck >= atLeast)
    }
}
