/// The tags of product.md §6, carried by every resource that can carry any; how anything is found again.
package struct ResourceTags: Hashable, Sendable, Codable {
    package var owner: String
    package var stateID: String
    package var burst: String
    package var run: String
    package var attempt: String
    /// nil for what all nodes of a burst share.
    package var node: Int?
    package var expires: Timestamp

    package init(
        owner: String, stateID: String, burst: String, run: String, attempt: String, node: Int?, expires: Timestamp
    ) {
        self.owner = owner
        self.stateID = stateID
        self.burst = burst
        self.run = run
        self.attempt = attempt
        self.node = node
        self.expires = expires
    }

    package enum Key: String, CaseIterable, Sendable {
        case owner = "spillway:owner"
        case state = "spillway:state"
        case burst = "spillway:burst"
        case run = "spillway:run"
        case attempt = "spillway:attempt"
        case node = "spillway:node"
        case expires = "spillway:expires"
    }

    /// In the order of ``Key``, so that the same tags are always written the same way.
    package var pairs: [(key: String, value: String)] {
        var pairs = [
            (Key.owner.rawValue, owner), (Key.state.rawValue, stateID), (Key.burst.rawValue, burst),
            (Key.run.rawValue, run), (Key.attempt.rawValue, attempt),
        ]
        if let node { pairs.append((Key.node.rawValue, String(node))) }
        pairs.append((Key.expires.rawValue, expires.description))
        return pairs
    }

    /// nil unless every tag but `node` is there and well-formed: what is not wholly ours is not ours.
    package init?(_ tags: [String: String]) {
        guard let owner = tags[Key.owner.rawValue], let stateID = tags[Key.state.rawValue],
            let burst = tags[Key.burst.rawValue], let run = tags[Key.run.rawValue],
            let attempt = tags[Key.attempt.rawValue],
            let expires = tags[Key.expires.rawValue].flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        if let text = tags[Key.node.rawValue] {
            guard let node = Int(text), node >= 0 else { return nil }
            self.node = node
        } else {
            node = nil
        }
        (self.owner, self.stateID, self.burst, self.run) = (owner, stateID, burst, run)
        (self.attempt, self.expires) = (attempt, expires)
    }
}
