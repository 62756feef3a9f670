import FoundationEssentials
import Glibc
import SpillwayCore

/// The only place that writes to stdout and stderr.
struct Output: Sendable {
    let json: Bool
    let noColor: Bool
    let quiet: Bool

    func result(_ text: String) { print(text) }

    func show(_ diagnostic: Diagnostic) {
        let text = Array("\(diagnostic.severity.rawValue): \(diagnostic.summary)\n\(diagnostic.detail)\n".utf8)
        _ = write(2, text, text.count)
    }
}

enum Escaping {
    static func terminal(_ text: String) -> String { text }
}

extension Output {
    func show(_ event: Event) {
        let text = Array("\(event)\n".utf8)
        _ = write(2, text, text.count)
    }
}
