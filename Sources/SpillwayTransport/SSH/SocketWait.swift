internal import Glibc

/// `poll` over a few descriptors until an instant.
enum SocketWait {
    /// The events of each descriptor; all zero when the time is up.
    @discardableResult
    static func poll(_ wanted: [(descriptor: Int32, events: Int16)], until due: ContinuousClock.Instant) -> [Int16] {
        var entries = wanted.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
        let left = (due - ContinuousClock.now).components
        // Rounded up: a wait that ends early would turn the last millisecond into a busy loop.
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1
        let count = Glibc.poll(&entries, nfds_t(entries.count), Int32(max(0, min(milliseconds, 60_000))))
        return count > 0 ? entries.map(\.revents) : entries.map { _ in 0 }
    }
}
