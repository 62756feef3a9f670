package import SpillwayCore

/// `keeper.json`: when a sweep that removes last went well, by provider. A plan counts on a keeper by it.
package struct KeeperLog: Sendable {
    private static let file = "keeper.json"

    private struct Document: Codable {
        var version = 1
        var beats: [String: Beat] = [:]
    }

    private struct Beat: Codable {
        var account: String
        var owner: String
        var at: Timestamp
        /// How often it runs: as it said itself, else the time since the one before.
        var every: Seconds?
    }

    private let folder: StateFolder

    package init(_ folder: StateFolder) { self.folder = folder }

    /// Notes a good sweep. `every` is what its schedule says.
    package func beat(
        provider: String, account: String, owner: String, at now: Timestamp, every: Seconds?
    ) throws(Diagnostic) {
        var document = read() ?? Document()
        var beat = Beat(account: account, owner: owner, at: now, every: every)
        if every == nil, let last = document.beats[provider], last.account == account, last.owner == owner {
            beat.every = max(now - last.at, Seconds.minutes(1))
        }
        document.beats[provider] = beat
        let written = document
        try StateFolder.refusing(folder.path) { () throws(SystemFailure) in
            guard let bytes = try? StateJSON.document(written) else { return }
            try folder.root.replace(Self.file, with: bytes)
        }
    }

    /// How often a keeper runs that was seen on schedule; nil when there is none to count on. One sweep by hand is no
    /// keeper: it has to have said how often it runs, or to have been seen twice within a day.
    package func interval(provider: String, account: String, owner: String, now: Timestamp) -> Seconds? {
        guard let beat = read()?.beats[provider], beat.account == account, beat.owner == owner, let every = beat.every,
            every <= Seconds.hours(24), now - beat.at <= Seconds(every.count * 2) + .minutes(5)
        else { return nil }
        return every
    }

    /// A damaged file is as good as none: it is written anew by the next sweep.
    private func read() -> Document? {
        guard let bytes = try? folder.root.read(Self.file) else { return nil }
        return try? StateJSON.decode(Document.self, bytes)
    }
}
