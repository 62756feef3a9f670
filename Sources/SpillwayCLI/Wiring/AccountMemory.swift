import FoundationEssentials

/// Which account an access key belongs to, in `accounts.json` of the ``UserCache``.
///
/// No secret is in it, and nothing is lost with it: without a place to keep it the account is asked for again.
struct AccountMemory: Sendable {
    private let folder: String?

    init(environment: [String: String]) {
        folder = UserCache.folder(environment)
    }

    private var path: String? { folder.map { $0 + "/accounts.json" } }

    func account(of key: String) -> String? { all[key] }

    func keep(_ account: String, of key: String) {
        guard let folder, let path else { return }
        var known = all
        known[key] = account
        guard let bytes = try? JSONEncoder().encode(known) else { return }
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try? bytes.write(to: URL(filePath: path), options: .atomic)
    }

    private var all: [String: String] {
        path.flatMap { FileManager.default.contents(atPath: $0) }
            .flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
    }
}
