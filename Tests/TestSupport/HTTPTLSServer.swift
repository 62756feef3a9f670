import Foundation
import Glibc

/// An https server with a certificate of its own: `openssl s_server`, which comes with every system's certificates.
package final class HTTPTLSServer: Sendable {
    package let port: Int
    /// PEM file of the one authority that vouches for the server.
    package let caFile: String
    private let process: pid_t
    private let folder: String

    private static let program = "/usr/bin/openssl"
    package static let isAvailable = access(program, X_OK) == 0

    /// `name` is the subject alternative name, such as "IP:127.0.0.1".
    package init(name: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "http-tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        caFile = folder + "/cert.pem"
        let key = folder + "/key.pem"
        let making = try Self.spawn(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=spillway test", "-addext", "subjectAltName=\(name)", "-keyout", key, "-out", caFile,
            ], output: folder + "/made")
        waitpid(making, nil, 0)
        let output = folder + "/serving"
        process = try Self.spawn(
            ["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", caFile, "-key", key], output: output)
        do {
            port = try Self.port(output)
        } catch {
            // Nothing else ends it: there is no `deinit` after a failed `init`.
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
            throw error
        }
    }

    deinit {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Not `Process`: its children inherit the signals that this thread blocks, and its waiting spins.
    private static func spawn(_ arguments: [String], output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let code = posix_spawn(&process, program, &actions, nil, &words, environ)
        guard code == 0 else { throw POSIXFailure(call: "posix_spawn", number: code) }
        return process
    }

    /// Its first words are "ACCEPT 127.0.0.1:40123".
    private static func port(_ output: String) throws -> Int {
        for _ in 0..<3000 {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            let line = text.components(separatedBy: "\n").dropLast().first { $0.hasPrefix("ACCEPT") }
            if let port = line?.split(separator: ":").last.flatMap({ Int($0) }) { return port }
            Thread.sleep(forTimeInterval: 0.01)
        }
        throw POSIXFailure(call: "openssl s_server", number: ETIMEDOUT)
    }
}
