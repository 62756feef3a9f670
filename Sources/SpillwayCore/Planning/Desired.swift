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
    /// Of the whole spec, files' contents not included.
    package var specDigest: String

    package enum Admission: Sendable, Hashable {
        /// The caller's own address, asked for once at apply.
        case caller(port: Int)
        case listed(SSHAdmission)
    }

    package init(
        burst: String, nodes: Int, image: String, offers: [Offer], admission: Admission, cap: Money,
        maxDuration: Seconds, keeperInterval: Seconds? = nil, specDigest: String
    ) {
        self.burst = burst
        self.nodes = nodes
        self.image = image
        self.offers = offers
        self.admission = admission
        self.cap = cap
        self.maxDuration = maxDuration
        self.keeperInterval = keeperInterval
        self.specDigest = specDigest
    }
}

/// One (zone, type) that can take the burst, with its prices.
package struct Offer: Sendable, Hashable, Codable {
    package var zone: String
    package var type: InstanceType
    package var root: RootVolume
    package var rates: RunRates

    package init(zone: String, type: InstanceType, root: RootVolume, rates: RunRates) {
        self.zone = zone
        self.type = type
        self.root = root
        self.rates = rates
    }

    package var rootGB: Int64 { (root.sizeBytes + 999_999_999) / 1_000_000_000 }
}
