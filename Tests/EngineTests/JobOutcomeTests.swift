import SpillwayCore
import SpillwayEngine
import Testing

@Suite struct JobOutcomeTests {
    private func record(
        _ ending: JobRecord.Ending, _ status: Int32? = nil, signal: String? = nil, node: Int = 0, missing: [String] = []
    ) -> JobRecord {
        JobRecord(
            node: node, stage: .collected, ending: ending,
            exit: status.map { RemoteExit(status: $0, signal: signal) }, missing: missing)
    }

    @Test(arguments: [
        (JobRecord.Ending.exited, Int32?(0), String?.none, JobOutcome.Word.succeeded, ExitCode.done),
        (.exited, 3, nil, .failed, .jobFailed),
        (.exited, 0, "KILL", .failed, .jobFailed),
        (.setupFailed, 1, nil, .failed, .jobFailed),
        (.timedOut, 143, nil, .timedOut, .jobTimedOut),
        (.deadline, nil, nil, .timedOut, .jobTimedOut),
        (.cancelled, nil, nil, .cancelled, .cancelled),
        (.lost, nil, nil, .lost, .instanceLost),
        (.preempted, 143, nil, .preempted, .instanceLost),
    ])
    func `each ending has its word and its code`(
        ending: JobRecord.Ending, status: Int32?, signal: String?, word: JobOutcome.Word, exit: ExitCode
    ) {
        let outcome = JobOutcome([record(ending, status, signal: signal)])
        #expect(outcome.word == word)
        #expect(outcome.exit == exit)
    }

    @Test func `missing outputs weigh more than a job that failed`() {
        let outcome = JobOutcome([record(.exited, 1, missing: ["out: not on the instance"])])
        #expect(outcome.exit == .outputsMissing)
        #expect(outcome.jobExit == RemoteExit(status: 1))
    }

    @Test func `a machine that was taken back is told from one that was lost, and outputs from neither`() {
        #expect(JobOutcome([record(.exited, 0), record(.preempted, node: 1)]).word == .preempted)
        #expect(JobOutcome([record(.exited, 0), record(.lost, node: 1)]).word == .lost)
        #expect(JobOutcome([record(.exited, 0, missing: ["out: gone"])]).word == .outputsMissing)
    }

    @Test func `of several nodes the gravest ending counts, and the failed one's status is told`() {
        let outcome = JobOutcome([record(.exited, 0, node: 0), record(.exited, 7, node: 1, missing: ["out: gone"])])
        #expect(outcome.exit == .outputsMissing)
        #expect(outcome.jobExit?.status == 7)
        #expect(outcome.missing == ["node 1: out: gone"])
    }
}
