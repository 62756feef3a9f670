internal import SpillwayCore

/// Spillway's tags as EC2 keeps them, and what a launch of several needs besides.
///
/// The instances of one launch are born with the same tags: `spillway:nodes` lists their nodes in the order of their
/// launch index ("0-19", "3,5,7-9"), and `spillway:node` is derived. `spillway:disk` is the size of their root in GB,
/// which their listing does not tell. A group is of a region: `spillway:zone` says which zone it serves.
enum AWSTags {
    static let nodes = "spillway:nodes"
    static let disk = "spillway:disk"
    static let zone = "spillway:zone"
    static let name = "Name"
    /// Of a tag's value.
    static let longest = 256

    static func pairs(_ tags: ResourceTags, nodes: [Int] = [], name: String) -> [(String, String)] {
        var tags = tags
        if nodes.count == 1 { tags.node = nodes[0] }
        var pairs = tags.pairs.map { ($0.key, $0.value) }
        if nodes.count > 1 { pairs.append((Self.nodes, text(nodes))) }
        return pairs + [(Self.name, name)]
    }

    static func specify(
        _ kinds: [String], _ pairs: [(String, String)], in query: inout AWSQuery
    ) {
        for (index, kind) in kinds.enumerated() {
            query["TagSpecification.\(index + 1).ResourceType"] = kind
            for (number, pair) in pairs.enumerated() {
                query["TagSpecification.\(index + 1).Tag.\(number + 1).Key"] = pair.0
                query["TagSpecification.\(index + 1).Tag.\(number + 1).Value"] = pair.1
            }
        }
    }

    static func raw(_ tagSet: XMLElement?) -> [String: String] {
        Dictionary(
            (tagSet?.all("item") ?? []).map { ($0["key"]?.text ?? "", $0["value"]?.text ?? "") },
            uniquingKeysWith: { first, _ in first })
    }

    /// nil for what is not wholly ours. `index` is an instance's place in its launch.
    static func decode(_ raw: [String: String], index: Int? = nil) -> ResourceTags? {
        guard var tags = ResourceTags(raw) else { return nil }
        if tags.node == nil, let index, let nodes = raw[nodes].flatMap(Self.nodes(in:)), nodes.indices.contains(index) {
            tags.node = nodes[index]
        }
        return tags
    }

    /// Runs of neighbours as "first-last".
    static func text(_ nodes: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for node in nodes {
            if let last = runs.last, node == last.upperBound + 1 {
                runs[runs.count - 1] = last.lowerBound...node
            } else {
                runs.append(node...node)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

    /// nil for what ``text(_:)`` never wrote.
    static func nodes(in text: String) -> [Int]? {
        var nodes: [Int] = []
        for run in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = run.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 0,
                first <= last, last - first < 100_000
            else { return nil }
            nodes += first...last
        }
        return nodes
    }

    /// What narrows a listing at the far side.
    static func filters(_ scope: TagScope) -> [(name: String, values: [String])] {
        let owner = ResourceTags.Key.owner.rawValue
        let burst = ResourceTags.Key.burst.rawValue
        return switch scope {
        case .owner(let id): [("tag:\(owner)", [escaped(id)])]
        case .burst(let id, let name): [("tag:\(owner)", [escaped(id)]), ("tag:\(burst)", [escaped(name)])]
        }
    }

    /// One tag that everything of `scope` has, as ``DescribeTags`` is asked for it.
    static func filter(ofTags scope: TagScope) -> [(name: String, values: [String])] {
        switch scope {
        case .owner(let id): [("key", [ResourceTags.Key.owner.rawValue]), ("value", [escaped(id)])]
        case .burst(_, let name): [("key", [ResourceTags.Key.burst.rawValue]), ("value", [escaped(name)])]
        }
    }

    /// In a filter's value `*`, `?` and `\` mean something.
    private static func escaped(_ value: String) -> String {
        value.map { "*?\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
