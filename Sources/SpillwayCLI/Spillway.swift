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
        subcommands: [
            InitCommand.self, CheckCommand.self, OffersCommand.self, PricesCommand.self, PlanCommand.self,
            ApplyCommand.self,
            RunCommand.self, WaitCommand.self,
            StatusCommand.self,
            LogsCommand.self, SSHCommand.self, FetchCommand.self, DestroyCommand.self, SweepCommand.self,
            AdoptCommand.self, RehearseCommand.self,
            StateCommand.self, DoctorCommand.self, VersionCommand.self,
        ])
}
