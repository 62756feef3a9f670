import Foundation
import TestSupport
import Testing

/// The schedulers of `templates/` against the schemas that their makers publish, as two Python packages carry them:
/// check-jsonschema (GitHub Actions, GitLab CI) and kubernetes-validate. Kestra's schema comes with its server alone.
@Suite(.timeLimit(.minutes(5))) struct SchedulerSchemaTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path: String
        var command: [String]
        /// What the schema has to miss when it is taken away, so that we know that it was looked at.
        var needs: String
    }

    static let cases = [
        Case(
            testDescription: "GitHub Actions", path: "github-actions/spillway-sweep.yml",
            command: ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
            needs: "    runs-on: ubuntu-24.04\n"),
        Case(
            testDescription: "GitLab CI", path: "gitlab-ci/spillway-sweep.yml",
            command: ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"], needs: "  interruptible: false\n"),
        Case(
            testDescription: "Kubernetes", path: "kubernetes/spillway-sweep.yaml",
            command: ["kubernetes-validate", "--strict"], needs: "  schedule: \"*/15 * * * *\"\n"),
    ]

    @Test(arguments: cases) func `is what its scheduler publishes as its form`(scheduler: Case) async throws {
        guard let tools = try await Self.tools() else {
            print("\(scheduler.testDescription) is not checked: no python3 with venv and pip, or no network.")
            return
        }
        let template = Golden.packageRoot.appending(path: "templates/\(scheduler.path)")
        let program = tools + "/" + scheduler.command[0]
        let options = Array(scheduler.command.dropFirst())
        let (status, said) = try await output(of: URL(filePath: program), options + [template.path])
        #expect(status == 0, "\(said)")

        let text = try String(contentsOf: template, encoding: .utf8)
        #expect(text.contains(scheduler.needs))
        let broken = FileManager.default.temporaryDirectory.appending(
            path: "broken-\(UUID().uuidString)-\(template.lastPathComponent)")
        defer { try? FileManager.default.removeItem(at: broken) }
        let wrong = scheduler.needs == "  interruptible: false\n" ? "  interruptible: [7]\n" : ""
        try Data(text.replacing(scheduler.needs, with: wrong).utf8).write(to: broken)
        #expect(try await output(of: URL(filePath: program), options + [broken.path]).status != 0)
    }

    /// Where the two programs are: made once beside the build, kept for the next run.
    private static func tools() async throws -> String? { try await Tools.shared.folder() }

    private actor Tools {
        static let shared = Tools()
        private var found: String??

        func folder() async throws -> String? {
            if let found { return found }
            let folder = Golden.packageRoot.appending(path: ".build-schemas").path
            let bin = folder + "/bin"
            func has() -> Bool {
                ["check-jsonschema", "kubernetes-validate"].allSatisfy {
                    FileManager.default.isExecutableFile(atPath: "\(bin)/\($0)")
                }
            }
            if !has(),
                try await output(of: URL(filePath: "/usr/bin/env"), ["python3", "-m", "venv", folder]).status == 0
            {
                _ = try await output(
                    of: URL(filePath: bin + "/python"),
                    [
                        "-m", "pip", "install", "--quiet", "--retries", "0", "--timeout", "10",
                        "check-jsonschema==0.39.0", "kubernetes-validate==1.37.0",
                    ])
            }
            let result = has() ? bin : nil
            found = .some(result)
            return result
        }
    }
}
