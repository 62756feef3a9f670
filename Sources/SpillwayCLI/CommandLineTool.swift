import ArgumentParser
import CMalloc
import Glibc
import SpillwayCore

/// What `main` does: parse, run one verb, show what went wrong, exit with the code of product.md §3.
package enum CommandLineTool {
    package static func main() async -> Never {
        economise()
        let arguments = Array(CommandLine.arguments.dropFirst())
        exit(await run(arguments))
    }

    /// glibc keeps a heap a thread and holds on to what was freed: speed for programs that allocate all day. This one
    /// has megabytes to spare on no machine, and waits for a cloud. Before the first thread.
    private static func economise() {
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, 32 << 10)
        mallopt(M_TRIM_THRESHOLD, 64 << 10)
        mallopt(M_TOP_PAD, 16 << 10)
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
