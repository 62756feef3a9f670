package import SpillwayCore
internal import Synchronization

/// Follows a job to its end over as many connections as that takes. Nothing is lost and nothing comes twice: each new
/// connection asks for the logs from the byte at which the last one broke.
package struct JobFollower: Sendable {
    package enum Event: Sendable {
        case output(RemoteOutput)
        /// The connection broke, or a new one could not be made; tried again after `pause`.
        case disconnected(RemoteFailure, pause: Duration)
        case connected
    }

    let runID: String
    let name: String
    let base: String
    let connect: @Sendable () async throws -> any RemoteHost
    let sleep: @Sendable (Duration) async throws -> Void

    /// `connect` opens a session or hands out one that is open; what it throws other than a passing ``RemoteFailure``
    /// ends the following. `name` is the same for each following that continues another.
    package init(
        runID: String, name: String, base: String = ".spillway",
        connect: @escaping @Sendable () async throws -> any RemoteHost,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.runID = runID
        self.name = name
        self.base = base
        self.connect = connect
        self.sleep = sleep
    }

    /// Returns when the job is over and its logs have been handed out to the last byte. `onEvent` is called in order;
    /// the bytes of one stream, put together, are the log from `offsets` on.
    package func follow(
        from offsets: LogOffsets, onEvent: @escaping @Sendable (Event) -> Void
    ) async throws -> JobStatus {
        let read = Mutex(offsets)
        var pauses = Backoff()
        while true {
            try Task.checkCancellation()
            let before = read.withLock { $0 }
            do throws(any Error) {
                let job = RemoteJob(runID: runID, host: try await connect(), base: base)
                onEvent(.connected)
                try await job.follow(from: before, name: name) { output in
                    read.withLock { $0.advance(by: output) }
                    onEvent(.output(output))
                }
                pauses = Backoff()
                let status = try await job.status()
                if status.isOver, read.withLock({ $0.covers(status.sizes) }) { return status }
            } catch let failure as RemoteFailure where failure.passes {
                if read.withLock({ $0 != before }) { pauses = Backoff() }
                let pause = pauses.next()
                onEvent(.disconnected(failure, pause: pause))
                try await sleep(pause)
            }
        }
    }

    /// From 100 ms, doubling, to 5 s.
    private struct Backoff {
        private var milliseconds = 100

        mutating func next() -> Duration {
            defer { milliseconds = min(5000, milliseconds * 2) }
            return .milliseconds(milliseconds)
        }
    }
}

extension RemoteFailure {
    /// True when a new connection may succeed where this one failed.
    var passes: Bool {
        switch kind {
        case .unreachable, .timeout, .cutOff, .remoteIO, .other: true
        case .hostKeyMismatch, .unsupportedHostKey, .authentication, .hostileArchive, .tooLarge, .source, .localIO,
            .cancelled:
            false
        }
    }
}
