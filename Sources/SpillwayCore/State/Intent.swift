/// What is about to be asked of a cloud, written before it is asked.
package struct Intent: Codable, Hashable, Sendable {
    package enum Operation: String, Codable, Hashable, Sendable, CaseIterable {
        case createFirewall = "create_firewall"
        case admit
        case createAddress = "create_address"
        case createServers = "create_servers"
        case tag
        case setUserData = "set_user_data"
        case clearUserData = "clear_user_data"
        case powerOn = "power_on"
        case powerOff = "power_off"
        case terminate
        case delete

        /// Creates are looked up by tag after a crash; all others are re-derived from what is observed.
        package var creates: ResourceKind? {
            switch self {
            case .createFirewall: .firewall
            case .createAddress: .address
            case .createServers: .server
            case .admit, .tag, .setUserData, .clearUserData, .powerOn, .powerOff, .terminate, .delete: nil
            }
        }
    }

    package var operation: Operation
    package var zone: String
    /// What is acted on; nil for a create.
    package var target: ResourceID?
    /// What the same call acts on besides, where a cloud removes in batches.
    package var others: [ResourceID]?
    /// Of a create: attempt token, nodes and the other tags it carries.
    package var tags: ResourceTags?
    /// How many things this call makes.
    package var count: Int
    /// What each costs while it exists.
    package var rate: Rate?

    package init(
        _ operation: Operation, zone: String, target: ResourceID? = nil, others: [ResourceID]? = nil,
        tags: ResourceTags? = nil, count: Int = 1, rate: Rate? = nil
    ) {
        self.operation = operation
        self.zone = zone
        self.target = target
        self.others = others
        self.tags = tags
        self.count = count
        self.rate = rate
    }
}

/// How a mutating call ended.
package enum Outcome: Codable, Hashable, Sendable {
    /// The provider acknowledged it; a create names what it made.
    case done(created: [CloudResource])
    /// The provider refused it: nothing changed.
    case refused(error: ProviderError)
    /// No usable answer: it may have taken effect. Resolved by looking the tag up.
    case unknown(error: ProviderError)
    /// Resolved after a crash or a lost answer: these were found.
    case found(resources: [CloudResource])
    /// Resolved: two looks found nothing.
    case absent

    package static let done = Outcome.done(created: [])
}
