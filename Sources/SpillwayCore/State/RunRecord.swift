/// One execution of a burst: what was decided when it began and how far it has come.
package struct RunRecord: Codable, Hashable, Sendable {
    package enum Phase: String, Codable, Hashable, Sendable, CaseIterable {
        case provisioning, up, running, collecting, destroying, ended
    }

    /// Time-sortable with a random tail.
    package var id: String
    package var phase: Phase
    package var provider: String
    /// The account or project that is billed.
    package var account: String
    package var owner: String
    package var stateID: String
    package var zone: String
    package var instanceType: String
    /// Whether the provider may take the machines back; nil says no.
    package var isSpot: Bool?
    package var image: ImageReference?
    package var root: RootVolume
    package var nodes: Int
    /// Sent to every node's attempt; the next attempt's token is `id` + this number.
    package var attempt: Int
    /// Whether the attempt was announced, and nobody knows what became of it: nothing of it is shown. Where a launch happens
    /// once (``ProviderTraits/launchesOnce``) the same attempt is then launched again. nil says no.
    package var isInDoubt: Bool?
    package var began: Timestamp
    /// The instant at which everything must be gone.
    package var expires: Timestamp
    package var worstCase: Money
    package var rates: RunRates
    /// Of the spec that this run was planned from.
    package var specDigest: String
    package var planDigest: String
    package var admission: SSHAdmission
    /// Accepted for SSH, by node: the first-contact key alone until a first session has been there, then for a moment
    /// both, then the one made on the instance alone.
    package var pinned: [Int: [HostKey]]
    /// What to do and where it came from, so that `wait` and `destroy` need no spec file.
    package var source: RunSource

    package init(
        id: String, phase: Phase, provider: String, account: String, owner: String, stateID: String, zone: String,
        instanceType: String, image: ImageReference?, root: RootVolume, nodes: Int, attempt: Int, began: Timestamp,
        expires: Timestamp,
        worstCase: Money, rates: RunRates, specDigest: String, planDigest: String, admission: SSHAdmission,
        source: RunSource, pinned: [Int: [HostKey]] = [:], isSpot: Bool? = nil
    ) {
        self.id = id
        self.phase = phase
        self.provider = provider
        self.account = account
        self.owner = owner
        self.stateID = stateID
        self.zone = zone
        self.instanceType = instanceType
        self.isSpot = isSpot
        self.image = image
        self.root = root
        self.nodes = nodes
        self.attempt = attempt
        self.began = began
        self.expires = expires
        self.worstCase = worstCase
        self.rates = rates
        self.specDigest = specDigest
        self.planDigest = planDigest
        self.admission = admission
        self.source = source
        self.pinned = pinned
    }

    /// Unique per attempt. A failed one is never used again, an ambiguous one only for the very same launch.
    package var attemptToken: String { "\(id)-a\(attempt)" }
}

/// The spec of a run as it was when the run began, and where its results go.
package struct RunSource: Codable, Hashable, Sendable {
    package var spec: Spec
    /// The spec's folder, absolute.
    package var folder: String
    /// Which cloud: `local` is the simulated one of this state folder.
    package var cloud: ProviderName
    /// Where instances answer SSH when that is not the spec's port.
    package var sshPort: Int?

    package init(spec: Spec, folder: String, cloud: ProviderName, sshPort: Int? = nil) {
        self.spec = spec
        self.folder = folder
        self.cloud = cloud
        self.sshPort = sshPort
    }

    package var port: Int { sshPort ?? spec.ssh.port.value }
}

/// The prices a run was begun at, so that what exists can be costed without asking anybody.
package struct RunRates: Codable, Hashable, Sendable {
    package var server: Rate
    package var volume: Rate?
    package var address: Rate?

    package init(server: Rate, volume: Rate?, address: Rate?) {
        self.server = server
        self.volume = volume
        self.address = address
    }

    /// Per hour, for what `resource` is and the state it is in; nil for what costs nothing.
    package func hourly(_ resource: CloudResource) -> Money? {
        switch resource.id.kind {
        case .server: resource.lifecycle == .stopped ? nil : server.perHour()
        case .volume: volume?.perHour(quantity: (resource.sizeBytes ?? 0) / 1_000_000_000)
        case .address: address?.perHour()
        case .firewall, .key, .interface, .request: nil
        }
    }
}
