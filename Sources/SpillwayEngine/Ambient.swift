package import SpillwayCore

/// What the engine needs of the world besides clouds and hosts: time, patience and chance. Tests bring their own.
package struct Ambient: Sendable {
    package var now: @Sendable () -> Timestamp
    package var sleep: @Sendable (Duration) async throws -> Void
    package var random: @Sendable (_ count: Int) -> [UInt8]

    package init(
        now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// Sorts by time: eight characters of seconds and eight of chance, in Crockford's base 32 (lower case).
    package func makeID() -> String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        let seconds = UInt64(max(0, now().seconds))
        let time = (0..<8).reversed().map { alphabet[Int(seconds >> UInt64($0 * 5) & 31)] }
        let chance = random(8).map { alphabet[Int($0 & 31)] }
        return String(decoding: time + chance, as: UTF8.self)
    }
}

/// Polling that begins eagerly and calms down.
struct Pace {
    private var next: Duration
    private let ceiling: Duration

    init(first: Duration = .milliseconds(40), ceiling: Duration = .seconds(2)) {
        next = first
        self.ceiling = ceiling
    }

    mutating func step() -> Duration {
        defer { next = min(next * 3 / 2, ceiling) }
        return next
    }
}
