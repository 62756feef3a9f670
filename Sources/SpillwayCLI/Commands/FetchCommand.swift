import ArgumentParser
import FoundationEssentials
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Brings the outputs home as they are now; the run goes on.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var burst: BurstOptions

    @Option(help: ArgumentHelp("Where to, instead of the spec's folder.", valueName: "dir"))
    var to: String?

    func run() async throws {
        let invocation = Invocation(global)
        let output = invocation.output
        let known = try burst.find(invocation)
        var run = try known.run()
        if let to {
            try FileManager.default.createDirectory(atPath: to, withIntermediateDirectories: true)
            run.source.folder = absolute(to)
        }
        let nodes = try LiveNodes(known)
        let outputs = run.source.spec.outputs
        var lost: [String] = []
        var received = Transferred()
        for node in 0..<run.nodes {
            let link = try nodes.link(node)
            let got = try await OutputFetching(run: run, node: node, link: link, sleep: invocation.ambient.sleep)
                .fetch { output.show(.transfer(.down, $0, of: $1)) }
            received.files += got.received.files
            received.bytes += got.received.bytes
            lost += got.lost.map(\.description)
            await link.close()
        }
        guard lost.isEmpty else {
            throw Diagnostic(
                "job.outputs-missing", "Outputs are missing", detail: lost.joined(separator: "\n"),
                remedy: "The job may not have written them yet.", exit: .outputsMissing)
        }
        if output.json {
            try output.result(received)
        } else {
            output.result(
                "\(Amounts.files(received.files)), \(Amounts.bytes(received.bytes)) of \(outputs.count) outputs are in \(run.source.folder)."
            )
        }
    }
}
