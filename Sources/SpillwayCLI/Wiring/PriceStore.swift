import FoundationEssentials
import SpillwayCore
import SpillwayProviders

/// Prices that were fetched, one file for each region, in `prices` of the ``UserCache``.
struct PriceStore: Sendable {
    /// nil where the environment names no home: then nothing is kept.
    let folder: String?

    init(environment: [String: String]) {
        folder = UserCache.folder(environment).map { $0 + "/prices" }
    }

    var catalogue: AWSCatalogue { AWSCatalogue { read($0) } }

    func path(_ region: String) -> String? { folder.map { "\($0)/aws-\(region).txt" } }

    private func read(_ region: String) -> String? {
        path(region).flatMap { FileManager.default.contents(atPath: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Gives the file written.
    func write(_ list: AWSPriceList) throws(Diagnostic) -> String {
        guard let folder, let path = path(list.region) else {
            throw Diagnostic(
                "prices.no-place", "There is no place to keep prices in",
                detail: "Neither XDG_CACHE_HOME nor HOME is set.", remedy: "Set one of them.", exit: .error)
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Diagnostic(
                "file.unwritable", "A file cannot be written", detail: "\(folder): \(error)",
                remedy: "Check permissions and free space.")
        }
        try FileWriting.write(Array(list.text.utf8), to: path)
        return path
    }
}
