package import Foundation

/// A folder with a spec, a user configuration of its own, and an environment that names one simulated cloud: where a
/// test runs `spillway` as a user would.
package final class Workplace: Sendable {
    private let root: URL
    package let folder: URL
    package let environment: [String: String]
    package let cloud: CloudSimProcess?

    /// Which of the simulated cloud's two APIs a place works with.
    package enum Face: Sendable {
        case scaleway, ec2
    }

    package init(cloud: CloudSimProcess? = nil, face: Face = .scaleway) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "spillway-test-\(UUID().uuidString)")
        folder = root.appending(path: "work")
        self.cloud = cloud
        for name in ["work", "home", "config"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: name), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
        }
        var environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": root.path + "/home",
            "XDG_CONFIG_HOME": root.path + "/config", "LANG": "C.UTF-8",
        ]
        switch (face, cloud) {
        case (_, nil): break
        case (.scaleway, .some(let cloud)):
            environment["SCW_API_URL"] = cloud.apiURL
            environment["SCW_SECRET_KEY"] = cloud.secretKey
            environment["SCW_DEFAULT_PROJECT_ID"] = cloud.projectID
        case (.ec2, .some(let cloud)):
            environment["AWS_ENDPOINT_URL"] = cloud.ec2.endpoint_url
            environment["AWS_ACCESS_KEY_ID"] = cloud.ec2.access_key_id
            environment["AWS_SECRET_ACCESS_KEY"] = cloud.ec2.secret_access_key
            environment["AWS_REGION"] = cloud.ec2.region
        }
        self.environment = environment
    }

    package func remove() { try? FileManager.default.removeItem(at: root) }

    // MARK: Files

    package func write(_ text: String, to name: String) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Of a file below the folder; empty when there is none.
    package func text(_ name: String) -> String {
        (try? Data(contentsOf: folder.appending(path: name))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    package func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: name).path)
    }

    /// A small burst on this place's cloud; `more` are further lines of the spec, `run` its job.
    package func writeSpec(
        name: String = "small", zones: String = "fr-par-1", type: String = "PLAY2-PICO", nodes: Int = 1,
        cost: String = "9.00 EUR", duration: String = "30m", run: String = "echo done", _ more: String = ""
    ) throws {
        try write(
            """
            name: \(name)
            provider: scaleway
            zone: [\(zones)]
            resources: {instance_type: \(type)}
            nodes: \(nodes)
            budget: {max_cost: \(cost), max_duration: \(duration)}
            ssh: {port: \(cloud?.sshPort ?? 22), allow_from: [127.0.0.1/32]}
            run: \(run)
            \(more)

            """, to: "spillway.yaml")
    }

    /// As ``writeSpec(name:zones:type:nodes:cost:duration:run:_:)``, on EC2.
    package func writeAWSSpec(
        name: String = "small", zones: String = "us-east-1a", resources: String = "instance_type: c7i.large",
        nodes: Int = 1, cost: String = "9.00 USD", duration: String = "30m", run: String = "echo done",
        _ more: String = ""
    ) throws {
        try write(
            """
            name: \(name)
            provider: aws
            zone: [\(zones)]
            resources: {\(resources)}
            nodes: \(nodes)
            budget: {max_cost: \(cost), max_duration: \(duration)}
            ssh: {port: \(cloud?.sshPort ?? 22), allow_from: [127.0.0.1/32]}
            run: \(run)
            \(more)

            """, to: "spillway.yaml")
    }

    // MARK: Processes

    package func start(
        _ arguments: String..., environment more: [String: String?] = [:]
    ) throws -> SpillwayProcess {
        try start(command: ["spillway"] + arguments, environment: more)
    }

    /// Starts the binary through something else; see ``SpillwayProcess``. nil takes a variable away.
    package func start(command: [String], environment more: [String: String?] = [:]) throws -> SpillwayProcess {
        var environment = environment
        for (name, value) in more { environment[name] = value }
        return try SpillwayProcess(command, in: folder, environment: environment)
    }

    package func run(
        _ arguments: String..., environment more: [String: String?] = [:]
    ) async throws -> SpillwayResult {
        try await start(command: ["spillway"] + arguments, environment: more).result()
    }

    package func run(
        command: [String], environment more: [String: String?] = [:]
    ) async throws -> SpillwayResult {
        try await start(command: command, environment: more).result()
    }
}

/// Runs `body` in a place of its own with a cloud of its own; both are gone afterwards.
package func withWorkplace<Result>(
    _ cloudArguments: [String] = [], face: Workplace.Face = .scaleway,
    _ body: (Workplace, CloudSimProcess) async throws -> Result
) async throws -> Result {
    try await withCloudSim(cloudArguments) { cloud in
        let place = try Workplace(cloud: cloud, face: face)
        defer { place.remove() }
        return try await body(place, cloud)
    }
}

/// Runs `body` in a place of its own that no cloud is named in.
package func withOfflineWorkplace<Result>(_ body: (Workplace) async throws -> Result) async throws -> Result {
    let place = try Workplace()
    defer { place.remove() }
    return try await body(place)
}
