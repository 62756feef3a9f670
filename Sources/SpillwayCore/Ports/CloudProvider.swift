/// One cloud, at the level of Spillway's own resources. The engine names no cloud; it knows this.
///
/// Every mutating HTTP call of an implementation goes through the ``MutationLog`` it is handed: intent, call, outcome.
/// A create is never repeated blindly: when its answer is lost the method throws `.unknownOutcome`, and the engine
/// looks the attempt's tag up. Everything else is idempotent and may be called again at any time.
/// All methods throw ``ProviderError``.
package protocol CloudProvider: Sendable {
    var traits: ProviderTraits { get }

    /// Types, prices and stock of `zones` as the API tells them now. Reads only.
    func catalogue(zones: [String]) async throws(ProviderError) -> Catalogue

    /// ``catalogue(zones:)`` for somebody who will take `type` alone: of the others it need not ask whether they are there.
    func catalogue(zones: [String], of type: String) async throws(ProviderError) -> Catalogue

    /// The image that an alias of the spec means for this type in this zone now, with its root on `root`. Reads only.
    func resolveImage(
        _ alias: String, zone: String, type: InstanceType, root: RootVolume.Kind
    ) async throws(ProviderError) -> ImageReference

    /// Everything of `scope` in `zones`, of `kinds`, whatever its state; paged to the end. Reads only.
    /// Listings may lag behind: absence is believed after two looks only. Filters are re-checked exactly.
    func list(_ kinds: Set<ResourceKind>, scope: TagScope, zones: [String]) async throws(ProviderError)
        -> [CloudResource]

    /// For each id, in the order given: true when the provider says that it does not exist (404, or ended for good).
    /// Asked together so that a cloud with batched calls needs one for all. Reads only.
    func areGone(_ ids: [ResourceID]) async -> [Result<Bool, ProviderError>]

    /// Creates the group's firewall, admitting SSH from `admission` alone and nothing else inbound.
    func createFirewall(_ request: FirewallRequest, log: any MutationLog) async throws(ProviderError) -> CloudResource

    /// Replaces the admission of a firewall of ours in one call.
    func admit(_ admission: SSHAdmission, firewall: ResourceID, log: any MutationLog) async throws(ProviderError)

    /// Creates one public IPv4 address for a node. Only called where `traits.separateAddresses`.
    func createAddress(_ request: AddressRequest, log: any MutationLog) async throws(ProviderError) -> CloudResource

    /// Creates the servers of one attempt. Where servers are born stopped (`traits.bornStopped`) they stay so, and
    /// their volumes are tagged before this returns. One result per requested node, in the order asked: what was
    /// created stays created when a sibling fails. A server whose volume could not be tagged is a failure too: the
    /// log and the next listing have the server, ``tag(_:_:log:)`` mends it.
    func createServers(_ group: ServerGroup, log: any MutationLog) async -> [Result<CloudResource, ProviderError>]

    /// Hands over the user data and powers a born-stopped server on. Idempotent: a server already on is left alone.
    func boot(_ server: CloudResource, userData: String, log: any MutationLog) async throws(ProviderError)

    /// Puts `tags` on a resource of ours that was born without (a Scaleway root volume).
    func tag(_ id: ResourceID, _ tags: ResourceTags, log: any MutationLog) async throws(ProviderError)

    /// Removes the first-contact secrets from the server's user data where the provider can; otherwise does nothing.
    func clearUserData(_ server: ResourceID, log: any MutationLog) async throws(ProviderError)

    /// Asks for the removal of what a listing showed, with the call that fits its state: at most two mutating calls for
    /// each, fewer where the cloud removes in batches. One result per resource, in the order given: what was asked for
    /// stays asked for when a sibling fails. "Not found" is success. `.busy` when it cannot be removed yet (starting,
    /// attached): list and ask again.
    func remove(_ resources: [CloudResource], log: any MutationLog) async -> [Result<Void, ProviderError>]
}

extension CloudProvider {
    package func catalogue(zones: [String], of type: String) async throws(ProviderError) -> Catalogue {
        try await catalogue(zones: zones)
    }

    /// ``areGone(_:)`` for one.
    package func isGone(_ id: ResourceID) async throws(ProviderError) -> Bool {
        for result in await areGone([id]) { return try result.get() }
        return false
    }

    /// ``remove(_:log:)`` for one.
    package func remove(_ resource: CloudResource, log: any MutationLog) async throws(ProviderError) {
        for result in await remove([resource], log: log) { try result.get() }
    }
}

