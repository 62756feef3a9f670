import FoundationEssentials
import Glibc
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

/// A spec as read from disk: the decoded value, and what identifies it.
struct SpecFile: Sendable {
    var spec: Spec
    /// "sha256:…" of the text as it stands in the file.
    var digest: String
    /// The folder it lies in; relative paths of the spec start here.
    var folder: String
    var path: String
    var warnings: [Diagnostic]

    /// Throws every problem of the file in one go. Reads nothing but the file itself.
    static func load(
        _ path: String, options: SpecDecoder.Options = SpecDecoder.Options()
    ) throws -> SpecFile {
        let bytes = try read(path)
        let node = try YAMLReader.read(bytes: bytes, file: path)
        let (spec, problems) = SpecDecoder.decode(node, options: options)
        guard let spec, !problems.contains(where: { $0.severity == .error }) else { throw Diagnostics(problems) }
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return SpecFile(
            spec: spec, digest: "sha256:" + LibCrypto.sha256(bytes).hex,
            folder: folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder, path: path,
            warnings: problems)
    }

    /// As it stands in the file, before anything in it is understood.
    static func document(_ path: String) throws -> DocumentNode {
        try YAMLReader.read(bytes: try read(path), file: path)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            let missing = access(path, F_OK) != 0
            throw Diagnostic(
                missing ? "spec.not-found" : "spec.unreadable",
                missing ? "There is no spec" : "The spec cannot be read",
                detail: missing ? "No file \(path)." : "\(path) exists and cannot be read.",
                remedy: missing ? "Name it with -f, or write one:" : "Check its permissions.",
                command: missing ? "spillway init" : nil, exists: "Nothing was created.", exit: .usage)
        }
        return [UInt8](data)
    }
}
