/// Whether machines can be powered on here, and if not, why and what to do.
enum SandboxVerdict: Sendable, Equatable {
    case possible
    case refused(String)
}
