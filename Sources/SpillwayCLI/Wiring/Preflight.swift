import SpillwayCore
import SpillwayProviders

/// Whether the credentials may do what a burst needs, as far as the provider says without doing it.
struct Preflight: Sendable {
    struct Answers: Sendable {
        var granted: [String] = []
        /// With the provider's own words.
        var denied: [(permission: String, why: String)] = []
        /// The provider looked for the thing before the permission; with its words.
        var unknown: [(permission: String, why: String)] = []

        var sentence: String {
            let rest = unknown.isEmpty ? "" : "; cannot be asked: \(unknown.map(\.permission).joined(separator: ", "))"
            return "\(granted.count) permissions granted, \(denied.count) denied\(rest)"
        }

        /// Throws `provider.forbidden` with every permission that is missing.
        func check() throws(Diagnostic) {
            guard !denied.isEmpty else { return }
            throw Diagnostic(
                "provider.forbidden", "The credentials lack permissions",
                detail: denied.map { "\($0.permission): \($0.why)" }.joined(separator: "\n"),
                remedy: "Grant them; docs/providers.md has a policy that suffices, ready to paste.",
                exists: "Nothing was created.")
        }
    }

    private let provider: AWSProvider

    init(_ provider: AWSProvider) { self.provider = provider }

    /// `image` is an alias of the spec.
    func ask(zone: String, type: InstanceType, root: RootVolume.Kind, image: String) async throws -> Answers {
        let image = try await provider.resolveImage(image, zone: zone, type: type, root: root)
        var answers = Answers()
        for permission in await provider.preflight(zone: zone, instanceType: type.name, image: image.id) {
            switch permission.answer {
            case .granted: answers.granted.append(permission.name)
            case .denied(let error): answers.denied.append((permission.name, error.detail))
            case .unknown(let why): answers.unknown.append((permission.name, why))
            }
        }
        return answers
    }
}
