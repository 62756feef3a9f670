import SpillwayCore
import SpillwayEngine

/// How a run that has come to an end, or was left, is told: the receipt, the words for people, the exit code.
struct RunReport {
    let output: Output
    let burst: String
    /// Pass the job's own code through unless Spillway itself failed.
    var jobExit = false

    func show(_ ending: RunFlow.Ending?) throws {
        switch ending {
        case .none: return
        case .detached(let run):
            output.show(
                .note(
                    "Run \(run.id) goes on without this command, until \(run.expires) at the latest. To finish it: spillway wait \(burst)"
                ))
        case .kept(let outcome, let run):
            output.show(
                Diagnostic(
                    "run.kept", "The job failed and its machines are kept",
                    detail: "on_failure is keep. They must be gone by \(run.expires).",
                    remedy: "Look at them with: spillway ssh \(burst). Then remove them:",
                    command: "spillway destroy \(burst)",
                    exists:
                        "\(run.nodes) × \(run.instanceType) (\(run.rates.server.perHour(quantity: Int64(run.nodes)))/h).",
                    severity: .warning, exit: outcome.exit))
            throw Finished(code: outcome.exit)
        case .done(let outcome, let receipt):
            // Programs read the last line for the receipt, people read what went wrong at the end.
            if !output.json { output.result(receipt.text) }
            for diagnostic in problems(outcome, receipt) { output.show(diagnostic) }
            if output.json { try output.result(receipt) }
            try finish(outcome)
        }
    }

    private func problems(_ outcome: JobOutcome, _ receipt: Receipt) -> [Diagnostic] {
        let gone = "Nothing exists: verified gone at \(receipt.verifiedGoneAt)."
        guard let (code, summary, remedy) = words(outcome) else { return [] }
        return [
            Diagnostic(
                code, summary,
                detail: outcome.missing.isEmpty
                    ? "Its output is in the state folder, logs/." : outcome.missing.joined(separator: "\n"),
                remedy: remedy, exists: gone, exit: outcome.exit)
        ]
    }

    private func words(_ outcome: JobOutcome) -> (Diagnostic.Code, String, String)? {
        switch outcome.exit {
        case .done: nil
        case .instanceLost where outcome.word == .preempted:
            (
                "job.preempted", "The provider took the machine back",
                "Run it again, with retries.preempted, or without spot."
            )
        case .jobFailed:
            (
                "job.failed",
                "The job failed\(outcome.jobExit.map { $0.signal.map { ", killed by SIG\($0)" } ?? ", exit status \($0.status)" } ?? "")",
                "Mend the job, then run it again. With on_failure: keep its machine stays for a look."
            )
        case .jobTimedOut:
            (
                "job.timed-out", "The job was ended by its time limit",
                "Raise timeout or max_duration, or give it a bigger machine."
            )
        case .cancelled: ("job.cancelled", "The job was cancelled", "Run it again when you like.")
        case .instanceLost:
            (
                "job.instance-lost", "The instance was lost",
                "Run it again; a deadline, the provider or somebody else ended it."
            )
        case .outputsMissing:
            (
                "job.outputs-missing", "Outputs are missing",
                "Check the paths under outputs, and that the job writes them."
            )
        default: nil
        }
    }

    private func finish(_ outcome: JobOutcome) throws {
        if jobExit, let status = outcome.jobExit, outcome.word == .succeeded || outcome.word == .failed {
            let code = status.signal == nil ? status.status : 128
            if code != 0 { throw JobExit(status: code) }
            return
        }
        guard outcome.exit == .done else { throw Finished(code: outcome.exit) }
    }
}

/// `--job-exit`: the job's own status is ours.
struct JobExit: Error {
    var status: Int32
}
