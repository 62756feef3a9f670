internal import Glibc
internal import SpillwayCore

/// One output on its way into the staging folder, while the instance hashes what it sends.
struct OutputFetch: Sendable {
    let manifest: RemoteManifest
    let staging: String
    let maxBytes: Int64

    struct Result: Sendable {
        /// The name in the staging folder.
        var staged: String
        var received: Transferred
        /// By path in the manifest, with the reason.
        var lost: [String: String]
        /// Came whole, but nothing is left to verify it with.
        var unverified: Set<String> = []

        func keeps(_ path: String) -> Bool { unverified.contains(path) }
    }

    private enum Arrival: Sendable {
        case fetched(Downloaded)
        case hashed([String: String])
        case late
    }

    /// Fetches and compares; once more when a file changed in between.
    func run(
        retry: SessionRetry, within limit: Duration?, sleep: @escaping @Sendable (Duration) async throws -> Void,
        progress: @escaping @Sendable (Transferred) -> Void
    ) async throws -> Result {
        let first = try await attempt("0", retry, limit, sleep, progress)
        guard first.lost.values.contains(Self.changed) else { return first }
        return try await attempt("1", retry, limit, sleep, progress)
    }

    private static let changed = "changed while it was fetched"

    private func attempt(
        _ name: String, _ retry: SessionRetry, _ limit: Duration?,
        _ sleep: @escaping @Sendable (Duration) async throws -> Void,
        _ progress: @escaping @Sendable (Transferred) -> Void
    ) async throws -> Result {
        let arrivals = try await withThrowingTaskGroup(of: Arrival.self) { group in
            group.addTask {
                .fetched(
                    try await retry { host in
                        // Each try has a folder of its own: an archive never meets what a lost one left.
                        let fresh = try freshFolder(name)
                        return try await host.download(
                            manifest.path, to: "\(staging)/\(fresh)", maxBytes: maxBytes, progress: progress)
                    })
            }
            group.addTask { .hashed(try await retry { host in try await manifest.hashes(over: host) }) }
            if let limit {
                group.addTask {
                    try await sleep(limit)
                    return .late
                }
            }
            var arrivals: [Arrival] = []
            while arrivals.count < 2, let next = try await group.next() {
                if case .late = next { break }
                arrivals.append(next)
            }
            group.cancelAll()
            return arrivals
        }
        return compare(arrivals, staged: "\(latestFolder(name))/\(lastName)")
    }

    private var lastName: String { manifest.path.split(separator: "/").last.map(String.init) ?? "" }

    private func freshFolder(_ name: String) throws(RemoteFailure) -> String {
        for count in 0... {
            let fresh = "\(name)-\(count)"
            if mkdir("\(staging)/\(fresh)", 0o700) == 0 { return fresh }
            guard errno == EEXIST else {
                throw RemoteFailure(.localIO, "\(SystemFailure("mkdir", "\(staging)/\(fresh)").reason): \(staging)")
            }
        }
        throw RemoteFailure(.localIO, staging)
    }

    private func latestFolder(_ name: String) -> String {
        var count = 0
        while access("\(staging)/\(name)-\(count + 1)", F_OK) == 0 { count += 1 }
        return "\(name)-\(count)"
    }

    private func compare(_ arrivals: [Arrival], staged: String) -> Result {
        var fetched: Downloaded?
        var hashes: [String: String]?
        for arrival in arrivals {
            switch arrival {
            case .fetched(let downloaded): fetched = downloaded
            case .hashed(let known): hashes = known
            case .late: break
            }
        }
        var result = Result(staged: staged, received: Transferred(), lost: [:])
        guard let fetched else { return salvage(into: result) }
        let prefix = manifest.isFolder ? lastName.utf8.count + 1 : 0
        var received: [String: ReceivedFile] = [:]
        for file in fetched.files { received[String(decoding: file.path.utf8.dropFirst(prefix), as: UTF8.self)] = file }
        for path in Set(manifest.sizes.keys).union(received.keys).union(hashes.map { Array($0.keys) } ?? []) {
            guard let file = received[path] else {
                result.lost[path] = Self.changed
                continue
            }
            if hashes == nil {
                result.lost[path] = "came whole but was not verified: the deadline came first"
                result.unverified.insert(path)
            } else if hashes?[path] != file.sha256 {
                result.lost[path] = Self.changed
                continue
            }
            result.received.files += 1
            result.received.bytes += file.size
        }
        return result
    }

    /// The deadline came while the archive did: what has its full size is kept, but nothing of it is verified.
    private func salvage(into empty: Result) -> Result {
        var result = empty
        for (path, size) in manifest.sizes {
            var status = stat()
            let local = "\(staging)/\(result.staged)" + (manifest.isFolder ? "/\(path)" : "")
            guard lstat(local, &status) == 0, Int64(status.st_size) == size else {
                result.lost[path] = "not fetched: the deadline came first"
                continue
            }
            result.lost[path] = "came whole but was not verified: the deadline came first"
            result.unverified.insert(path)
            result.received.files += 1
            result.received.bytes += size
        }
        return result
    }
}
