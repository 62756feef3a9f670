import SpillwayCore
import Synchronization

/// A cloud in memory with an owner filter, pages of 100 and zones that can be made to fail: for what needs thousands of
/// things and a clock of its own. What it removes is gone at once.
final class SweepCloud: CloudProvider {
    struct World: Sendable {
        var things: [ResourceID: CloudResource] = [:]
        var requests = 0
        var removals: [ResourceID] = []
        var failing: Set<String> = []
        /// What happens just before each of the next listings, in turn.
        var onList: [@Sendable (inout [ResourceID: CloudResource]) -> Void] = []
    }

    let world = Mutex(World())
    let traits: ProviderTraits

    init(zones: [String]) {
        traits = ProviderTraits(
            name: "memory", zones: zones, separateAddresses: true, bornStopped: true, guestCanEndBill: false,
            loginUser: "root", bootAllowance: .minutes(1), teardownAllowance: .minutes(1), hasSpot: false)
    }

    func add(_ resources: [CloudResource]) {
        world.withLock { world in for resource in resources { world.things[resource.id] = resource } }
    }

    var ids: Set<ResourceID> { world.withLock { Set($0.things.keys) } }

    func list(_ kinds: Set<ResourceKind>, scope: TagScope, zones: [String]) async throws(ProviderError)
        -> [CloudResource]
    {
        let result = world.withLock { world -> Result<[CloudResource], ProviderError> in
            if let zone = zones.first(where: world.failing.contains) {
                return .failure(ProviderError(.unavailable, operation: "list in \(zone)", detail: "no answer"))
            }
            if !world.onList.isEmpty { world.onList.removeFirst()(&world.things) }
            var found: [CloudResource] = []
            for zone in zones {
                for kind in kinds {
                    let here = world.things.values.filter { thing in
                        thing.id.zone == zone && thing.id.kind == kind && thing.tags.map(scope.contains) ?? false
                    }
                    world.requests += max(1, (here.count + 99) / 100)
                    found += here
                }
            }
            return .success(found)
        }
        return try result.get()
    }

    func areGone(_ ids: [ResourceID]) async -> [Result<Bool, ProviderError>] {
        world.withLock { world in ids.map { .success(world.things[$0] == nil) } }
    }

    func remove(_ resources: [CloudResource], log: any MutationLog) async -> [Result<Void, ProviderError>] {
        var results: [Result<Void, ProviderError>] = []
        for resource in resources {
            do throws(ProviderError) {
                try await log.perform(Intent(.delete, zone: resource.id.zone, target: resource.id)) {
                    () async throws(ProviderError) -> (Void, Outcome) in
                    self.world.withLock { world in
                        world.things[resource.id] = nil
                        world.removals.append(resource.id)
                        for (id, other) in world.things where other.attachedTo == resource.id.id {
                            world.things[id]?.attachedTo = nil
                            world.things[id]?.lifecycle = .available
                        }
                    }
                    return ((), .done)
                }
                results.append(.success(()))
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }

    func tag(_ id: ResourceID, _ tags: ResourceTags, log: any MutationLog) async throws(ProviderError) {
        world.withLock { $0.things[id]?.tags = tags }
    }

    // MARK: What a sweep never asks for

    private var unasked: ProviderError { ProviderError(.invalid, operation: "sweep", detail: "never asked") }

    func catalogue(zones: [String]) async throws(ProviderError) -> Catalogue { throw unasked }
    func resolveImage(
        _ alias: String, zone: String, type: InstanceType, root: RootVolume.Kind
    ) async throws(ProviderError) -> ImageReference { throw unasked }
    func createFirewall(_ request: FirewallRequest, log: any MutationLog) async throws(ProviderError) -> CloudResource {
        throw unasked
    }
    func admit(_ admission: SSHAdmission, firewall: ResourceID, log: any MutationLog) async throws(ProviderError) {
        throw unasked
    }
    func createAddress(_ request: AddressRequest, log: any MutationLog) async throws(ProviderError) -> CloudResource {
        throw unasked
    }
    func createServers(_ group: ServerGroup, log: any MutationLog) async -> [Result<CloudResource, ProviderError>] {
        group.nodes.map { _ in .failure(unasked) }
    }
    func boot(_ server: CloudResource, userData: String, log: any MutationLog) async throws(ProviderError) {
        throw unasked
    }
    func clearUserData(_ server: ResourceID, log: any MutationLog) async throws(ProviderError) { throw unasked }
}
