import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A moto server on loopback: EC2 as somebody else understands it. It ends when its standard input does, so with the
/// process that started it, whatever happens to that one.
///
/// The machines it makes up have addresses of real strangers: nothing may ever dial them.
package final class MotoServer: Sendable {
    package let url: String
    private let input: Pipe
    private let process: Process

    private init(url: String, process: Process, input: Pipe) {
        (self.url, self.process, self.input) = (url, process, input)
    }

    /// One for all tests that keep to a burst of their own; nil where there is none to be had.
    package static let shared = Task { await start() }

    package func end() { process.terminate() }

    /// `authorizing` begins with no permission for anybody but what policies give.
    package static func start() async -> MotoServer? {
        guard let python = await interpreter.value else {
            print("Tests over moto are skipped: no python3 with venv and pip, or no network.")
            return nil
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", program]
        var environment = ProcessInfo.processInfo.environment
        // Without these moto takes any type, image and key for known.
        for name in [
            "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION", "MOTO_ENABLE_AMI_VALIDATION",
            "MOTO_ENABLE_KEYPAIR_VALIDATION",
        ] { environment[name] = "true" }
        process.environment = environment
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let line = await withCheckedContinuation { continuation in
            Thread {
                var line = Data()
                let file = output.fileHandleForReading
                while let byte = try? file.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8) { line += byte }
                continuation.resume(returning: String(decoding: line, as: UTF8.self))
            }.start()
        }
        guard let port = UInt16(line) else { return nil }
        return MotoServer(url: "http://127.0.0.1:\(port)", process: process, input: input)
    }

    private static let program = #"""
        import os, sys, threading
        from werkzeug.serving import make_server, WSGIRequestHandler
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"
            def log(self, *args): pass
        server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True,
                             request_handler=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, flush=True)
        sys.stdin.read()
        os._exit(0)
        """#

    // MARK: Python

    /// One that has moto: the system's, or one made once beside the build and kept for the next run.
    private static let interpreter = Task<String?, Never> {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let system = path.split(separator: ":").map { "\($0)/python3" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let system else { return nil }
        let check = "import moto, sys; sys.exit(moto.__version__ != '5.2.1')"
        if await succeeds(system, ["-c", check + "; import moto.moto_server.werkzeug_app"]) { return system }
        let folder = Golden.packageRoot.appending(path: ".build-moto").path
        let python = folder + "/bin/python"
        if await succeeds(python, ["-c", check]) { return python }
        let pip = ["-m", "pip", "install", "--quiet", "--retries", "0", "--timeout", "10"]
        guard await succeeds(system, ["-m", "venv", folder]),
            await succeeds(python, pip + ["moto==5.2.1", "flask", "flask-cors"])
        else { return nil }
        return await succeeds(python, ["-c", check]) ? python : nil
    }

    private static func succeeds(_ program: String, _ arguments: [String]) async -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return await withCheckedContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus == 0) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(returning: false)
            }
        }
    }
}
