/// Every kind of problem a spec can have, with the fixed words for it; `docs/errors.md` lists them from here.
package enum SpecCode: String, CaseIterable, Sendable {
    case unknownKey = "spec.unknown-key"
    case duplicateKey = "spec.duplicate-key"
    case missingKey = "spec.missing-key"
    case missingBudget = "spec.missing-budget"
    case wrongType = "spec.wrong-type"
    case wrongUnit = "spec.wrong-unit"
    case wrongValue = "spec.wrong-value"
    case unknownValue = "spec.unknown-value"
    case wrongName = "spec.wrong-name"
    case wrongRange = "spec.wrong-range"
    case wrongPath = "spec.wrong-path"
    case outsideFolder = "spec.outside-folder"
    case outsideHome = "spec.outside-home"
    case wrongAddress = "spec.wrong-address"
    case openToTheWorld = "spec.open-to-the-world"
    case duplicateValue = "spec.duplicate-value"
    case overlap = "spec.overlap"
    case contradiction = "spec.contradiction"
    case noRoom = "spec.no-room"
    case notYetAvailable = "spec.not-yet-available"

    package var code: Diagnostic.Code { Diagnostic.Code(rawValue) }

    package var summary: String {
        switch self {
        case .unknownKey: "Unknown key"
        case .duplicateKey: "Key written twice"
        case .missingKey: "Missing key"
        case .missingBudget: "A burst without a bound is refused"
        case .wrongType: "Wrong type of value"
        case .wrongUnit: "Missing or unknown unit"
        case .wrongValue: "Value not understood"
        case .unknownValue: "Unknown value"
        case .wrongName: "Not a valid name"
        case .wrongRange: "Value out of range"
        case .wrongPath: "Not a usable path"
        case .outsideFolder: "Path outside the spec's folder"
        case .outsideHome: "Path outside the instance's home"
        case .wrongAddress: "Not a network address"
        case .openToTheWorld: "SSH is open to the whole internet"
        case .duplicateValue: "Value written twice"
        case .overlap: "Paths overlap"
        case .contradiction: "Keys contradict each other"
        case .noRoom: "No room to collect and tear down"
        case .notYetAvailable: "Not yet available"
        }
    }
}
