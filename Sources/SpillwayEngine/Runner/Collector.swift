package import SpillwayCore

/// Brings the outputs of a job home: each is measured, fetched, compared with the instance's own hashes and only then
/// put in place. May be called again at any time; what an interrupted call left behind is done anew.
package struct Collector: Sendable {
    private let home: JobHome
    private let run: String
    private let folder: String
    private let allowOutside: Bool
    private let retry: SessionRetry
    private let sleep: @Sendable (Duration) async throws -> Void

    /// `folder` is the spec's, absolute: nothing is written outside it unless `allowOutside`.
    package init(
        home: JobHome, run: String, folder: String, allowOutside: Bool = false, retry: SessionRetry,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.home = home
        self.run = run
        self.folder = folder
        self.allowOutside = allowOutside
        self.retry = retry
        self.sleep = sleep
    }

    /// Collects in the order given. When `timeLimit` has passed the fetching stops: what has come whole is kept, each
    /// file that has not is listed. Throws when the instance cannot be reached, not for a missing output.
    package func collect(
        _ outputs: [Output], within timeLimit: Duration?, progress: @escaping @Sendable (Transferred, Int64?) -> Void
    ) async throws -> Collected {
        var collected = Collected()
        let clock = ContinuousClock()
        let end = timeLimit.map { clock.now + $0 }
        for output in outputs {
            let before = collected.received
            let left = end.map { clock.now.duration(to: $0) }
            let one = try await collect(output, within: left) { now, total in
                progress(Transferred(files: before.files + now.files, bytes: before.bytes + now.bytes), total)
            }
            collected.received.files += one.received.files
            collected.received.bytes += one.received.bytes
            collected.lost += one.lost
        }
        return collected
    }

    private func collect(
        _ output: Output, within limit: Duration?, progress: @escaping @Sendable (Transferred, Int64?) -> Void
    ) async throws -> Collected {
        let from = output.from.value
        if let limit, limit <= .zero { return .lost(output, "not fetched: the deadline came first") }
        let path = home.absolute(from)
        guard let manifest = try await retry({ host in try await RemoteManifest.read(path, over: host) }) else {
            return .lost(output, "not on the instance")
        }
        let (bytes, most) = (manifest.bytes, output.maxSize.value)
        guard bytes <= most.count else { return .lost(output, "\(bytes) bytes, more than max_size \(most)") }
        let placement: OutputPlacement
        do {
            placement = try OutputPlacement(
                root: folder, target: output.to.value, run: run, allowOutside: allowOutside)
        } catch {
            throw RemoteFailure(.localIO, "\(error.path) cannot be written: \(error.reason)")
        }
        guard bytes <= placement.free else {
            try? placement.discard()
            throw RemoteFailure(
                .localIO, "\(from) holds \(bytes) bytes, but only \(placement.free) are free in \(folder)")
        }
        let fetch = OutputFetch(manifest: manifest, staging: placement.stagingPath, maxBytes: most.count)
        let fetched: OutputFetch.Result
        do {
            fetched = try await fetch.run(retry: retry, within: limit, sleep: sleep) { progress($0, bytes) }
        } catch {
            try? placement.discard()
            guard let failure = error as? RemoteFailure, failure.isOfOneOutput else { throw error }
            return .lost(output, failure.detail)
        }
        return place(fetched, manifest, output, placement)
    }

    /// What has no place where it should go stays in the staging folder, whose path is then part of the reason: by the
    /// time somebody reads it the instance is gone.
    private func place(
        _ fetched: OutputFetch.Result, _ manifest: RemoteManifest, _ output: Output, _ placement: OutputPlacement
    ) -> Collected {
        var lost = fetched.lost
        var stranded: [(path: String, reason: String)] = []
        do {
            if manifest.isFolder {
                stranded = try placement.placeFolder(fetched.staged, skip: { lost[$0] != nil && !fetched.keeps($0) })
            } else if lost.keys.allSatisfy(fetched.keeps) {
                try placement.placeFile(fetched.staged, intoFolder: output.intoFolder)
            }
        } catch {
            stranded = [("", error.reason)]
        }
        for one in stranded {
            lost[one.path] = "cannot be put in place (\(one.reason)); it is kept in \(placement.stagingPath)"
        }
        if stranded.isEmpty { try? placement.discard() }
        let from = output.from.value.trimmedSlashes
        return Collected(
            received: fetched.received,
            lost: lost.sorted { $0.key < $1.key }.map { path, reason in
                Collected.Lost(path: manifest.isFolder && !path.isEmpty ? "\(from)/\(path)" : from, reason: reason)
            })
    }
}

/// What came of collecting.
package struct Collected: Sendable, Hashable {
    package struct Lost: Sendable, Hashable, CustomStringConvertible {
        /// As in the spec, below the home; a file, or a whole output.
        package var path: String
        package var reason: String

        package var description: String { "\(path): \(reason)" }
    }

    package var received = Transferred()
    /// Empty when every file of every output was verified and lies in its place.
    package var lost: [Lost] = []

    static func lost(_ output: Output, _ reason: String) -> Collected {
        Collected(lost: [Lost(path: output.from.value, reason: reason)])
    }
}

extension RemoteFailure {
    /// True when the instance is there and other outputs may fare better.
    fileprivate var isOfOneOutput: Bool { [.tooLarge, .remoteIO, .hostileArchive].contains(kind) }
}

extension String {
    fileprivate var trimmedSlashes: String {
        var text = self
        while text.count > 1, text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
