internal import SpillwayCore
internal import Synchronization

/// What one process need not ask twice: images, networks, and what it launched itself a moment ago.
final class AWSMemory: Sendable {
    /// A subnet and the network it is in.
    struct Subnet: Sendable, Hashable {
        var id: String
        var network: String
    }

    private struct State {
        var devices: [String: [AWSImage.Device]] = [:]
        var subnets: [String: Subnet] = [:]
        var born: [String: Timestamp] = [:]
    }

    private let state = Mutex(State())

    func devices(of image: String) -> [AWSImage.Device]? { state.withLock { $0.devices[image] } }
    func keep(_ devices: [AWSImage.Device], of image: String) { state.withLock { $0.devices[image] = devices } }

    func subnet(in zone: String) -> Subnet? { state.withLock { $0.subnets[zone] } }
    func keep(_ subnet: Subnet, in zone: String) { state.withLock { $0.subnets[zone] = subnet } }

    func note(_ born: [CloudResource], at now: Timestamp) {
        state.withLock { state in for resource in born { state.born[resource.id.id] = now } }
    }

    /// When this process launched it; nil for everything else.
    func birth(of id: String) -> Timestamp? { state.withLock { $0.born[id] } }
}
