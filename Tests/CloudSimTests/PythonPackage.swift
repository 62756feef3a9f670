import Foundation

@testable import CloudSim

/// A package for Python that a test drives the cloud with.
struct PythonPackage {
    let module: String
    /// What pip is asked for.
    let pip: String

    /// An interpreter that has it: the system's own, or one that is made beside the build once and kept for the next run.
    func interpreter() async throws -> String? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        // Each its own: tests that need them run side by side.
        let folder = root.appending(path: ".build-python-\(module)").path
        let own = folder + "/bin/python"
        if await has(own) { return own }
        guard let system = Sandbox.find("python3") else { return nil }
        if await has(system) { return system }
        guard try await run(system, ["-m", "venv", folder]).status == 0 else { return nil }
        let install = ["-m", "pip", "install", "--quiet", "--retries", "0", "--timeout", "10", pip]
        guard (try? await run(own, install))?.status == 0 else { return nil }
        return await has(own) ? own : nil
    }

    private func has(_ python: String) async -> Bool {
        (try? await run(python, ["-c", "import \(module)"]))?.status == 0
    }
}
