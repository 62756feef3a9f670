/// The two bounds no burst goes without.
package struct Budget: Codable, Hashable, Sendable {
    /// The worst case may not exceed this, at list price without VAT.
    package var maxCost: Located<Money>
    /// From power-on to verified gone.
    package var maxDuration: Located<Seconds>

    package init(maxCost: Located<Money>, maxDuration: Located<Seconds>) {
        self.maxCost = maxCost
        self.maxDuration = maxDuration
    }

    /// What of `max_duration` the job may not have, so that booting, collecting and teardown fit: a tenth of it,
    /// at least one minute, at most ten.
    package static func room(in maxDuration: Seconds) -> Seconds {
        Seconds(min(max(maxDuration.count / 10, 60), 600))
    }
}

/// Bounds from the user's own configuration, for specs that set none.
package struct UserDefaults: Hashable, Sendable {
    package var maxCost: Money?
    package var maxDuration: Seconds?

    package init(maxCost: Money? = nil, maxDuration: Seconds? = nil) {
        self.maxCost = maxCost
        self.maxDuration = maxDuration
    }
}
