/// Desired − observed: the ordered steps, what they cost at the worst, and when everything must be gone.
///
/// A value without clock or random id: the same inputs give the same bytes.
package struct Plan: Sendable, Hashable, Codable {
    package static let formatVersion = 1

    package var formatVersion: Int
    package var burst: String
    package var provider: String
    package var basis: Basis
    package var steps: [Step]
    /// nil when nothing is desired any more (destroy).
    package var offer: Offer?
    package var fallbacks: [Offer]
    /// Offers that were passed over, one line of reason each.
    package var skipped: [String]
    package var nodes: Int
    package var image: String?
    package var estimate: Estimate?
    package var cap: Money?
    /// From power-on; the absolute instant is known only at apply.
    package var hardStop: Seconds?
    package var notes: [String]

    package init(
        burst: String, provider: String, basis: Basis, steps: [Step], offer: Offer? = nil, fallbacks: [Offer] = [],
        skipped: [String] = [], nodes: Int = 0, image: String? = nil, estimate: Estimate? = nil, cap: Money? = nil,
        hardStop: Seconds? = nil, notes: [String] = []
    ) {
        formatVersion = Self.formatVersion
        self.burst = burst
        self.provider = provider
        self.basis = basis
        self.steps = steps
        self.offer = offer
        self.fallbacks = fallbacks
        self.skipped = skipped
        self.nodes = nodes
        self.image = image
        self.estimate = estimate
        self.cap = cap
        self.hardStop = hardStop
        self.notes = notes
    }

    /// What the plan was made from: a saved plan is refused when any of it has moved, by name.
    package struct Basis: Sendable, Hashable, Codable {
        package var spec: String
        /// nil before the first write of this burst's state.
        package var lineage: String?
        package var journalSeq: Int
        package var prices: String
        package var tool: String
        package var account: String?
        /// False for `--offline`: the cloud was not looked at.
        package var live: Bool

        package init(
            spec: String, lineage: String?, journalSeq: Int, prices: String, tool: String, account: String?, live: Bool
        ) {
            self.spec = spec
            self.lineage = lineage
            self.journalSeq = journalSeq
            self.prices = prices
            self.tool = tool
            self.account = account
            self.live = live
        }

        /// The names of what differs from `now`, in fixed order.
        package func moved(to now: Basis) -> [String] {
            var moved: [String] = []
            if spec != now.spec { moved.append("the spec") }
            // A state that nothing was written to yet is as good as none.
            let otherHistory = journalSeq > 0 && lineage != now.lineage
            if otherHistory || journalSeq != now.journalSeq { moved.append("the state") }
            if prices != now.prices { moved.append("the prices") }
            if tool != now.tool { moved.append("the version of spillway") }
            if account != now.account { moved.append("the account or project") }
            if live != now.live { moved.append("the mode (offline or live)") }
            return moved
        }
    }

    package var changes: [Step] { steps.filter { $0.action != .keep } }
    package var isEmpty: Bool { changes.isEmpty }

    package var counts: (add: Int, change: Int, destroy: Int) {
        var counts = (add: 0, change: 0, destroy: 0)
        for step in steps {
            switch step.action {
            case .create: counts.add += 1
            case .update: counts.change += 1
            case .delete: counts.destroy += 1
            case .keep: break
            }
        }
        return counts
    }

    package var summary: String {
        let (add, change, destroy) = counts
        return "Plan: \(add) to add, \(change) to change, \(destroy) to destroy."
    }
}

/// One change to one resource, and why.
package struct Step: Sendable, Hashable, Codable {
    package enum Action: String, Sendable, Hashable, Codable {
        case create, update, delete, keep

        package var symbol: String {
            switch self {
            case .create: "+"
            case .update: "~"
            case .delete: "-"
            case .keep: " "
            }
        }
    }

    package var action: Action
    package var address: Address
    package var why: String
    /// What it is or becomes: "POP2-2C-8G, ubuntu-24.04, 20 GB block root".
    package var what: String
    package var zone: String
    /// What is acted on; nil for a create.
    package var resource: CloudResource?

    package init(
        _ action: Action, _ address: Address, why: String, what: String, zone: String, resource: CloudResource? = nil
    ) {
        self.action = action
        self.address = address
        self.why = why
        self.what = what
        self.zone = zone
        self.resource = resource
    }

    /// A resource's place in its burst: `server[2]`, `firewall`.
    package struct Address: Sendable, Hashable, Codable, CustomStringConvertible {
        package var kind: ResourceKind
        package var node: Int?

        package init(_ kind: ResourceKind, _ node: Int? = nil) {
            self.kind = kind
            self.node = node
        }

        package var description: String { node.map { "\(kind.rawValue)[\($0)]" } ?? kind.rawValue }
    }
}
