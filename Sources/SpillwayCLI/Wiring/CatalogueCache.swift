import FoundationEssentials
import SpillwayCore
import SpillwayEngine

/// Live prices and stock of one burst, kept beside the state so that looking again at it unchanged asks for no price.
///
/// A burst is never created from it: what is to be created is planned from a catalogue read in this run.
struct CatalogueCache: Sendable {
    private struct Entry: Codable {
        var at: Timestamp
        var account: String
        var catalogue: Catalogue
    }

    private let folder: String?
    private let account: String
    private let burst: String

    /// Without a state folder nothing is kept: a plan makes none.
    init(stateDir: String?, account: String, burst: String) {
        folder = stateDir.map { $0 + "/cache" }
        self.account = account
        self.burst = burst
    }

    private var path: String? { folder.map { "\($0)/\(burst).prices.json" } }

    /// nil when there is none for these zones, or it is not readable: it is only a cache.
    func read(covering zones: [String]) -> Catalogue? {
        guard let path, let bytes = FileManager.default.contents(atPath: path),
            let entry = try? StateJSON.decode(Entry.self, bytes), entry.account == account,
            zones.allSatisfy({ entry.catalogue.zone($0) != nil })
        else { return nil }
        return entry.catalogue
    }

    func write(_ catalogue: Catalogue, at now: Timestamp) {
        guard let folder, let path,
            let bytes = try? StateJSON.line(Entry(at: now, account: account, catalogue: catalogue))
        else { return }
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try? Data(bytes).write(to: URL(filePath: path), options: .atomic)
    }
}
