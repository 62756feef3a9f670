package import SpillwayCore

/// ``RemoteHost`` over one SSH connection. Dropping the last reference closes it.
package final class SSHSession: RemoteHost {
    package let hostKey: HostKey
    let target: RemoteTarget
    private let mailbox: SessionMailbox

    init(hostKey: HostKey, target: RemoteTarget, mailbox: SessionMailbox) {
        self.hostKey = hostKey
        self.target = target
        self.mailbox = mailbox
    }

    deinit { mailbox.requestClose() }

    package func run(
        _ command: String, input: [UInt8]?, onOutput: @escaping @Sendable (RemoteOutput) -> Void
    ) async throws(RemoteFailure) -> RemoteExit {
        let channel = try exec(command, input: input ?? [])
        return try await channel.cancelledWithTask { () async throws(RemoteFailure) in try await channel.drain(onOutput)
        }
    }

    package func close() async {
        mailbox.requestClose()
        await mailbox.waitUntilEnded()
    }

    /// Starts `command`. Without `input` the caller writes it, and ends it. `window` is what may come unread.
    func exec(
        _ command: String, input: [UInt8]? = nil, window: Int = 1 << 20, keepsOrder: Bool = true
    ) throws(RemoteFailure) -> ExecChannel {
        let channel = ExecChannel(
            command: command, window: window, keepsOrder: keepsOrder, input: input, mailbox: mailbox)
        if let ended = mailbox.open(channel) { throw ended }
        return channel
    }
}

extension ExecChannel {
    /// Runs `body`, cancelling the channel with the task and when `body` throws.
    func cancelledWithTask<Value: Sendable>(
        _ body: () async throws(RemoteFailure) -> Value
    ) async throws(RemoteFailure) -> Value {
        let result: Result<Value, RemoteFailure> = await withTaskCancellationHandler {
            do throws(RemoteFailure) { return .success(try await body()) } catch { return .failure(error) }
        } onCancel: {
            cancel()
        }
        if case .failure = result { cancel() }
        return try result.get()
    }
}

extension RemoteFailure {
    static let closed = RemoteFailure(.cancelled, "the SSH session was closed")
}

/// Quoting for a POSIX shell.
enum Shell {
    static func quote(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
