package import SpillwayCore

/// What the nodes' records add up to: one word for the receipt, one code to exit with.
package struct JobOutcome: Sendable, Hashable {
    package enum Word: String, Sendable, Hashable, Codable, CaseIterable {
        case succeeded, failed
        case timedOut = "timed_out"
        case cancelled, preempted, lost
        case outputsMissing = "outputs_missing"
    }

    package let word: Word
    package let exit: ExitCode
    /// The job's own status: of the first node that failed, else of node 0; nil when it never ended by itself.
    package let jobExit: RemoteExit?
    package let missing: [String]

    package init(_ records: [JobRecord]) {
        let words = records.map(Self.word)
        missing = records.flatMap { record in
            records.count > 1 ? record.missing.map { "node \(record.node): \($0)" } : record.missing
        }
        var codes = words.map(Self.code)
        if !missing.isEmpty { codes.append(.outputsMissing) }
        let gravest = ExitCode.gravest(codes)
        exit = gravest
        word =
            Word.allCases.first { words.contains($0) && Self.code($0) == gravest }
            ?? (gravest == .outputsMissing ? .outputsMissing : .succeeded)
        jobExit = (records.first { $0.exit.map { !$0.succeeded } ?? false } ?? records.first)?.exit
    }

    private static func word(_ record: JobRecord) -> Word {
        switch record.ending {
        case .exited: record.exit?.succeeded ?? false ? .succeeded : .failed
        case .setupFailed: .failed
        case .timedOut, .deadline: .timedOut
        case .cancelled: .cancelled
        case .preempted: .preempted
        case .lost, .none: .lost
        }
    }

    private static func code(_ word: Word) -> ExitCode {
        switch word {
        case .succeeded: .done
        case .failed: .jobFailed
        case .timedOut: .jobTimedOut
        case .cancelled: .cancelled
        case .preempted, .lost: .instanceLost
        case .outputsMissing: .outputsMissing
        }
    }
}
