import FoundationEssentials
import Glibc
import SpillwayCore

/// The simulated cloud that `rehearse` and `provider: local` use: one `cloudsim` process per state folder.
///
/// It lives on when this process dies, so that a burst can be picked up again, and ends by itself once it holds
/// nothing and nobody asks. Its world lies in `<state>/cloudsim/`.
struct SimulatedCloud: Sendable {
    /// What `cloudsim` prints as its first line.
    struct Endpoint: Codable, Sendable {
        struct Scaleway: Codable, Sendable {
            var apiURL: String
            var secretKey: String
            var projectID: String

            private enum CodingKeys: String, CodingKey {
                case apiURL = "api_url"
                case secretKey = "secret_key"
                case projectID = "project_id"
            }
        }

        struct EC2: Codable, Sendable {
            var endpointURL: String
            var accessKeyID: String
            var secretAccessKey: String
            var region: String

            private enum CodingKeys: String, CodingKey {
                case region
                case endpointURL = "endpoint_url"
                case accessKeyID = "access_key_id"
                case secretAccessKey = "secret_access_key"
            }
        }

        var scaleway: Scaleway
        var ec2: EC2
        var sshPort: Int
        var pid: Int32
        var addressURL: String

        private enum CodingKeys: String, CodingKey {
            case scaleway, ec2, pid
            case sshPort = "ssh_port"
            case addressURL = "address_url"
        }
    }

    var endpoint: Endpoint
    /// Where it is noted for the next command; nil for one that is not ours.
    var note: String?

    /// Uses the one that is running for `folder`, or starts one. `options` are further arguments of `cloudsim serve`.
    static func running(in folder: String, options: [String], environment: [String: String]) throws -> SimulatedCloud {
        let data = folder + "/cloudsim"
        let note = data + "/endpoint.json"
        if let bytes = FileManager.default.contents(atPath: note),
            let endpoint = try? JSONDecoder().decode(Endpoint.self, from: bytes), isCloudSim(endpoint.pid)
        {
            return SimulatedCloud(endpoint: endpoint, note: note)
        }
        try FileManager.default.createDirectory(
            atPath: data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let binary = try find(environment)
        let arguments =
            [binary, "serve", "--listen", "127.0.0.1:0", "--data", data, "--exit-when-idle", "20"] + options
        let line = try spawn(arguments, environment, log: data + "/cloudsim.log")
        guard let endpoint = try? JSONDecoder().decode(Endpoint.self, from: Data(line.utf8)) else {
            let log = FileManager.default.contents(atPath: data + "/cloudsim.log").map {
                String(decoding: $0, as: UTF8.self)
            }
            throw failed("it printed \"\(line)\" instead of its endpoint. \(log ?? "")")
        }
        try Data(line.utf8).write(to: URL(filePath: note), options: .atomic)
        return SimulatedCloud(endpoint: endpoint, note: note)
    }

    /// Ends it and waits until it has; its sandboxes end with it. One that is not ours is left alone.
    func stop() {
        guard let note, Self.isCloudSim(endpoint.pid) else { return }
        unlink(note)
        kill(endpoint.pid, SIGTERM)
        var status: Int32 = 0
        for _ in 0..<500 where waitpid(endpoint.pid, &status, WNOHANG) == 0 || Self.isCloudSim(endpoint.pid) {
            usleep(10_000)
        }
    }

    private static func isCloudSim(_ pid: Int32) -> Bool {
        guard pid > 1, let name = FileManager.default.contents(atPath: "/proc/\(pid)/comm") else { return false }
        return String(decoding: name, as: UTF8.self).hasPrefix("cloudsim")
    }

    /// Beside this executable, else in PATH; `SPILLWAY_CLOUDSIM` names another. nil when there is none.
    static func path(_ environment: [String: String]) -> String? {
        var candidates: [String] = []
        if let named = environment["SPILLWAY_CLOUDSIM"] { candidates.append(named) }
        if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            candidates.append(
                own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
                    + "/cloudsim")
        }
        candidates += (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/cloudsim" }
        return candidates.first { access($0, X_OK) == 0 }
    }

    private static func find(_ environment: [String: String]) throws -> String {
        if let found = path(environment) { return found }
        throw Diagnostic(
            "cloudsim.missing", "The simulated cloud is not installed",
            detail: "There is no cloudsim beside spillway nor in PATH.",
            remedy: "Build it, or name it with SPILLWAY_CLOUDSIM.", command: "make build",
            exists: "Nothing was created.")
    }

    /// Starts `arguments` in a session of its own and returns the first line it prints.
    private static func spawn(
        _ arguments: [String], _ environment: [String: String], log: String
    ) throws -> String {
        let child = try ChildProcess.start(arguments, environment: environment, stderr: log, detached: true)
        defer { close(child.stdout) }
        return child.readLine()
    }

    private static func failed(_ why: String) -> Diagnostic {
        Diagnostic(
            "cloudsim.failed", "The simulated cloud did not start", detail: why,
            remedy: "See what is missing on this machine:", command: "spillway doctor", exists: "Nothing was created.")
    }
}

extension SimulatedCloud {
    /// One that somebody else started; loopback only, and it says itself what its credentials are.
    static func at(_ url: String, _ invocation: Invocation) async throws -> SimulatedCloud {
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        do {
            let answer = try await invocation.http.send(
                HTTPRequest(.get, base + "/_sim/endpoint", timeout: .seconds(10)))
            guard answer.status == 200,
                let endpoint = try? JSONDecoder().decode(Endpoint.self, from: Data(answer.body))
            else { throw failed("\(base) is no simulated cloud: it answered with status \(answer.status).") }
            return SimulatedCloud(endpoint: endpoint)
        } catch let failure as HTTPFailure {
            throw failed("\(base) does not answer: \(failure.detail)")
        }
    }
}
