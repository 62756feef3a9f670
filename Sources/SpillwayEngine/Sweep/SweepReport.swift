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

    /// Verified gone.
    package var removed: [CloudResource]
    /// Not confirmed gone.
    package var left: [CloudResource]
    /// Left to the process that holds their lock.
    package var busy: [Busy]
    package var failures: [Failure]
    package var blind: [SweepListing.Blind]
}
