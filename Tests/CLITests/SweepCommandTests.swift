import Foundation
import TestSupport
import Testing

/// `sweep`, `destroy --all` and `adopt`, as processes against a simulated cloud.
@Suite struct SweepCommandTests {
    @Test func `another folder sees a live burst and leaves it, unless its folder is said to be lost`() async throws {
        try await SweepWorkplace.open { place in
            try await place.expect(0, ["apply", "-y"], in: "a")
            let seen = try await place.expect(0, ["sweep", "--apply"], in: "b")
            #expect(seen.contains("not expired and of another state folder"))
            #expect(try await place.expect(0, ["sweep"], in: "a").contains("under way here"))
            let id = try place.stateID("a")
            let found = try await place.expect(2, ["sweep", "--orphans-of", id, "--detailed-exitcode"], in: "b")
            #expect(found.contains("To remove: 1 server, 1 volume, 1 address and 1 firewall"))
            let many = try await place.expect(4, ["sweep", "--orphans-of", id, "--apply", "--max", "3"], in: "b")
            #expect(many.contains("sweep.too-many"))
            try await place.expect(0, ["sweep", "--orphans-of", id, "--out", "sweep.json"], in: "b")
            let done = try await place.expect(0, ["sweep", "--apply", "--plan", "sweep.json"], in: "b")
            #expect(done.contains("Removed, verified gone"))
            #expect(try await place.expect(0, ["sweep"], in: "b").contains("Nothing of ada is to be removed."))
            try await place.expect(0, ["destroy", "-y"], in: "a")
        }
    }

    @Test func `a lost state folder is adopted, shown and destroyed`() async throws {
        try await SweepWorkplace.open { place in
            try await place.expect(0, ["apply", "-y"], in: "a")
            let id = try place.stateID("a")
            try FileManager.default.removeItem(atPath: place.path("a/state"))
            let adopted = try await place.expect(0, ["adopt", "--all"], in: "a")
            #expect(adopted.contains("render: adopted run") && adopted.contains("1 server"))
            #expect(try place.stateID("a") == id)
            #expect(try await place.expect(0, ["status"], in: "a").contains("render"))
            #expect(try await place.expect(64, ["adopt", "render"], in: "a").contains("adopt.nothing"))
            try await place.expect(0, ["destroy", "-y"], in: "a")
            #expect(try await place.expect(0, ["sweep"], in: "b").contains("Nothing of ada is to be removed."))
        }
    }

    @Test func `destroy --all takes what state and tags show, and asks first`() async throws {
        try await SweepWorkplace.open { place in
            try await place.expect(0, ["apply", "-y"], in: "a")
            try await place.expect(64, ["destroy", "--all"], in: "b")
            let done = try await place.expect(0, ["destroy", "--all", "--now", "-y"], in: "b")
            #expect(done.contains("Removed, verified gone") && done.contains("1 server"))
            try await place.expect(0, ["destroy", "--all", "-y"], in: "a")
            #expect(try await place.expect(0, ["status"], in: "a").contains("No live burst"))
        }
    }

    @Test func `without an owner nothing is looked for`() async throws {
        try await SweepWorkplace.open { place in
            let said = try await place.expect(64, ["sweep"], in: "b", owner: nil)
            #expect(said.contains("config.owner-unknown"))
        }
    }
}

/// Two folders with the same spec, one cloud.
struct SweepWorkplace: Sendable {
    let root: URL
    let cloud: CloudSimProcess

    static func open(_ body: (SweepWorkplace) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "sweep-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for folder in ["a", "b", "home"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: folder), withIntermediateDirectories: true)
        }
        try Data(spec.utf8).write(to: root.appending(path: "a/spillway.yaml"))
        try await withCloudSim(["--without-guests", "--time-scale", "0.002"]) { cloud in
            try await body(SweepWorkplace(root: root, cloud: cloud))
        }
    }

    private static let spec = """
        name: render
        provider: scaleway
        zone: fr-par-1
        resources: {instance_type: DEV1-S, image: ubuntu-24.04}
        budget: {max_cost: 4.00 EUR, max_duration: 3h}
        run: "true"
        ssh: {allow_from: [203.0.113.7/32]}
        """

    func path(_ name: String) -> String { root.appending(path: name).path }

    func stateID(_ folder: String) throws -> String {
        struct Identity: Decodable { var state_id: String }
        let bytes = try Data(contentsOf: root.appending(path: "\(folder)/state/folder.id.json"))
        return try JSONDecoder().decode(Identity.self, from: bytes).state_id
    }

    /// Runs `spillway` in `folder`; everything it wrote.
    @discardableResult
    func expect(
        _ code: Int32, _ arguments: [String], in folder: String, owner: String? = "ada",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        var environment = [
            "HOME": path("home"), "SCW_API_URL": cloud.apiURL, "SCW_ACCESS_KEY": cloud.accessKey,
            "SCW_SECRET_KEY": cloud.secretKey, "SCW_DEFAULT_PROJECT_ID": cloud.projectID,
        ]
        environment["SPILLWAY_OWNER"] = owner
        let (status, said) = try await output(
            of: try CloudSimProcess.executable.deletingLastPathComponent().appending(path: "spillway"), arguments,
            environment, in: root.appending(path: folder))
        #expect(status == code, "\(arguments): \(said)", sourceLocation: sourceLocation)
        return said
    }
}
