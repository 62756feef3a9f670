import Foundation
import TestSupport
import Testing

/// Struck at every call that changes something and at a sample of the writes, one node: the same command again
/// converges, at no time is more than one server on, and destroy leaves nothing. `make soak` does the rest.
@Suite(.serialized, .enabled(if: MisfortuneLayer.isAvailable, "no C compiler for the misfortune layer"))
struct CrashPointTests {
    @Test(arguments: CloudUnderTest.allCases, [Verb.apply, .destroy, .sweep, .elsewhere])
    func `converges after a death or a power cut at any call, and at a sample of the writes`(
        cloud: CloudUnderTest, verb: Verb
    ) async throws {
        let whats =
            verb == .apply || verb == .destroy ? ["before", "sent", "dark", "kill", "power"] : ["sent", "power"]
        let trials = try await TrialPlan.everyPoint(
            verb, nodes: 1, cloud: cloud, whats: whats, fileStep: cloud == .scaleway ? 11 : 17)
        try await expectConvergence(trials, atLeast: cloud == .scaleway ? 10 : 6)
    }

    @Test(arguments: CloudUnderTest.allCases, [Verb.apply, .destroy])
    func `converges when an answer is lost, or listings lag`(cloud: CloudUnderTest, verb: Verb) async throws {
        let whats = ["drop_before", "drop_after", "duplicate"]
        let calls = cloud == .scaleway ? (verb == .apply ? 8 : 4) : (verb == .apply ? 3 : 2)
        var trials = TrialPlan.everyAnswer(verb, nodes: 1, calls: calls, cloud: cloud, whats: whats)
        let last = verb == .apply ? calls : min(calls, 3)
        trials.append(try Trial(parsing: "\(cloud.rawValue) \(verb.rawValue) 1 lag=900 / calls=\(last):replied"))
        // EC2 answers a question by id from the same view as a listing: a group made a moment ago is not gone.
        if cloud == .ec2, verb == .apply { trials.append(try Trial(parsing: "ec2 apply 1 lag=1500 / calls=2:replied")) }
        try await expectConvergence(trials, atLeast: cloud == .scaleway ? 10 : 4)
    }

    @Test(arguments: ["files=60:full", "files=61:eio", "files=75:torn", "calls=3:half", "any=503@4+5+6+7"])
    func `converges after a full disk, a failing one, half a record, half a call and a storm`(text: String) async throws
    {
        try await expectConvergence([try Trial(parsing: "scaleway apply 1 / \(text)")], atLeast: 1)
    }

    /// Later than both looks that the next command takes: without the client token there would be four.
    @Test func `a launch that takes effect long after its sender died is the launch that follows it, on EC2`()
        async throws
    {
        try await withWorkplace(["--without-guests"], face: .ec2) { place, cloud in
            try place.writeAWSSpec(nodes: 2, run: "true")
            var late = SimulatedFault("delay", nth: 1, seconds: 6)
            late.match = .init(method: "POST", body: "Action=RunInstances")
            try await cloud.misbehave(late)
            let layer = try MisfortuneLayer.environment(
                "calls=3:sent", state: place.folder.appending(path: "state"))
            let killed = try await place.run(command: ["spillway", "apply", "-y"], environment: layer)
            #expect(killed.status == -9, "\(killed)")
            #expect(try await cloud.inventory().ever_powered.isEmpty)
            let again = try await place.run(command: ["spillway", "apply", "-y"])
            #expect(again.status == 0 && again.all.contains("the same is asked for again, once"), "\(again)")
            #expect(try await cloud.misbehaved() == 1)
            try await Task.sleep(for: .seconds(7))
            #expect(try await cloud.inventory().ever_powered.count == 2)

            let destroyed = try await place.run(command: ["spillway", "destroy", "-y"])
            #expect(destroyed.status == 0, "\(destroyed)")
            #expect(try await cloud.inventory().resources.isEmpty)
        }
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
