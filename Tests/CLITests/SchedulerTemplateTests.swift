import Foundation
import Glibc
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

/// The schedulers of `templates/`, as really as this machine allows.
@Suite struct SchedulerTemplateTests {
    static let documents = [
        "kestra/spillway-sweep.yaml", "kubernetes/spillway-sweep.yaml", "github-actions/spillway-sweep.yml",
        "gitlab-ci/spillway-sweep.yml",
    ]

    @Test(arguments: documents) func `it is YAML and runs the one line of all schedulers`(path: String) throws {
        let text = try String(contentsOf: templates.appending(path: path), encoding: .utf8)
        _ = try YAMLReader.read(text: text, file: path)
        let words = text.split { " \n".contains($0) }.map {
            $0.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        }
        for word in ["sweep", "--apply", "--max", "--every", "--quiet"] { #expect(words.contains(word)) }
        #expect(text.contains("UTC"))
    }

    @Test func `the cron line has a user, and the same command`() throws {
        let text = try String(contentsOf: templates.appending(path: "cron/spillway-sweep"), encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("*/15 ") }
        #expect(lines.count == 1)
        let words = try #require(lines.first).split(separator: " ")
        #expect(words[0..<6] == ["*/15", "*", "*", "*", "*", "spillway"])
        #expect(text.hasSuffix("\n"))
    }

    private static let analyze = ["/usr/bin/systemd-analyze", "/bin/systemd-analyze"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: analyze != nil, "systemd-analyze is not installed: apt-get install systemd"))
    func `systemd accepts the service and the timer, and finds little to expose`() async throws {
        let analyze = URL(filePath: try #require(Self.analyze))
        let folder = FileManager.default.temporaryDirectory.appending(path: "units-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["spillway-sweep.service", "spillway-sweep.timer"] {
            let text = try String(contentsOf: templates.appending(path: "systemd/\(name)"), encoding: .utf8)
                .replacingOccurrences(of: "/usr/local/bin/spillway", with: "/bin/true")
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        let (status, said) = try await output(
            of: analyze,
            ["verify", "--man=no", folder.path + "/spillway-sweep.service", folder.path + "/spillway-sweep.timer"])
        // What a machine without a running systemd says of itself is not about these units.
        let about = said.split(separator: "\n").filter { $0.contains("spillway-sweep") }
        #expect(about.isEmpty, "\(status): \(said)")
        // Of 100, where 0 is nothing exposed; an ordinary service has 96.
        let (exposed, why) = try await output(
            of: analyze,
            ["security", "--offline=true", "--threshold=15", "--no-pager", folder.path + "/spillway-sweep.service"])
        #expect(exposed == 0, "\(why)")
    }

    @Test
    func `the service is bounded, and what was missed is made up for, at hours without a time zone of the machine`()
        throws
    {
        let service = try String(
            contentsOf: templates.appending(path: "systemd/spillway-sweep.service"), encoding: .utf8)
        for line in ["MemoryMax=128M", "TimeoutStartSec=30min", "NoNewPrivileges=yes", "DynamicUser=yes"] {
            #expect(service.contains("\n\(line)\n"), "\(line)")
        }
        let timer = try String(contentsOf: templates.appending(path: "systemd/spillway-sweep.timer"), encoding: .utf8)
        #expect(timer.contains("\nPersistent=true\n"))
        #expect(timer.contains(/\nOnCalendar=.* UTC\n/))
    }

    @Test func `no workflow runs what others may change: images by digest or of your own, no foreign actions`() throws {
        for path in Self.documents {
            let text = try String(contentsOf: templates.appending(path: path), encoding: .utf8)
            for use in text.matches(of: /\buses: *(\S+)/) {
                #expect(use.1.contains(/@[0-9a-f]{40}$/), "\(path): \(use.1) is not pinned by its commit")
            }
            for image in text.matches(of: /\bimage: *(\S+)/) {
                #expect(
                    image.1.contains(/@sha256:[0-9a-f]{64}$/) || image.1.hasPrefix("$"), "\(path): \(image.1)")
            }
        }
    }

    @Test func `the command line of the service sweeps a cloud, and leaves its heartbeat`() async throws {
        let service = try String(
            contentsOf: templates.appending(path: "systemd/spillway-sweep.service"), encoding: .utf8)
        let line = try #require(service.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
        let folder = FileManager.default.temporaryDirectory.appending(path: "sweep-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let state = folder.path + "/state"
        let words = line.dropFirst("ExecStart=".count).split(separator: " ").map {
            $0 == "/var/lib/spillway" ? state : String($0)
        }
        #expect(words.first == "/usr/local/bin/spillway")
        try await withCloudSim(["--without-guests"]) { cloud in
            let environment = [
                "SPILLWAY_OWNER": "ada", "SCW_API_URL": cloud.apiURL, "SCW_ACCESS_KEY": cloud.accessKey,
                "SCW_SECRET_KEY": cloud.secretKey, "SCW_DEFAULT_PROJECT_ID": cloud.projectID,
            ]
            let binary = try CloudSimProcess.executable.deletingLastPathComponent().appending(path: "spillway")
            let (status, said) = try await output(of: binary, Array(words.dropFirst()), environment)
            #expect(status == 0, "\(said)")
            let beat = try String(contentsOfFile: state + "/keeper.json", encoding: .utf8)
            #expect(beat.contains("\"every\" : 900") && beat.contains("\"owner\" : \"ada\""))
            // The heartbeat is no burst.
            let (listed, list) = try await output(of: binary, ["status", "--all", "--state-dir", state], environment)
            #expect(listed == 0 && !list.contains("keeper"), "\(list)")
        }
    }

    @Test func `the nightly line runs a burst, and is quiet and well while one is under way`() async throws {
        let text = try String(contentsOf: templates.appending(path: "cron/nightly-burst"), encoding: .utf8)
        #expect(text.hasSuffix("\n") && text.contains("CRON_TZ=UTC"))
        let line = try #require(text.split(separator: "\n").first { $0.first?.isNumber ?? false })
        let words = line.split(separator: " ", maxSplits: 6).map(String.init)
        #expect(words[0..<6] == ["30", "2", "*", "*", "*", "spillway"])
        try await withWorkplace { place, cloud in
            try place.writeSpec(
                run: "sh -c 'mkdir -p out; echo ran >>out/runs; echo under way; sleep 600'",
                "outputs: [{from: work/out/, to: out/}]")
            let command = ["sh", "-c", words[6].replacing("/srv/render", with: place.folder.path)]
            let path = try SpillwayProcess.executable.deletingLastPathComponent().path + ":/usr/bin:/bin"
            func night() throws -> SpillwayProcess { try place.start(command: command, environment: ["PATH": path]) }
            let first = try night()
            try await eventually("the lock is taken") { !place.text("state/small.lock").isEmpty || !first.isRunning }
            let early = try await night().result()
            #expect(early.status == 0 && early.all.isEmpty, "\(early)")
            try await eventually("the job runs") { first.output.contains("under way\n") || !first.isRunning }
            let second = try await night().result()
            #expect(second.status == 0 && second.all.isEmpty, "\(second)")
            let told = try await place.run("run", "-y", "--if-running", "skip")
            #expect(told.status == 0 && told.stderr.contains("small is skipped: run"), "\(told)")
            let failed = try await place.run("run", "-y", "--if-running", "fail")
            #expect(failed.status == 4 && failed.stderr.contains("[run.live]"), "\(failed)")
            #expect(failed.stderr.contains("EUR/h") && failed.stderr.contains("spillway wait small"), "\(failed)")
            // Below the shell that cron's line is run by.
            for child in ProcessTree.children(of: first.pid) { kill(child, SIGTERM) }
            #expect(try await first.result().status == 102)
            #expect(place.text("out/runs") == "ran\n")
            #expect(try await cloud.world().is_empty)
        }
    }

    @Test func `a burst past its deadline is not skipped but finished`() async throws {
        try await withWorkplace { place, cloud in
            try place.writeSpec(
                run: "sh -c 'mkdir -p out; echo ran >>out/runs; echo all done'",
                "outputs: [{from: work/out/, to: out/}]")
            #expect(try await place.run("run", "-y", "--detach", "--no-keeper").status == 0)
            try await eventually("the job is done") {
                try await place.run("logs", "small").stdout.contains("all done")
            }
            #expect(try await place.run("run", "-y", "--quiet", "--if-running", "skip").all.isEmpty)
            try await expire("small", in: place, cloud)
            let finished = try await place.run("run", "-y", "--quiet", "--if-running", "skip")
            #expect(finished.status == 0 && finished.stdout.contains("outcome        succeeded"), "\(finished)")
            #expect(place.text("out/runs") == "ran\n")
            #expect(try await cloud.world().is_empty)
        }
    }

    private var templates: URL { Golden.packageRoot.appending(path: "templates") }
}
