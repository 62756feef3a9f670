import Foundation
import Testing

/// `docs/errors.md` lists the codes that the sources give, no fewer and no more.
@Suite struct ErrorCodesTests {
    @Test func `every code of the sources is in the list of errors`() throws {
        let missing = try given().subtracting(documented())
        #expect(missing.isEmpty, "add to docs/errors.md: \(missing.sorted().joined(separator: ", "))")
    }

    @Test func `every code in the list of errors is given somewhere`() throws {
        let stale = try documented().subtracting(given())
        #expect(stale.isEmpty, "remove from docs/errors.md: \(stale.sorted().joined(separator: ", "))")
    }

    /// What stands where a code stands, and every literal of the same families: codes also come out of `switch`es.
    private func given() throws -> Set<String> {
        let texts = try SwiftSource.tree().filter {
            $0.target.hasPrefix("Spillway") && !$0.path.contains("/Templates/")
        }
        .map { $0.uncommented.joined(separator: "\n") }
        let direct = Set(
            texts.flatMap { $0.matches(of: /Diagnostic\(\s*"([a-z]+(?:\.[a-z][a-z0-9-]*)?)"/).map { String($0.1) } })
        #expect(direct.count > 50, "the pattern does not find the codes any more")
        let families = Set(direct.filter { $0.contains(".") }.compactMap { $0.split(separator: ".").first })
            .union(["provider", "ship"])
        let alike = texts.flatMap { $0.matches(of: /"([a-z]+)\.([a-z][a-z0-9-]*)"/) }
            .filter { families.contains($0.1) }.map { "\($0.1).\($0.2)" }
        return direct.union(alike)
    }

    /// The first column of its tables.
    private func documented() throws -> Set<String> {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/errors.md")
        let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| `") }
        return Set(
            rows.flatMap { row in
                row.split(separator: "|").first.map { $0.matches(of: /`([a-z0-9.-]+)`/).map { String($0.1) } } ?? []
            })
    }
}
