extension ProviderError {
    /// The user's view of a provider's refusal; whoever knows more (what exists, where it stood) adds it.
    package var diagnostic: Diagnostic {
        let (summary, remedy, exit) = words
        let answer = [httpStatus.map { "HTTP \($0)" }, requestID.map { "request \($0)" }].compactMap(\.self)
        return Diagnostic(
            kind.code, summary,
            detail: "\(operation): \(detail)" + (answer.isEmpty ? "" : " (\(answer.joined(separator: ", ")))"),
            remedy: remedy, exit: exit)
    }

    private var words: (summary: String, remedy: String?, exit: ExitCode) {
        switch kind {
        case .noCapacity:
            ("No capacity", "Name more zones or another instance_type in the spec, or try later.", .noCapacity)
        case .quota:
            ("A quota is reached", "Ask the provider for a higher quota, or remove what uses it.", .noCapacity)
        case .unauthenticated:
            ("The provider does not accept the credentials", "Check them with: spillway doctor", .error)
        case .forbidden:
            (
                "The credentials lack a permission",
                "Grant the permission named above; docs/providers.md lists all that are needed.", .error
            )
        case .notFound:
            ("The provider knows no such thing", nil, .error)
        case .invalid:
            ("The provider refuses the request", "Change the spec as the provider says.", .usage)
        case .busy:
            ("The resource is busy", "Run it again in a moment.", .error)
        case .rateLimited:
            ("The provider limits the rate of calls", "Run it again in a minute.", .error)
        case .unavailable:
            (
                "The provider cannot be reached",
                "Check the network and the provider's status page; then run it again.", .error
            )
        case .unknownOutcome:
            ("An answer was lost", "Run it again: it looks whether the call took effect before it asks anew.", .partial)
        case .spent:
            ("The attempt's token is used up", "Run it again: it takes the next one.", .partial)
        case .malformedAnswer:
            (
                "The answer is not what the API promises",
                "A proxy or a wrong API URL answers so; check SCW_API_URL or AWS_ENDPOINT_URL.", .error
            )
        case .cancelled:
            ("Stopped before it was asked", nil, .interrupted)
        }
    }
}

extension ProviderError.Kind {
    fileprivate var code: Diagnostic.Code {
        switch self {
        case .noCapacity: "provider.no-capacity"
        case .quota: "provider.quota"
        case .unauthenticated: "provider.unauthenticated"
        case .forbidden: "provider.forbidden"
        case .notFound: "provider.not-found"
        case .invalid: "provider.invalid"
        case .busy: "provider.busy"
        case .rateLimited: "provider.rate-limited"
        case .unavailable: "provider.unavailable"
        case .unknownOutcome: "provider.unknown-outcome"
        case .spent: "provider.spent"
        case .malformedAnswer: "provider.malformed-answer"
        case .cancelled: "provider.cancelled"
        }
    }
}

extension RemoteFailure {
    package var diagnostic: Diagnostic {
        let (code, summary, remedy): (Diagnostic.Code, String, String?) =
            switch kind {
            case .unreachable, .timeout:
                (
                    "ssh.unreachable", "The instance does not answer over SSH",
                    "Check that ssh.allow_from admits this machine, and look at the instance's console."
                )
            case .hostKeyMismatch:
                (
                    "ssh.host-key", "The host key is not the one that was pinned",
                    "Somebody may be in between. Nothing was sent. Destroy the burst and start anew."
                )
            case .unsupportedHostKey:
                (
                    "ssh.unsupported-key", "The host key is of a kind that is refused",
                    "Only ssh-ed25519 keys are accepted."
                )
            case .authentication:
                (
                    "ssh.authentication", "The instance refuses the key of this burst",
                    "Its cloud-init may have failed; look at the instance's console."
                )
            case .cutOff: ("ssh.cut-off", "The SSH connection was lost", "Run it again: it goes on where it stopped.")
            case .hostileArchive:
                (
                    "ship.hostile-archive", "The far side sent an archive that leaves its folder",
                    "Nothing was written outside the target. Do not trust this instance."
                )
            case .tooLarge: ("ship.too-large", "More came back than max_size allows", "Raise max_size of the output.")
            case .source:
                (
                    "ship.source", "A file could not be sent as it was listed",
                    "Run the command again once nothing writes to it, or keep it out with .spillwayignore."
                )
            case .localIO:
                (
                    "ship.local-io", "A file here could not be read or written",
                    "Make room or mend permissions, then go on with: spillway wait"
                )
            case .remoteIO: ("ship.remote-io", "A file on the instance could not be read or written", nil)
            case .cancelled: ("ssh.cancelled", "Stopped", nil)
            case .other: ("ssh.other", "SSH failed", nil)
            }
        return Diagnostic(
            code, summary, detail: detail, remedy: remedy, exit: kind == .cancelled ? .interrupted : .error)
    }
}
