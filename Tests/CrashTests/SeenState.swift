import Foundation
import TestSupport

/// What `state show --json` says, as far as it is compared with the cloud.
struct SeenState: Decodable, Sendable {
    struct Entry: Decodable, Sendable {
        struct Resource: Decodable, Sendable {
            struct ID: Decodable, Sendable {
                var id: String
            }
            var id: ID
        }
        var resource: Resource
        var gone_at: String?
    }

    struct Open: Decodable, Sendable {
        struct Intent: Decodable, Sendable {
            struct Tags: Decodable, Sendable {
                var attempt: String
                var node: Int?
            }
            var operation: String
            var tags: Tags?
        }
        var intent: Intent
    }

    var resources: [Entry] = []
    var open: [Open] = []

    init() {}

    /// Whether it names the resource, or has an open intent that made it.
    func speaks(of resource: SimulatedInventory.Resource) -> Bool {
        if resources.contains(where: { $0.resource.id.id == resource.id }) { return true }
        if let machine = resource.of, resource.kind == "volume" {
            return resources.contains { $0.resource.id.id == machine } || opened("server", resource)
        }
        return opened(resource.kind, resource)
    }

    private func opened(_ kind: String, _ resource: SimulatedInventory.Resource) -> Bool {
        open.contains { item in
            guard item.intent.operation.hasPrefix("create_\(kind)"), let tags = item.intent.tags else { return false }
            return resource.tags.isEmpty || tags.attempt == resource.tag("attempt")
        }
    }

    /// What it believes to be gone for good.
    var gone: Set<String> { Set(resources.filter { $0.gone_at != nil }.map(\.resource.id.id)) }
}

extension SimulatedInventory.Resource {
    /// The value of one of our tags, however the cloud writes pairs.
    func tag(_ key: String) -> String? { tags.tag(key) }

    /// What a tag query of the owner needs to find it and to know what it is.
    var isTagged: Bool {
        ["owner", "state", "burst", "run", "attempt", "expires"].allSatisfy { tag($0) != nil }
    }
}

extension [String] {
    func tag(_ key: String) -> String? {
        let prefix = "spillway:\(key)="
        return first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}
