import ArgumentParser
import SpillwayCore

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Says which Spillway this is.")

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let output = Output(json: global.json, noColor: global.noColor, quiet: global.quiet)
        output.result(global.json ? "{\"version\":\"\(ToolVersion.current)\"}" : "spillway \(ToolVersion.current)")
    }
}
