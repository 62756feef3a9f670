import Foundation

/// Counts results, says now and then where it stands, and tells how to replay what failed.
struct SoakTally {
    private let seed: UInt64
    private let systematic: Set<Trial>
    private let begun = ContinuousClock.now
    private var said = ContinuousClock.now
    private var struck = 0
    private var converged = 0
    private var missed = 0
    private var done = 0
    private(set) var leaked = 0
    private var failed: [Trial] = []
    /// By cloud, command and number of nodes: systematic points and points by chance.
    private var rows: [String: (systematic: Int, byChance: Int)] = [:]

    init(seed: UInt64, systematic: Set<Trial>) {
        self.seed = seed
        self.systematic = systematic
    }

    mutating func count(_ result: TrialResult) {
        leaked += result.leaked
        if systematic.contains(result.trial) { done += 1 }
        if result.struck {
            struck += 1
            converged += result.wrong.isEmpty ? 1 : 0
            let row = "\(result.trial.cloud.rawValue) \(result.trial.verb.rawValue) \(result.trial.nodes)"
            if systematic.contains(result.trial) {
                rows[row, default: (0, 0)].systematic += 1
            } else {
                rows[row, default: (0, 0)].byChance += 1
            }
        } else {
            missed += 1
        }
        if !result.wrong.isEmpty {
            failed.append(result.trial)
            print("FAILED: \(result.trial)")
            for line in result.wrong { print("    \(line)") }
            print("  to replay: make soak SOAK_REPLAY='\(result.trial)'")
        }
        if ContinuousClock.now - said > .seconds(15) {
            said = .now
            print("\(elapsed): \(line)")
        }
    }

    private var line: String {
        "\(struck) crash points, \(converged) converged, \(leaked) leaked"
    }

    private var elapsed: String {
        let seconds = Int((ContinuousClock.now - begun).components.seconds)
        return "\(seconds / 60) min \(seconds % 60) s"
    }

    var summary: String {
        let table = rows.sorted { $0.key < $1.key }.map { row in
            let words = row.key.split(separator: " ")
            return "| \(words[0]) | \(words[1]) | \(words[2]) | \(row.value.systematic) | \(row.value.byChance) |"
        }
        return """
            | cloud | command | nodes | every point | by chance |
            |---|---|---|---|---|
            \(table.joined(separator: "\n"))
            \(done) of \(systematic.count) systematic trials done; in \(missed) trials the point was not met.
            seed \(seed), \(elapsed)
            \(line)
            """ + failed.map { "\nmake soak SOAK_REPLAY='\($0)'" }.joined()
    }
}
