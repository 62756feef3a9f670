import SpillwayCore
import SpillwayEngine

/// What a removal over all clouds came to.
struct SweepOutcome: Sendable {
    /// A run that is over by it: how its job ended, and what did not come home.
    struct Finished: Encodable, Sendable {
        var burst: String
        var run: String
        var outcome: String
        var missing: [String]
    }

    var removed: [SweepItem] = []
    var left: [SweepItem] = []
    var finished: [Finished] = []
    var notes: [String] = []
    var failures: [Diagnostic] = []
    /// A signal came before everything was done.
    var isStopped = false

    var isGood: Bool { left.isEmpty && failures.isEmpty && !isStopped }

    mutating func add(_ report: SweepReport, of sight: CloudSight) {
        removed += sight.items(report.removed, "removed")
        left += sight.items(report.left, "left")
        for busy in report.busy {
            let way = busy.reason.command.map { " \(busy.reason.remedy ?? "") \($0)" } ?? ""
            notes.append("\(busy.burst) is left alone: \(busy.reason.detail)\(way)")
        }
        for failure in report.failures { notes.append("\(failure.burst): \(failure.reason)") }
        finished += report.finished.map {
            Finished(burst: $0.burst, run: $0.run.id, outcome: $0.outcome.word.rawValue, missing: $0.outcome.missing)
        }
    }

    /// Adds what could not be looked at before anything was removed.
    mutating func add(_ earlier: [Diagnostic]) {
        failures += earlier.filter { one in !failures.contains { $0.code == one.code && $0.detail == one.detail } }
    }

    /// 8 when something is left, 3 when something could not be looked at, or not everything was done.
    func finish(_ output: Output, command: String, stateDir: String) throws {
        for run in finished where !run.missing.isEmpty { output.show(lost(run, stateDir)) }
        for note in notes { output.show(.note(note)) }
        for failure in failures { output.show(failure) }
        let stopped = isStopped ? "Stopped by a signal; what was in flight is finished and recorded.\n" : ""
        if !left.isEmpty {
            let lines = left.map { "\($0.provider.rawValue) \($0.id) of \($0.burst)" }
            throw Diagnostic(
                "sweep.leftovers", "Not everything is confirmed gone", detail: stopped + lines.joined(separator: "\n"),
                remedy: "Run it again; it goes on where this stopped.", command: command,
                exists: "Left: \(left.sentence).", exit: .leftovers)
        }
        if isStopped || !failures.isEmpty { throw SpillwayCLI.Finished(code: .partial) }
    }

    /// What went with the machines of a run.
    private func lost(_ run: Finished, _ stateDir: String) -> Diagnostic {
        Diagnostic(
            "sweep.not-collected", "Results were lost with their machines",
            detail: "Run \(run.run) of \(run.burst), \(run.outcome):\n" + run.missing.joined(separator: "\n"),
            remedy: "The receipt lists them:", command: "cat \(stateDir)/receipts/\(run.run).txt",
            exists: "Nothing of the run exists any more.", severity: .warning, exit: .done)
    }
}
