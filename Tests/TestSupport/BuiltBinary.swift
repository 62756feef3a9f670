import Foundation

/// The executables under test.
enum BuiltBinary {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Beside the running test bundle, or in the folder that `SPILLWAY_BINARIES` names: a release build, say.
    static func find(_ name: String) throws -> URL {
        let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let folder =
            ProcessInfo.processInfo.environment["SPILLWAY_BINARIES"].map { URL(fileURLWithPath: $0) }
            ?? bundle.deletingLastPathComponent()
        let url = folder.appending(path: name)
        guard FileManager.default.isExecutableFile(atPath: url.path) else {
            throw Missing(description: "\(url.path) is missing; build it: swift build --product \(name)")
        }
        return url
    }
}
