internal import SpillwayCore

/// What lies on the instance where an output should: asked twice, first for sizes, then for hashes.
struct RemoteManifest: Sendable {
    /// The place with every symbolic link on the way resolved.
    var path: String
    var isFolder: Bool
    /// By path below `path`; of a single file, by its name. Regular files alone.
    var sizes: [String: Int64]

    var bytes: Int64 { sizes.values.reduce(0, +) }

    /// nil when there is nothing. A quick look: nothing is read but names.
    static func read(_ path: String, over host: any RemoteHost) async throws -> RemoteManifest? {
        let script = """
            path=$(realpath -e -- "$1") || exit 44
            printf '%s\\0' "$path"
            if [ -d "$path" ]; then echo folder; cd -- "$path" && find . -type f -printf '%s %P\\0'
            else echo file; find "$path" -maxdepth 0 -type f -printf '%s %f\\0'; fi
            """
        let (exit, out, err) = try await host.captureBytes(ShellQuoting.command(["sh", "-c", script, "sh", path]))
        if exit.status == 44 { return nil }
        let words = out.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        guard exit.succeeded, words.count == 2, let newline = words[1].firstIndex(of: UInt8(ascii: "\n")) else {
            throw RemoteFailure(.remoteIO, "listing \(path) failed: \(String(decoding: err, as: UTF8.self))")
        }
        var sizes: [String: Int64] = [:]
        for entry in words[1][words[1].index(after: newline)...].split(separator: 0) {
            let parts = entry.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let size = Int64(String(decoding: parts[0], as: UTF8.self)) else {
                throw RemoteFailure(.remoteIO, "listing \(path) gave no size for a file")
            }
            sizes[String(decoding: parts[1], as: UTF8.self)] = size
        }
        return RemoteManifest(
            path: String(decoding: words[0], as: UTF8.self),
            isFolder: words[1].first == UInt8(ascii: "f")
                && words[1].dropFirst().first == UInt8(ascii: "o"), sizes: sizes)
    }

    /// SHA-256 of every file, hexadecimal, by the same paths. Reads everything, with all the CPUs there are.
    func hashes(over host: any RemoteHost) async throws -> [String: String] {
        let script = """
            if [ -d "$1" ]; then cd -- "$1" || exit; set --; else cd -- "$(dirname -- "$1")" || exit; set -- "${1##*/}"; fi
            if [ $# -eq 0 ]; then find . -type f -printf '%P\\0' | sort -z; else printf '%s\\0' "$1"; fi \\
            | xargs -0 -r sha256sum -z --
            """
        let (exit, out, err) = try await host.captureBytes(ShellQuoting.command(["sh", "-c", script, "sh", path]))
        guard exit.succeeded else {
            throw RemoteFailure(.remoteIO, "hashing \(path) failed: \(String(decoding: err, as: UTF8.self))")
        }
        var hashes: [String: String] = [:]
        for line in out.split(separator: 0) where line.count > 66 {
            hashes[String(decoding: line.dropFirst(66), as: UTF8.self)] = String(
                decoding: line.prefix(64), as: UTF8.self)
        }
        return hashes
    }
}
