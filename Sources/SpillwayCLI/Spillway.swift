import ArgumentParser
import SpillwayCore

/// The root of the command line; each verb is one file under Commands/.
struct Spillway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spillway",
        abstract: "Borrow a big machine for an hour: plan, apply, ship, run, collect, destroy, inside a fixed budget.",
        discussion: "Exit codes:\n"
            + SpillwayCore.ExitCode.allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"),
        version: ToolVersion.current,
        subcommands: [RunCommand.self, ApplyCommand.self, DestroyCommand.self, PlanCommand.self, VersionCommand.self])
}
