/// What a spec asks of one provider, with everything about files and the job left out: the planner's first input.
package struct Desired: Sendable, Hashable {
    package var burst: String
    package var nodes: Int
    package var image: String
    /// In the order they are tried; never empty.
    package var offers: [Offer]
    package var admission: Admission
    package var cap: Money
    package var maxDuration: Seconds
    /// How long after the deadline the keeper may come, where it and not this client is counted on to end the bill.
    package var keeperInterval: Seconds?
    /// The most that is sent home, by all nodes together.
    package var egressGB: Int64
    /// What the plan has to say besides, such as the rate by which the cap was converted.
    package var notes: [String]
    /// Of the whole spec, files' contents not included.
    package var specDigest: String

    package enum Admission: Sendable, Hashable {
        /// The caller's own address, asked for once at apply.
        case caller(port: Int)
        case listed(SSHAdmission)
    }

    package init(
        burst: String, nodes: Int, image: String, offers: [Offer], admission: Admission, cap: Money,
        maxDuration: Seconds, keeperInterval: Seconds? = nil, egressGB: Int64 = 0, notes: [String] = [],
        specDigest: String
    ) {
        self.burst = burst
        self.nodes = nodes
        self.image = image
        self.offers = offers
        self.admission = admission
        self.cap = cap
        self.maxDuration = maxDuration
        self.keeperInterval = keeperInterval
        self.egressGB = egressGB
        self.notes = notes
        self.specDigest = specDigest
    }

    package func assumptions(_ traits: ProviderTraits) -> WorstCase.Assumptions {
        WorstCase.Assumptions(
            maxDuration: maxDuration, boot: traits.bootAllowance, teardown: traits.teardownAllowance,
            keeperInterval: keeperInterval ?? Seconds(0), egressGB: egressGB)
    }
}

/// One (zone, type) that can take the burst, with its prices.
package struct Offer: Sendable, Hashable, Codable {
    package var zone: String
    package var type: InstanceType
    package var root: RootVolume
    /// Of a spot offer, `rates.server` is the most that is bid.
    package var rates: RunRates
    /// Per GB that is sent home; nil where nothing is.
    package var egress: Rate?
    /// Whether the provider may take the machine back.
    package var isSpot: Bool

    package init(
        zone: String, type: InstanceType, root: RootVolume, rates: RunRates, egress: Rate? = nil, isSpot: Bool = false
    ) {
        self.zone = zone
        self.type = type
        self.root = root
        self.rates = rates
        self.egress = egress
        self.isSpot = isSpot
    }

    package func isSameMachine(as other: Offer) -> Bool {
        zone == other.zone && type.name == other.type.name && isSpot == other.isSpot
    }

    package func isThat(of run: RunRecord) -> Bool {
        zone == run.zone && type.name == run.instanceType && isSpot == (run.isSpot ?? false)
    }

    package var rootGB: Int64 { (root.sizeBytes + 999_999_999) / 1_000_000_000 }
}
