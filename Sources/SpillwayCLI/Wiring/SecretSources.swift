import FoundationEssentials
import SpillwayCore
import SpillwayEngine

/// The values of a spec's secrets, read when a job is about to start and kept in memory alone.
struct SecretSources: Sendable {
    let secrets: [Secret]
    let folder: String
    let environment: [String: String]

    func resolve() throws -> [JobSpec.Variable] {
        try secrets.map { JobSpec.Variable($0.name.value, try value(of: $0)) }
    }

    private func value(of secret: Secret) throws -> String {
        switch secret.source {
        case .environment(let name):
            if let value = environment[name], !value.isEmpty { return value }
            throw missing(secret, "the environment variable \(name) is not set", "Set it, or name a file or a command.")
        case .file(let path):
            let full = path.value.hasPrefix("/") ? path.value : folder + "/" + path.value
            guard let bytes = FileManager.default.contents(atPath: full) else {
                throw missing(secret, "\(full) cannot be read", "Check the path and its permissions.")
            }
            return Self.trimmed(bytes)
        case .command(let command):
            return try run(command.value, for: secret)
        }
    }

    /// Through `sh -c`, in the spec's folder; its stderr is the user's.
    private func run(_ command: String, for secret: Secret) throws -> String {
        let output = try ShellCommand(command, folder: folder, environment: environment).output()
        guard output.status == 0 else {
            throw missing(secret, "its command ended with status \(output.status)", "Run it by hand: \(command)")
        }
        return Self.trimmed(Data(output.stdout))
    }

    private static func trimmed(_ bytes: Data) -> String {
        var text = String(decoding: bytes, as: UTF8.self)
        while text.last?.isNewline ?? false { text.removeLast() }
        return text
    }

    private func missing(_ secret: Secret, _ why: String, _ remedy: String) -> Diagnostic {
        Diagnostic(
            "spec.secret", "A secret has no value", detail: "\(secret.name.value): \(why).", remedy: remedy,
            source: secret.name.location, exit: .usage)
    }
}
