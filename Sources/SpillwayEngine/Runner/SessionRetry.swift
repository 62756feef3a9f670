package import SpillwayCore

/// Does something that may be repeated over a session, and does it again over a new one when the connection is lost.
package struct SessionRetry: Sendable {
    let connect: @Sendable () async throws -> any RemoteHost
    let sleep: @Sendable (Duration) async throws -> Void
    let onLoss: @Sendable (RemoteFailure) -> Void

    /// `connect` hands out the open session or opens another.
    package init(
        connect: @escaping @Sendable () async throws -> any RemoteHost,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        onLoss: @escaping @Sendable (RemoteFailure) -> Void = { _ in }
    ) {
        self.connect = connect
        self.sleep = sleep
        self.onLoss = onLoss
    }

    /// Throws what `body` throws when that is no lost connection, and the last loss after five.
    package func callAsFunction<Value: Sendable>(
        _ body: (any RemoteHost) async throws -> Value
    ) async throws -> Value {
        var pause = Duration.milliseconds(200)
        for attempt in 1... {
            do {
                return try await body(try await connect())
            } catch let failure as RemoteFailure where failure.isLoss && attempt < 5 {
                onLoss(failure)
                try await sleep(pause)
                pause *= 3
            }
        }
        throw RemoteFailure(.unreachable, "unreachable")
    }
}

extension RemoteFailure {
    /// True when only the connection failed.
    var isLoss: Bool { [.unreachable, .timeout, .cutOff].contains(kind) }
}
