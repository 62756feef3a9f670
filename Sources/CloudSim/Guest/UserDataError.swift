/// User data that the simulated guest cannot apply: the boot fails loudly rather than differing silently from a real one.
struct UserDataError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    static func unsupported(_ key: String) -> UserDataError {
        UserDataError("cloudsim does not support the cloud-config key '\(key)'")
    }
}
