package import SpillwayCore

/// How a sweep ended, by another look at every zone.
package struct SweepReport: Sendable {
    package struct Failure: Sendable {
        package var burst: String
        package var reason: String
    }

    package struct Busy: Sendable {
        package var burst: String
        /// Who is at work on it.
        package var reason: Diagnostic
    }

    /// A run whose machines are gone and whose receipt is written.
    package struct Finished: Sendable {
        package var burst: String
        package var run: RunRecord
        package var outcome: JobOutcome
    }

    /// Verified gone.
    package var removed: [CloudResource]
    /// Not confirmed gone.
    package var left: [CloudResource]
    /// Left to the process that holds their lock.
    package var busy: [Busy]
    package var failures: [Failure]
    package var blind: [SweepListing.Blind]
    package var finished: [Finished] = []
    /// Somebody asked to stop before everything was done.
    package var isStopped = false
}
