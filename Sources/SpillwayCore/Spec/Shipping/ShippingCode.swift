/// Every reason not to ship, with the fixed words for it; `docs/errors.md` lists them from here.
package enum ShippingCode: String, CaseIterable, Sendable {
    case missingFile = "ship.missing-file"
    case neverShipped = "ship.never-shipped"
    case link = "ship.link"
    case specialFile = "ship.special-file"
    case credential = "ship.credential"
    case linkOutside = "ship.link-outside"
    case collision = "ship.collision"
    case unreadable = "ship.unreadable"

    package var code: Diagnostic.Code { Diagnostic.Code(rawValue) }

    package var summary: String {
        switch self {
        case .missingFile: "File to ship does not exist"
        case .neverShipped: "Folder that is never shipped"
        case .link: "Entry is a symbolic link"
        case .specialFile: "Entry is neither a file nor a folder"
        case .credential: "File that looks like a credential"
        case .linkOutside: "Link that leaves the spec's folder"
        case .collision: "Two files land in one place"
        case .unreadable: "File or folder cannot be read"
        }
    }
}
