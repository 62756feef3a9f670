internal import Dispatch
package import SpillwayCore
internal import Synchronization

/// ``RemoteConnector`` over libssh2: one thread per session, ed25519 only, no agent, no `~/.ssh`, no password.
package struct SSHConnector: RemoteConnector {
    package struct Timing: Sendable {
        /// Silence after which the host is asked for a sign of life; three times as much ends the session.
        package var keepalive: Duration
        /// Time for one handshake with authentication, before the connection is given up and made anew.
        package var handshake: Duration

        package init(keepalive: Duration = .seconds(15), handshake: Duration = .seconds(10)) {
            self.keepalive = keepalive
            self.handshake = handshake
        }
    }

    private let timing: Timing

    package init(timing: Timing = Timing()) { self.timing = timing }

    package func connect(to target: RemoteTarget, timeout: Duration) async throws(RemoteFailure) -> any RemoteHost {
        let mailbox = SessionMailbox()
        let result = OpeningResult()
        let timing = timing
        // A queue of its own that is never left until the session ends: a thread, and one that takes no signals.
        DispatchQueue(label: "spillway.ssh").async {
            var opening = SessionOpening(to: target, timeout: timeout, timing: timing, mailbox: mailbox)
            do throws(RemoteFailure) {
                let thread = try opening.open()
                guard result.give(.success(thread.hostKey)) else { return mailbox.end(.closed) }
                mailbox.end(thread.run())
            } catch {
                _ = result.give(.failure(error))
                mailbox.end(error)
            }
        }
        let outcome = await withTaskCancellationHandler {
            await result.value()
        } onCancel: {
            // The thread may be inside a name lookup, which nothing interrupts: nobody waits for it.
            _ = result.give(.failure(RemoteFailure(.cancelled, "connecting to \(target.address) was cancelled")))
            mailbox.requestClose()
        }
        return SSHSession(hostKey: try outcome.get(), target: target, mailbox: mailbox)
    }

    package func makeKey(comment: String) -> KeyPair {
        OpenSSHKey.pair(Ed25519.generate(), comment: comment, check: LibCrypto.secureRandom(count: 4))
    }
}

/// What opening a session came to: given once, by the thread or by a cancellation, whichever is first.
private final class OpeningResult: Sendable {
    private struct State {
        var value: Result<HostKey, RemoteFailure>?
        var waiter: CheckedContinuation<Result<HostKey, RemoteFailure>, Never>?
    }

    private let state = Mutex(State())

    /// False when there was a result already.
    func give(_ value: Result<HostKey, RemoteFailure>) -> Bool {
        let (isFirst, waiter) = state.withLock {
            state -> (Bool, CheckedContinuation<Result<HostKey, RemoteFailure>, Never>?) in
            guard state.value == nil else { return (false, nil) }
            state.value = value
            defer { state.waiter = nil }
            return (true, state.waiter)
        }
        waiter?.resume(returning: value)
        return isFirst
    }

    func value() async -> Result<HostKey, RemoteFailure> {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state in
                if state.value == nil { state.waiter = continuation }
                return state.value
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
