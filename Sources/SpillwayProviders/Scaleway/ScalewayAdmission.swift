internal import SpillwayCore

/// Who a security group admits, kept in its description so that a listing tells without a request per group.
///
/// The rules are replaced before the description is: after a crash in between the description is the old one (or
/// missing), and the admission is set again.
enum ScalewayAdmission {
    private static let prefix = "spillway:admits="

    static func describe(_ admission: SSHAdmission) -> String {
        prefix + ([String(admission.port)] + admission.cidrs).joined(separator: ";")
    }

    static func read(_ description: String?) -> SSHAdmission? {
        guard let description, description.hasPrefix(prefix) else { return nil }
        let parts = description.dropFirst(prefix.count).split(separator: ";")
        guard let port = parts.first.flatMap({ Int($0) }), (1...65535).contains(port) else { return nil }
        return SSHAdmission(cidrs: parts.dropFirst().map(String.init), port: port)
    }
}