/// Facts about a provider that planning and the engine need; data, not type tests.
package struct ProviderTraits: Sendable, Hashable, Codable {
    /// "scaleway"; also what the spec calls it.
    package var name: String
    package var zones: [String]
    package var separateAddresses: Bool
    package var bornStopped: Bool
    /// Whether a launch that is repeated as it was, under the same attempt, makes no second machine (EC2's client token).
    package var launchesOnce: Bool
    /// Whether a guest that shuts down ends its own bill.
    package var guestCanEndBill: Bool
    package var loginUser: String
    /// Allowances counted into every worst case: power-on to SSH, and teardown to verified gone.
    package var bootAllowance: Seconds
    package var teardownAllowance: Seconds
    package var hasSpot: Bool
    /// Whether the nodes of one launch are booted with the same user data: it must then name no node.
    package var sharesUserData: Bool
    /// A shell text that ends well on a machine once it is about to be taken back; nil where none ever is.
    package var spotNotice: String?

    package init(
        name: String, zones: [String], separateAddresses: Bool, bornStopped: Bool, guestCanEndBill: Bool,
        loginUser: String, bootAllowance: Seconds, teardownAllowance: Seconds, hasSpot: Bool,
        launchesOnce: Bool = false, sharesUserData: Bool = false, spotNotice: String? = nil
    ) {
        self.name = name
        self.zones = zones
        self.separateAddresses = separateAddresses
        self.bornStopped = bornStopped
        self.launchesOnce = launchesOnce
        self.guestCanEndBill = guestCanEndBill
        self.loginUser = loginUser
        self.bootAllowance = bootAllowance
        self.teardownAllowance = teardownAllowance
        self.hasSpot = hasSpot
        self.sharesUserData = sharesUserData
        self.spotNotice = spotNotice
    }
}

package enum TagScope: Sendable, Hashable {
    case burst(owner: String, burst: String)
    case owner(String)

    package func contains(_ tags: ResourceTags) -> Bool {
        switch self {
        case .burst(let owner, let burst): tags.owner == owner && tags.burst == burst
        case .owner(let owner): tags.owner == owner
        }
    }
}

package struct ImageReference: Sendable, Hashable, Codable {
    /// What the spec says: "ubuntu-24.04".
    package var alias: String
    package var id: String
    /// Where the root volume lives with this image.
    package var root: RootVolume.Kind

    package init(alias: String, id: String, root: RootVolume.Kind) {
        self.alias = alias
        self.id = id
        self.root = root
    }
}

package struct RootVolume: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
        /// On the machine itself; gone with it.
        case local
        /// Network storage; outlives its server and is billed until deleted.
        case block
    }

    package var kind: Kind
    package var sizeBytes: Int64

    package init(kind: Kind, sizeBytes: Int64) {
        self.kind = kind
        self.sizeBytes = sizeBytes
    }
}

package struct FirewallRequest: Sendable, Hashable {
    package var name: String
    package var zone: String
    package var tags: ResourceTags
    package var admission: SSHAdmission

    package init(name: String, zone: String, tags: ResourceTags, admission: SSHAdmission) {
        self.name = name
        self.zone = zone
        self.tags = tags
        self.admission = admission
    }
}

package struct AddressRequest: Sendable, Hashable {
    package var zone: String
    package var tags: ResourceTags

    package init(zone: String, tags: ResourceTags) {
        self.zone = zone
        self.tags = tags
    }
}

/// One attempt: 1..N identical servers under one token. `nodes` carry their rank and, where separate, their address.
package struct ServerGroup: Sendable, Hashable {
    package struct Node: Sendable, Hashable {
        package var index: Int
        package var name: String
        package var address: ResourceID?
        /// For servers born running; others get theirs with ``CloudProvider/boot(_:userData:log:)``.
        package var userData: String

        package init(index: Int, name: String, address: ResourceID?, userData: String) {
            self.index = index
            self.name = name
            self.address = address
            self.userData = userData
        }
    }

    package var zone: String
    package var instanceType: String
    package var image: ImageReference
    package var root: RootVolume
    package var firewall: ResourceID
    /// With `node` nil; each server carries its own index.
    package var tags: ResourceTags
    package var nodes: [Node]
    /// The most that a server may cost: of one that the provider can take back, the price that is bid.
    package var rate: Rate
    /// Whether the servers may be ones that the provider can take back. Only asked where `traits.hasSpot`.
    package var isSpot: Bool

    package init(
        zone: String, instanceType: String, image: ImageReference, root: RootVolume, firewall: ResourceID,
        tags: ResourceTags, nodes: [Node], rate: Rate, isSpot: Bool = false
    ) {
        self.zone = zone
        self.instanceType = instanceType
        self.image = image
        self.root = root
        self.firewall = firewall
        self.tags = tags
        self.nodes = nodes
        self.rate = rate
        self.isSpot = isSpot
    }
}
