import ArgumentParser
import Glibc
import SpillwayCore
import SpillwayEngine
import SpillwayTransport

struct OffersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "offers",
        abstract: "Machines that fit, cheapest first by the worst case of this burst, not by the hourly price.",
        discussion: "Of the spec, or of what the options say. With credentials prices and stock are those of now; "
            + "without, and with --offline, those of the dated catalogue.")

    @OptionGroup var global: GlobalOptions

    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: ArgumentHelp("The spec (default: spillway.yaml, where there is one).", valueName: "spec"))
    var file: String?

    @OptionGroup(title: "What is asked for, instead of what the spec says") var resources: ResourceOptions

    @Flag(help: "From the dated catalogue alone: no network, no credentials.")
    var offline = false

    @Flag(help: "All of them, not only the first 20 of each provider.")
    var all = false

    func run() async throws {
        let invocation = Invocation(global)
        let spec = try spec(invocation)
        let finder = OfferFinder(invocation: invocation, spec: spec, stateDir: invocation.stateDir(), offline: offline)
        let found: [ProviderOffers]
        do {
            found = try await finder.find()
        } catch let problems as Diagnostics {
            throw ResourceOptions.placeless(problems)
        }
        if invocation.output.json { return try invocation.output.result(OffersDocument(found, spec: spec)) }
        for note in found.flatMap(\.notes) { invocation.output.show(.note(note)) }
        invocation.output.result(OffersView(found: found, spec: spec, limit: all ? nil : 20).text)
    }

    private func spec(_ invocation: Invocation) throws -> Spec {
        let path = file ?? (access("spillway.yaml", F_OK) == 0 ? "spillway.yaml" : nil)
        let document = resources.applied(to: try path.map(SpecFile.document))
        let (spec, problems) = SpecDecoder.decode(document, options: try invocation.decoding(allowOutside: true))
        guard let spec else { throw ResourceOptions.placeless(Diagnostics(problems)) }
        return spec
    }
}
