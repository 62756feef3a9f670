internal import Glibc
package import SpillwayCore

extension SSHSession {
    package func upload(
        _ files: [ShippedFile], to directory: String, progress: @escaping @Sendable (Transferred) -> Void
    ) async throws(RemoteFailure) -> Transferred {
        let folder = Shell.quote(directory)
        let channel = try exec("mkdir -p -- \(folder) && exec tar -xpf - -C \(folder)", keepsOrder: false)
        return try await channel.cancelledWithTask { () async throws(RemoteFailure) in
            let sent = try await withTaskExecutorPreference(DiskExecutor()) { () async throws(RemoteFailure) in
                try await Self.send(files, over: channel, progress)
            }
            var words = RemoteWords()
            let exit = try await channel.drain { words.take($0) }
            guard exit.succeeded, let sent else {
                throw RemoteFailure(
                    .remoteIO, "unpacking into \(directory) on \(target.address) failed: \(words.text(after: exit))")
            }
            return sent
        }
    }

    /// Nil when the far side stopped reading before the end.
    @concurrent
    private static func send(
        _ files: [ShippedFile], over channel: ExecChannel, _ progress: @Sendable (Transferred) -> Void
    ) async throws(RemoteFailure) -> Transferred? {
        var source = TarSource(files, now: Timestamp(seconds: Int64(time(nil))))
        while let piece = try source.next() {
            guard try await channel.write(piece) else { return nil }
            progress(source.read)
        }
        channel.endInput()
        return source.read
    }
}

/// The end of what a remote command had to say, for the text of an error.
struct RemoteWords {
    private var bytes: [UInt8] = []
    private static let limit = 8192

    mutating func take(_ output: RemoteOutput) {
        bytes += output.bytes.suffix(Self.limit)
        if bytes.count > Self.limit { bytes.removeFirst(bytes.count - Self.limit) }
    }

    var lines: [String] {
        String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }

    func text(after exit: RemoteExit) -> String {
        let end = exit.signal.map { "it was ended by SIG\($0)" } ?? "exit status \(exit.status)"
        return lines.isEmpty ? end : "\(lines.suffix(5).joined(separator: "; ")) (\(end))"
    }
}
