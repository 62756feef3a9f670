import Foundation

/// The library that Misfortune/misfortune.c becomes, built when it is first needed.
enum MisfortuneLayer {
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    static let isAvailable = (try? library.get()) != nil

    /// For a process that keeps its state in `state` and is struck at `point` ("calls=3:sent"); nil strikes nowhere.
    static func environment(_ point: String?, state: URL) throws -> [String: String?] {
        ["LD_PRELOAD": try library.get(), "MISFORTUNE_RULE": point, "MISFORTUNE_STATE": state.path]
    }

    /// Built by the C compiler that comes with Swift, or the system's.
    static let library: Result<String, Unavailable> = {
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Misfortune/misfortune.c")
        let target = FileManager.default.temporaryDirectory.appending(path: "misfortune-\(getpid()).so")
        var said = "there is no C compiler"
        for compiler in ["clang", "cc", "gcc"] {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-o", target.path, source.path,
            ]
            (process.standardOutput, process.standardError) = (output, output)
            guard (try? process.run()) != nil else { continue }
            let text = String(decoding: (try? output.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            if process.terminationStatus == 0 { return .success(target.path) }
            if process.terminationStatus != 127 { said = text }
        }
        return .failure(Unavailable(description: "misfortune.c was not built: \(said)"))
    }()
}
