import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import SpillwayCLI

/// `docs/manual/` is what `--help` says, one file a command.
@Suite struct ManualTests {
    @Test func `the manual says what help says`() throws {
        for page in Self.pages { try Golden.expect(page.text, at: "docs/manual/\(page.file)") }
    }

    @Test func `the manual has no page of a command that is gone`() throws {
        let folder = Golden.packageRoot.appending(path: "docs/manual")
        let there = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(there).subtracting(Self.pages.map(\.file)).isEmpty)
    }

    private struct Page {
        var file: String
        var text: String
    }

    private static var pages: [Page] {
        let commands = Spillway.configuration.subcommands
        let index = commands.map { command in
            let verb = name(of: command)
            return "| [`\(verb)`](\(verb).md) | \(command.configuration.abstract) |"
        }
        let front = """
            # Commands

            Written from `--help`; a test keeps it fresh. The result goes to stdout, progress and errors to stderr.

            | command | does |
            |---|---|
            \(index.joined(separator: "\n"))

            ```
            \(help(Spillway.self))
            ```

            """
        return [Page(file: "README.md", text: front)]
            + commands.map { Page(file: "\(name(of: $0)).md", text: page($0)) }
    }

    private static func page(_ command: any ParsableCommand.Type) -> String {
        let verb = "spillway \(name(of: command))"
        let own = "# \(verb)\n\n```\n\(help(command))\n```\n"
        return command.configuration.subcommands.reduce(own) { text, sub in
            text + "\n## \(verb) \(name(of: sub))\n\n```\n\(help(sub))\n```\n"
        }
    }

    private static func help(_ command: any ParsableCommand.Type) -> String {
        Spillway.helpMessage(for: command, columns: 100).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)"
    }
}
