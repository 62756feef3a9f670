import Testing

/// The walls between the targets, which the package manager does not enforce. The table is in ``Rules``.
@Suite struct LayeringTests {
    static let rules: [String: @Sendable (SwiftSource) -> [String]] = [
        "imports": Rules.strangeImports, "cloud names": Rules.cloudNames, "output": Rules.output,
        "crashes": Rules.crashes, "detached tasks": Rules.detachedTasks, "unsafety": Rules.unsafety,
        "unfinished work": Rules.unfinished, "public": Rules.publicDeclarations, "empty names": Rules.emptyNames,
    ]

    @Test(arguments: rules.keys.sorted())
    func `no file breaks the rule on`(rule: String) throws {
        let check = try #require(Self.rules[rule])
        let broken = try SwiftSource.tree().flatMap(check)
        #expect(broken.isEmpty, "\(broken.count) lines break the rule on \(rule):\n\(broken.joined(separator: "\n"))")
    }

    @Test func `the rules read the whole of the sources`() throws {
        let targets = Set(try SwiftSource.tree().map(\.target))
        #expect(targets == Set(Rules.imports.keys))
    }

    @Test(arguments: [
        ("imports", "Sources/SpillwayCore/A.swift", "import Foundation"),
        ("imports", "Sources/SpillwayCore/A.swift", "internal import Glibc"),
        ("imports", "Sources/SpillwayCore/A.swift", "@preconcurrency package import SpillwayTransport"),
        ("imports", "Sources/SpillwayCore/A.swift", "import struct FoundationNetworking.URLRequest"),
        ("imports", "Sources/SpillwayEngine/A.swift", "private import SpillwayProviders"),
        ("imports", "Sources/SpillwayProviders/A.swift", "import CCurl"),
        ("imports", "Sources/SpillwayCLI/A.swift", "import CSSH2"),
        ("imports", "Sources/CloudSim/A.swift", "import SpillwayCore"),
        ("imports", "Sources/Other/A.swift", "import Glibc"),
        ("cloud names", "Sources/SpillwayEngine/A.swift", "if provider == \"scaleway\" {}"),
        ("cloud names", "Sources/SpillwayEngine/A.swift", "let awsRegion = 1"),
        ("cloud names", "Sources/SpillwayEngine/A.swift", "case isEC2"),
        ("cloud names", "Sources/SpillwayEngine/A.swift", "let ec2Zone = 1"),
        ("cloud names", "Sources/SpillwayCore/Planning/A.swift", "func planScaleway() {}"),
        ("output", "Sources/SpillwayCLI/Commands/A.swift", "print(1)"),
        ("output", "Sources/SpillwayCLI/Commands/A.swift", "    fputs(text, stdout)"),
        ("output", "Sources/SpillwayEngine/A.swift", "FileHandle.standardOutput.write(x)"),
        ("crashes", "Sources/CloudSim/A.swift", "let a = try! b()"),
        ("crashes", "Sources/SpillwayCLI/Views/A.swift", "let a = b as! C"),
        ("crashes", "Sources/SpillwayCLI/Views/A.swift", "let a = \"\\(b as! C)\""),
        ("detached tasks", "Sources/CloudSim/A.swift", "Task.detached { }"),
        ("unsafety", "Sources/SpillwayEngine/A.swift", "// SAFETY: none\nfinal class A: @unchecked Sendable {}"),
        ("unsafety", "Sources/SpillwayTransport/A.swift", "final class A: @unchecked Sendable {}"),
        ("unsafety", "Sources/SpillwayTransport/A.swift", "// SAFETY: far\n\n\n\nnonisolated(unsafe) var a = 1"),
        ("unfinished work", "Sources/SpillwayCore/A.swift", "// TODO: later"),
        ("public", "Sources/SpillwayCore/A.swift", "public struct A {}"),
        ("public", "Sources/SpillwayCore/A.swift", "    @inlinable public func a() {}"),
        ("empty names", "Sources/SpillwayCore/A.swift", "package struct StateManager {}"),
    ])
    func `a rule sees what breaks it`(rule: String, path: String, text: String) throws {
        let check = try #require(Self.rules[rule])
        #expect(check(SwiftSource(path: path, text: "// first\n" + text)).count == 1)
    }

    @Test(arguments: [
        ("imports", "Sources/SpillwayCore/A.swift", "package import FoundationEssentials\nimport Synchronization"),
        ("imports", "Sources/SpillwayCore/A.swift", "/* \nimport Glibc /* */ \n*/ // import Glibc"),
        ("imports", "Sources/SpillwayCore/A.swift", "let a = \"\"\"\nimport Glibc\n\"\"\""),
        ("cloud names", "Sources/SpillwayEngine/A.swift", "// As Scaleway does.\nlet laws = drawsAWall"),
        ("cloud names", "Sources/SpillwayEngine/A.swift", "let metadata = \"fd00:ec2::254\""),
        ("cloud names", "Sources/SpillwayProviders/Scaleway/A.swift", "struct Scaleway {}"),
        ("output", "Sources/SpillwayCLI/Views/A.swift", "print(1)"),
        ("output", "Sources/spillway/main.swift", "print(1)"),
        ("output", "Sources/SpillwayEngine/A.swift", "let a = \"print(1) // x\"; fingerprint(a); b.print(c)"),
        ("crashes", "Sources/SpillwayCore/A.swift", "let a = #\"try! \"as!\" \"#; try? b(); a as? C; alias != b"),
        (
            "unsafety", "Sources/SpillwayTransport/A.swift",
            "// SAFETY: one thread\n// alone.\nfinal class A: @unchecked Sendable {}"
        ),
        ("public", "Sources/SpillwayCore/A.swift", "let a = \"public \" // public"),
        ("empty names", "Sources/SpillwayCore/A.swift", "struct Basement {}\nlet managerCount = 1"),
    ])
    func `a rule leaves in peace what keeps it`(rule: String, path: String, text: String) throws {
        let check = try #require(Self.rules[rule])
        #expect(check(SwiftSource(path: path, text: text)) == [])
    }
}
