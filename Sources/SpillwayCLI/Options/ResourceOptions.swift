import ArgumentParser
import SpillwayCore
import SpillwayTransport

/// What a machine must have, in place of what the spec says or without any spec: `--cpus 8..`.
struct ResourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Instead of that of the spec; again for several.", valueName: "name"))
    var provider: [String] = []

    @Option(help: ArgumentHelp("Only in this zone; again for several.", valueName: "zone"))
    var zone: [String] = []

    @Option(help: ArgumentHelp("The provider's name of a machine.", valueName: "name"))
    var instanceType: String?

    @Option(help: ArgumentHelp("How many CPUs: 8, 8.. or 8..16.", valueName: "range"))
    var cpus: String?

    @Option(help: ArgumentHelp("How much memory: 32GB, 32GB.. or 32GB..64GB.", valueName: "range"))
    var memory: String?

    @Option(help: ArgumentHelp("Which GPU and how many: L4:1, or 1 of any kind.", valueName: "gpu"))
    var gpu: String?

    @Option(help: ArgumentHelp("x86_64 or arm64.", valueName: "arch"))
    var arch: String?

    @Option(help: ArgumentHelp("The size of the root volume: 80GB.", valueName: "size"))
    var disk: String?

    @Option(help: ArgumentHelp("true, false or prefer: machines that the provider can take back.", valueName: "when"))
    var spot: String?

    @Option(help: ArgumentHelp("How many machines.", valueName: "n"))
    var nodes: Int?

    @Option(name: .customLong("for"), help: ArgumentHelp("For how long at the most: 3h.", valueName: "span"))
    var duration: String?

    /// The document of a spec with these in the place of its own; without a spec one that asks for any machine.
    func applied(to document: DocumentNode?) -> DocumentNode {
        var spec = Fields(document)
        if document == nil {
            spec.set("name", .text("offers"))
            spec.set("provider", .texts(["scaleway", "aws"]))
            spec.set("budget", .mapping([("max_cost", .text("1000000 EUR")), ("max_duration", .text("1h"))]))
        }
        if !provider.isEmpty { spec.set("provider", .texts(provider)) }
        if !zone.isEmpty { spec.set("zone", .texts(zone)) }
        if let nodes { spec.set("nodes", .text(String(nodes))) }
        if let duration {
            var budget = Fields(spec["budget"])
            budget.set("max_duration", .text(duration))
            spec.set("budget", budget.node)
            // It has to fit into another duration.
            spec.remove("timeout")
        }
        var resources = Fields(spec["resources"])
        let requirements = [("cpus", cpus), ("memory", memory), ("gpu", gpu)]
        if requirements.contains(where: { $0.1 != nil }) { resources.remove("instance_type") }
        if instanceType != nil { for (key, _) in requirements { resources.remove(key) } }
        let all = requirements + [("instance_type", instanceType), ("arch", arch), ("disk", disk), ("spot", spot)]
        for case (let key, let value?) in all { resources.set(key, .text(value)) }
        if ["cpus", "memory", "gpu", "instance_type"].allSatisfy({ resources[$0] == nil }) {
            resources.set("cpus", .text("1.."))
        }
        spec.set("resources", resources.node)
        return spec.node
    }

    /// Stands for a place in a file.
    static let place = SourceLocation(file: "command line", line: 1, column: 1)

    /// What is wrong with an option names the option by its key alone.
    static func placeless(_ problems: Diagnostics) -> Diagnostics {
        Diagnostics(
            problems.all.map { problem in
                var problem = problem
                if problem.source == place { problem.source = nil }
                return problem
            })
    }
}

/// A mapping whose values are replaced by key.
private struct Fields {
    private var entries: [DocumentNode.Entry] = []
    private var location = ResourceOptions.place

    init(_ node: DocumentNode?) {
        guard case .mapping(let entries, let location)? = node else { return }
        (self.entries, self.location) = (entries, location)
    }

    var node: DocumentNode { .mapping(entries, location) }

    subscript(_ key: String) -> DocumentNode? { entries.first { $0.key == key }?.value }

    mutating func remove(_ key: String) { entries.removeAll { $0.key == key } }

    mutating func set(_ key: String, _ value: DocumentNode) {
        remove(key)
        entries.append(.init(key: key, keyLocation: ResourceOptions.place, value: value))
    }
}

extension DocumentNode {
    fileprivate static func text(_ text: String) -> DocumentNode { .scalar(text, quoted: false, ResourceOptions.place) }

    fileprivate static func texts(_ texts: [String]) -> DocumentNode {
        .sequence(texts.map { .text($0) }, ResourceOptions.place)
    }

    fileprivate static func mapping(_ fields: [(String, DocumentNode)]) -> DocumentNode {
        .mapping(
            fields.map { .init(key: $0.0, keyLocation: ResourceOptions.place, value: $0.1) }, ResourceOptions.place)
    }
}
