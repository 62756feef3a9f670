package import SpillwayCore

extension SSHSession {
    package func download(
        _ path: String, to destination: String, maxBytes: Int64, progress: @escaping @Sendable (Transferred) -> Void
    ) async throws(RemoteFailure) -> Downloaded {
        let (parent, name) = Self.split(path)
        let command = "tar -cf - -C \(Shell.quote(parent)) -- \(Shell.quote(name))"
        let channel = try exec(command, input: [], window: 16 << 20, keepsOrder: false)
        return try await channel.cancelledWithTask { () async throws(RemoteFailure) in
            try await withTaskExecutorPreference(DiskExecutor()) { () async throws(RemoteFailure) in
                try await Self.receive(path, over: channel, into: destination, maxBytes: maxBytes, progress)
            }
        }
    }

    @concurrent
    private static func receive(
        _ path: String, over channel: ExecChannel, into destination: String, maxBytes: Int64,
        _ progress: @Sendable (Transferred) -> Void
    ) async throws(RemoteFailure) -> Downloaded {
        var extractor = try TarExtractor(into: destination, maxBytes: maxBytes)
        var words = RemoteWords()
        while let batch = try await channel.read() {
            for output in batch {
                guard case .stdout(let bytes) = output else {
                    words.take(output)
                    continue
                }
                try extractor.take(bytes[...])
                progress(Transferred(files: extractor.received.count, bytes: extractor.bytes))
            }
        }
        let exit = try await channel.drain { _ in }
        // GNU tar's status 1: the archive is whole, but something moved while it was read.
        let isWarning = exit.status == 1 && exit.signal == nil && words.lines.contains { $0.contains("as we read it") }
        guard exit.succeeded || isWarning else {
            throw RemoteFailure(.remoteIO, "reading \(path) on the instance failed: \(words.text(after: exit))")
        }
        try extractor.finish()
        return Downloaded(files: extractor.received, bytes: extractor.bytes, warnings: words.lines)
    }

    /// A path as folder and last component, for tar's -C.
    static func split(_ path: String) -> (parent: String, name: String) {
        let parts = path.split(separator: "/")
        guard let last = parts.last else { return (path, ".") }
        let parent = parts.dropLast().joined(separator: "/")
        if path.hasPrefix("/") { return ("/" + parent, String(last)) }
        return (parent.isEmpty ? "." : parent, String(last))
    }
}
