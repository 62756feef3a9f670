internal import SpillwayCore

/// Which names may become file names: no path, no dot at the front, nothing that two rules could both read.
enum StateNames {
    static let burstRule = "[a-z][a-z0-9-]{0,39}, or is \"\(reserved)\", which is reserved"
    static let reserved = Spec.reservedName
    static let runRule = "[A-Za-z0-9][A-Za-z0-9-]{0,79}"

    static func isBurst(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, isLower(first), name.utf8.count <= 40, name != reserved else { return false }
        return name.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    static func isRun(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), name.utf8.count <= 80 else { return false }
        return name.utf8.allSatisfy {
            isLower($0 | 0x20) && $0 >= 65 || isDigit($0) || $0 == UInt8(ascii: "-")
        }
    }

    private static func isLower(_ byte: UInt8) -> Bool { byte >= 97 && byte <= 122 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
