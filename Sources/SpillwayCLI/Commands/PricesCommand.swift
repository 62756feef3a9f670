import ArgumentParser
import SpillwayCore
import SpillwayEngine
import SpillwayProviders

struct PricesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices", abstract: "Which prices are known without asking a cloud, and fetching more of them.",
        subcommands: [Update.self, List.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "The regions whose prices are known, with their day and source.")

        @OptionGroup var global: GlobalOptions

        private struct Entry: Encodable {
            var provider: String
            var region: String
            var types: Int
            var source: PriceSource
        }

        func run() async throws {
            let invocation = Invocation(global)
            let aws = PriceStore(environment: invocation.environment).catalogue
            var entries: [Entry] = []
            for zone in Cloud.rules(of: .scaleway).catalogue().zones {
                guard let source = zone.types.first?.rate.source else { continue }
                entries.append(
                    Entry(provider: "scaleway", region: zone.name, types: zone.types.count, source: source))
            }
            for region in AWSRegions.names {
                guard let zone = aws.zones(of: region)?.first, let source = zone.types.first?.rate.source else {
                    continue
                }
                entries.append(Entry(provider: "aws", region: region, types: zone.types.count, source: source))
            }
            if global.json { return try invocation.output.result(["prices": entries]) }
            let table = TableView(
                columns: [
                    .init("PROVIDER"), .init("REGION"), .init("TYPES", right: true), .init("OF"), .init("SOURCE"),
                ],
                rows: entries.map { [$0.provider, $0.region, String($0.types), $0.source.date, $0.source.name] })
            invocation.output.result(table.lines().joined(separator: "\n"))
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update", abstract: "Fetches a region's prices from AWS's public price list.",
            discussion: "The list has some 480 MB a region and needs no credentials. It is read as it comes, in little "
                + "memory; what is kept has some 100 kB.")

        @OptionGroup var global: GlobalOptions

        @Option(help: ArgumentHelp("Of AWS; again for several (default: $AWS_REGION).", valueName: "region"))
        var region: [String] = []

        @Option(
            help: ArgumentHelp(
                "A price list file in JSON, or its address, in the place of AWS's; again for several, such as the one "
                    + "for traffic.", valueName: "url or file"))
        var from: [String] = []

        func run() async throws {
            let invocation = Invocation(global)
            let update = PriceUpdate(
                invocation: invocation, store: PriceStore(environment: invocation.environment), from: from)
            for region in try regions(invocation) {
                let done = try await update.run(region)
                if global.json {
                    try invocation.output.result(done)
                } else {
                    invocation.output.result(
                        "\(done.region): \(done.types) types, prices of \(done.date), kept in \(done.file)")
                }
            }
        }

        private func regions(_ invocation: Invocation) throws -> [String] {
            let named = ["AWS_REGION", "AWS_DEFAULT_REGION"].compactMap { invocation.environment[$0] }
                .first { !$0.isEmpty }
            let wanted = region.isEmpty ? [named].compactMap(\.self) : region
            guard !wanted.isEmpty else { throw ValidationError("Name a region: --region eu-west-3") }
            for region in wanted where !AWSRegions.names.contains(region) {
                let near = Suggestion.nearest(to: region, among: AWSRegions.names)
                throw Diagnostic(
                    "prices.unknown-region", "Unknown region", detail: "aws has no region \"\(region)\" that is known.",
                    remedy: near.map { "Did you mean \($0)?" }
                        ?? "Known are \(AWSRegions.names.joined(separator: ", ")).", exit: .usage)
            }
            return wanted
        }
    }
}
