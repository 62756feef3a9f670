package import Foundation
package import Testing

/// A text that a test pins, kept in a file beside the tests or in `docs/`.
package enum Golden {
    /// Compares `text` with the file at `path`, relative to the package. `UPDATE_GOLDEN=1` writes it, and still fails:
    /// an update is a change to look at, not a pass.
    package static func expect(
        _ text: String, at path: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let url = packageRoot.appending(path: path)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(text.utf8).write(to: url)
            Issue.record(
                "wrote \(path): look at the change, then run without UPDATE_GOLDEN", sourceLocation: sourceLocation)
            return
        }
        let known = try? String(contentsOf: url, encoding: .utf8)
        guard known != text else { return }
        Issue.record(
            "\(path) is stale (UPDATE_GOLDEN=1 rewrites it): \(firstDifference(known ?? "", text))",
            sourceLocation: sourceLocation)
    }

    /// The root of the package, from where this file lies.
    package static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func firstDifference(_ known: String, _ text: String) -> String {
        let (old, new) = (known.components(separatedBy: "\n"), text.components(separatedBy: "\n"))
        let index =
            zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
        let line = { (lines: [String]) in index < lines.count ? "\"\(lines[index])\"" : "nothing" }
        return "line \(index + 1) is \(line(old)) there and \(line(new)) now"
    }
}
