import ArgumentParser
import Glibc
import SpillwayCore

/// What `main` does: parse, run one verb, show what went wrong, exit with the code of product.md §3.
package enum CommandLineTool {
    /// The main thread only waits: an asynchronous `main` ends it, and unwinding a thread reads half a megabyte of tables.
    package static func main() -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        Task { exit(await run(arguments)) }
        while true { pause() }
    }

    static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try Spillway.parseAsRoot(arguments)
            if var verb = command as? any AsyncParsableCommand {
                try await verb.run()
            } else {
                try command.run()
            }
            return SpillwayCore.ExitCode.done.rawValue
        } catch let finished as Finished {
            return finished.code.rawValue
        } catch let job as JobExit {
            return job.status
        } catch {
            return report(error, arguments).rawValue
        }
    }

    private static func report(_ error: any Error, _ arguments: [String]) -> SpillwayCore.ExitCode {
        let output = Output(json: arguments.contains("--json"), noColor: arguments.contains("--no-color"), quiet: false)
        switch error {
        case let diagnostic as Diagnostic:
            output.show(told([diagnostic])[0])
            return diagnostic.exit
        case let several as Diagnostics:
            for diagnostic in told(several.all) { output.show(diagnostic) }
            return .gravest(several.all.filter { $0.severity == .error }.map(\.exit))
        case let error as ProviderError:
            // What changes a cloud tells its errors itself, with what exists: this one came from looking.
            let diagnostic = told([error.diagnostic])[0]
            output.show(diagnostic)
            return diagnostic.exit
        case let failure as RemoteFailure:
            let diagnostic = failure.diagnostic
            output.show(diagnostic)
            return diagnostic.exit
        case is CancellationError:
            return .interrupted
        default:
            return parsing(error, output, arguments)
        }
    }

    /// With the last error saying that nothing was changed, unless one says what exists.
    private static func told(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var told = diagnostics
        guard let last = told.lastIndex(where: { $0.severity == .error }), told.allSatisfy({ $0.exists == nil }) else {
            return told
        }
        told[last].exists = "Nothing was changed."
        return told
    }

    /// Help, `--version` and wrong arguments, in ArgumentParser's own words.
    private static func parsing(_ error: any Error, _ output: Output, _ arguments: [String]) -> SpillwayCore.ExitCode {
        let code = Spillway.exitCode(for: error)
        guard code != .success else {
            output.result(Spillway.fullMessage(for: error))
            return .done
        }
        output.show(
            Diagnostic(
                "usage", "Wrong arguments", detail: Spillway.message(for: error),
                remedy: "See the help of the command.", command: "spillway help", exists: "Nothing was created.",
                exit: .usage))
        return .usage
    }
}

/// A verb that has shown all there is to show and ends with another code than 0.
struct Finished: Error {
    var code: SpillwayCore.ExitCode
}
