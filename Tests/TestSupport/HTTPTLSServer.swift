import Foundation
import Glibc

/// An https server with a certificate of its own: `openssl s_server`, which comes with every system's certificates.
package final class HTTPTLSServer: Sendable {
    package let port: Int
    /// PEM file of the one authority that vouches for the server.
    package let caFile: String
    /// Closing it ends the server, and so does the death of this process.
    private let lifeline: FileHandle
    private let folder: String

    private static let program = "/usr/bin/openssl"
    package static let isAvailable = access(program, X_OK) == 0

    /// `name` is the subject alternative name, such as "IP:127.0.0.1".
    package init(name: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "http-tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        caFile = folder + "/cert.pem"
        let script = """
            cd "$1" && "$2" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \\
                -subj "/CN=spillway test" -addext "subjectAltName=$3" -keyout key.pem -out cert.pem </dev/null
            "$2" s_server -accept 127.0.0.1:0 -www -cert cert.pem -key key.pem >serving </dev/null &
            server=$!; cat >/dev/null; kill -9 $server; wait
            """
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", script, "sh", folder, Self.program, name]
        let input = Pipe()
        shell.standardInput = input
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        lifeline = input.fileHandleForWriting
        do {
            port = try Self.port(folder + "/serving")
        } catch {
            // Nothing else ends it: there is no `deinit` after a failed `init`.
            try? input.fileHandleForWriting.close()
            throw error
        }
    }

    deinit {
        // The shell is not waited for: `Process` would spin while other tests need this thread.
        try? lifeline.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Its first words are "ACCEPT 127.0.0.1:40123".
    private static func port(_ output: String) throws -> Int {
        for _ in 0..<6000 {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            let line = text.components(separatedBy: "\n").dropLast().first { $0.hasPrefix("ACCEPT") }
            if let port = line?.split(separator: ":").last.flatMap({ Int($0) }) { return port }
            Thread.sleep(forTimeInterval: 0.01)
        }
        throw POSIXFailure(call: "openssl s_server", number: ETIMEDOUT)
    }
}
