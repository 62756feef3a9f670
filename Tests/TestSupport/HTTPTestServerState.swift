import Glibc
import Synchronization

/// What the threads of one ``HTTPTestServer`` share: the open descriptors and the counts.
final class HTTPTestServerState: Sendable {
    private struct Shared {
        var counts = HTTPTestServer.Counts()
        var descriptors: Set<Int32> = []
        var isStopped = false
    }

    private let shared = Mutex(Shared())

    var counts: HTTPTestServer.Counts { shared.withLock { $0.counts } }

    /// The connection's number; nil once stopped.
    func opened(_ descriptor: Int32) -> Int? {
        shared.withLock { shared in
            guard !shared.isStopped else { return nil }
            shared.descriptors.insert(descriptor)
            shared.counts.accepted += 1
            shared.counts.open += 1
            shared.counts.peakOpen = max(shared.counts.peakOpen, shared.counts.open)
            return shared.counts.accepted
        }
    }

    /// Closed under the lock, so that `stop` never shuts down a descriptor that is somebody else's by then.
    func closed(_ descriptor: Int32) {
        shared.withLock { shared in
            shared.descriptors.remove(descriptor)
            shared.counts.open -= 1
            close(descriptor)
        }
    }

    func count(_ change: (inout HTTPTestServer.Counts) -> Void) {
        shared.withLock { change(&$0.counts) }
    }

    func dropConnections() {
        shared.withLock { shared in
            for descriptor in shared.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func stop() {
        shared.withLock { $0.isStopped = true }
        dropConnections()
    }
}
