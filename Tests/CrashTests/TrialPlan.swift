import TestSupport

/// Which trials there are.
enum TrialPlan {
    /// Every point of one command, as counted by letting it run in peace; `whats` of those that there are.
    static func everyPoint(
        _ verb: Verb, nodes: Int, cloud: CloudUnderTest = .scaleway, whats: [String]? = nil, fileStep: Int = 1
    ) async throws -> [Trial] {
        let calm = await TrialRun.perform(Trial(cloud: cloud, verb, nodes: nodes, Misfortune()))
        guard calm.wrong.isEmpty, let counts = calm.counts.first else {
            print("FAILED: \(calm.trial)")
            throw Failed(description: "\(calm.trial) does not even work in peace: \(calm.wrong) \(calm.story)")
        }
        var trials: [Trial] = []
        func add(_ place: Misfortune.Point.Place, _ nths: some Sequence<Int>) {
            for nth in nths {
                for what in Misfortune.Point.whats[place] ?? [] where whats?.contains(what) ?? true {
                    let point = Misfortune.Point(place: place, nth: nth, what: what)
                    trials.append(Trial(cloud: cloud, verb, nodes: nodes, Misfortune(point)))
                }
            }
        }
        add(.calls, 1...counts.calls)
        // Each sample begins elsewhere, so that several meet different files.
        add(.files, stride(from: 1 + (verb.rawValue.utf8.count % fileStep), through: counts.files, by: fileStep))
        return trials
    }

    /// Every answer to every changing call lost, late, doubled, halved or refused, and listings that lag behind a death.
    static func everyAnswer(
        _ verb: Verb, nodes: Int, calls: Int, cloud: CloudUnderTest = .scaleway, whats: [String]? = nil
    ) -> [Trial] {
        let all = Misfortune.Answer.lost + Misfortune.Answer.late + Misfortune.Answer.refused + ["duplicate"]
        return (1...max(1, calls)).flatMap { nth in
            all.filter { whats?.contains($0) ?? true }.map { what in
                Trial(cloud: cloud, verb, nodes: nodes, Misfortune(answers: [.init(what: what, nth: [nth])]))
            }
                + (whats?.contains("lag") ?? true
                    ? [
                        Trial(
                            cloud: cloud, verb, nodes: nodes, lag: 1500,
                            Misfortune(.init(place: .calls, nth: nth, what: "replied")))
                    ] : [])
        }
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }
}

extension Trial {
    /// Any combination, by chance.
    static func random(_ random: inout SeededRandom, clouds: [CloudUnderTest]) -> Trial {
        // `run` boots real machines: seldom.
        let verbs: [Verb] = [.apply, .apply, .destroy, .destroy, .sweep, .elsewhere]
        let verb = Int.random(in: 0..<12, using: &random) == 0 ? .run : verbs[.random(in: 0..<6, using: &random)]
        var trial = Trial(
            cloud: clouds[.random(in: clouds.indices, using: &random)], verb,
            nodes: [1, 1, 2, 5][.random(in: 0..<4, using: &random)])
        if Int.random(in: 0..<4, using: &random) == 0 { trial.lag = .random(in: 100...1500, using: &random) }
        let mixes = verb != .run && Int.random(in: 0..<5, using: &random) == 0
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            trial.rounds.append(.random(&random, nodes: trial.nodes, mixes: mixes))
        }
        return trial
    }
}

extension Misfortune {
    static func random(_ random: inout SeededRandom, nodes: Int, mixes: Bool) -> Misfortune {
        var misfortune = Misfortune()
        if mixes { misfortune.verb = [.apply, .destroy, .sweep][.random(in: 0..<3, using: &random)] }
        if Int.random(in: 0..<5, using: &random) > 0 {
            let place = Bool.random(using: &random) ? Point.Place.files : .calls
            let whats = Point.whats[place] ?? []
            let most = place == .files ? 80 + 30 * nodes : 4 + 5 * nodes
            misfortune.point = Point(
                place: place, nth: .random(in: 1...most, using: &random),
                what: whats[.random(in: whats.indices, using: &random)])
        }
        if Int.random(in: 0..<2, using: &random) == 0 {
            let all = Answer.lost + Answer.late + Answer.refused + (mixes ? [] : ["duplicate"])
            let what = all.filter { !mixes || $0 != "delay" }.randomElement(using: &random) ?? "503"
            let first = Int.random(in: 1...(2 + 5 * nodes), using: &random)
            let isStorm = Answer.refused.contains(what) && Bool.random(using: &random)
            let last = isStorm ? first + .random(in: 1...6, using: &random) : first
            misfortune.answers = [
                Answer(what: what, nth: Array(first...last), countsReads: isStorm && Bool.random(using: &random))
            ]
        }
        if Int.random(in: 0..<12, using: &random) == 0 {
            misfortune.clock = [-86_400, -3600, 900, 7200, 864_000][.random(in: 0..<5, using: &random)]
        }
        misfortune.reboots = Int.random(in: 0..<8, using: &random) == 0
        return misfortune
    }
}
