package import SpillwayCore
internal import Synchronization

extension RemoteJob {
    /// Both logs as far as they have been written by now.
    package func soFar(onOutput: @escaping @Sendable (RemoteOutput) -> Void) async throws {
        let sizes = try await status().sizes
        let reader = Reader()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await follow(from: LogOffsets(), name: "look") { output in
                    reader.read.withLock { $0.advance(by: output) }
                    onOutput(output)
                }
            }
            group.addTask {
                while !reader.read.withLock({ $0.covers(sizes) }), !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(20))
                }
            }
            await group.next()
            group.cancelAll()
        }
        guard reader.read.withLock({ $0.covers(sizes) }) else {
            throw RemoteFailure(.cutOff, "the logs could not be read to their end")
        }
    }

    private final class Reader: Sendable {
        let read = Mutex(LogOffsets())
    }
}
