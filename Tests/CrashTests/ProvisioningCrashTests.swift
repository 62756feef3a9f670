import Foundation
import TestSupport
import Testing

/// Killed, or cut off, at each request that changes something: the same command again converges, at no time is more
/// than one server on per node, and destroy leaves nothing.
@Suite(.serialized) struct ProvisioningCrashTests {
    static let cases = CrashPoint.nodeCounts.flatMap { nodes in
        ["hang_before", "hang", "drop_before", "drop_after"].map { ($0, nodes) }
    }

    @Test(arguments: cases)
    func `apply converges after a misfortune at any change`(fault: String, nodes: Int) async throws {
        let hits = try await CrashPoint.forEach(fault) { point in
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec(nodes: nodes)
                guard let first = try await place.runInto(point, cloud, "apply", "-y") else { return false }
                #expect(point.kills ? first.status == -9 : [0, 1, 3].contains(first.status), "\(point): \(first)")
                let second = try await place.run("apply", "-y")
                #expect(second.status == 0, "\(point): \(second)")
                let world = try await cloud.world()
                #expect(world.servers == nodes && world.servers_powered == nodes, "\(point): \(world)")
                #expect(world.block_volumes == nodes && world.ips == nodes, "\(point): \(world)")
                #expect(world.security_groups == 1 && world.servers_powered_most <= nodes, "\(point): \(world)")
                try await expectDestroyed(place, cloud, point)
                return true
            }
        }
        #expect(hits >= 5, "only \(hits) requests that change something")
    }

    @Test(arguments: cases)
    func `destroy converges after a misfortune at any change`(fault: String, nodes: Int) async throws {
        let hits = try await CrashPoint.forEach(fault) { point in
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec(nodes: nodes)
                #expect(try await place.run("apply", "-y").status == 0)
                guard let first = try await place.runInto(point, cloud, "destroy", "-y") else { return false }
                #expect(point.kills ? first.status == -9 : [0, 1, 3, 8].contains(first.status), "\(point): \(first)")
                try await expectDestroyed(place, cloud, point)
                return true
            }
        }
        #expect(hits >= 3, "only \(hits) requests that change something")
    }

    private func expectDestroyed(_ place: Workplace, _ cloud: CloudSimProcess, _ point: CrashPoint) async throws {
        let destroy = try await place.run("destroy", "-y")
        #expect(destroy.status == 0, "\(point): \(destroy)")
        #expect(destroy.stdout.contains("nothing exists, verified gone"), "\(point): \(destroy)")
        #expect(try await cloud.leftovers(in: ["fr-par-1"]) == [], "\(point)")
        #expect(try await cloud.world().is_empty, "\(point)")
    }
}
