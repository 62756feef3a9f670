import Foundation
import SpillwayCore

@testable import SpillwayEngine

/// A folder of its own for one test, removed with the value.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "spillway-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { "\(path)/\(name)" }
    var state: String { path("state") }

    func open(random: @escaping @Sendable (Int) -> [UInt8] = ScratchFolder.random) throws -> StateFolder {
        try StateFolder.open(state, random: random)
    }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name)))) }
    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }
    func names(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
    }
    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
    func setMode(_ name: String, _ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: NSNumber(value: mode)], ofItemAtPath: path(name))
    }

    static let random: @Sendable (Int) -> [UInt8] = { count in (0..<count).map { _ in UInt8.random(in: 0...255) } }
}

/// SplitMix64: the same seed is the same sequence on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Values of state for tests: plausible, small, all kinds of change.
enum Sample {
    static func time(_ n: Int) -> Timestamp { Timestamp(seconds: 1_790_000_000 + Int64(n)) }

    static let rate = Rate(
        nanos: 8_976_000, granule: .hours(1), minimum: .hours(1), currency: .eur,
        source: PriceSource(name: "catalogue", date: "2026-07-30"))

    static let tags = ResourceTags(
        owner: "o", stateID: "s", burst: "render", run: "r1", attempt: "r1-a1", node: 0, expires: time(3600))

    static func resource(_ kind: ResourceKind, _ id: Int) -> CloudResource {
        CloudResource(
            id: ResourceID(kind, zone: "fr-par-1", id: "id-\(id)"), name: "render-\(id)", tags: tags,
            lifecycle: .running, created: time(id))
    }

    static func run(_ id: String = "r1", phase: RunRecord.Phase = .provisioning) -> RunRecord {
        RunRecord(
            id: id, phase: phase, provider: "scaleway", account: "p", owner: "o", stateID: "s", zone: "fr-par-1",
            instanceType: "DEV1-S", image: nil, root: RootVolume(kind: .block, sizeBytes: 20_000_000_000), nodes: 1,
            attempt: 1,
            began: time(0), expires: time(3600), worstCase: Money(micros: 4_000_000, currency: .eur),
            rates: RunRates(server: rate, volume: nil, address: nil), specDigest: "d", planDigest: "p",
            admission: SSHAdmission(cidrs: ["192.0.2.1/32"], port: 22),
            source: RunSource(
                spec: Spec(at: SourceLocation(file: "spillway.yaml", line: 1, column: 1)), folder: "/srv/render",
                cloud: .scaleway),
            pinned: [0: [HostKey(algorithm: "ssh-ed25519", base64: "AAAA")]])
    }

    static func intent(_ operation: Intent.Operation = .createServers) -> Intent {
        Intent(operation, zone: "fr-par-1", tags: tags, count: 2, rate: rate)
    }

    static func change(_ n: Int, _ random: inout some RandomNumberGenerator) -> JournalRecord.Change {
        let kind = ResourceKind.allCases.randomElement(using: &random) ?? .server
        let id = Int.random(in: 0..<5, using: &random)
        let error = ProviderError(.unknownOutcome, operation: "create server", detail: "reset ✂ \"by\" peer\n")
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return .run(run("r\(n)"))
        case 1: return .revised(run("r\(n)", phase: .running))
        case 2, 3, 4: return .intent(intent(Intent.Operation.allCases.randomElement(using: &random) ?? .tag))
        case 5: return .outcome(of: Int.random(in: 0...n, using: &random), .done(created: [resource(kind, id)]))
        case 6: return .outcome(of: Int.random(in: 0...n, using: &random), .unknown(error: error))
        case 7: return .outcome(of: Int.random(in: 0...n, using: &random), .refused(error: error))
        case 8: return .outcome(of: Int.random(in: 0...n, using: &random), .absent)
        case 9: return .seen(resource(kind, id))
        case 10: return .gone(ResourceID(kind, zone: "fr-par-1", id: "id-\(id)"))
        default: return .job(JobRecord(stage: .started, exit: RemoteExit(status: 0, signal: "TERM")))
        }
    }

    static func records(_ count: Int, seed: UInt64, after: Int = 0) -> [JournalRecord] {
        var random = SeededGenerator(seed: seed)
        return (after + 1..<after + 1 + count).map {
            JournalRecord(seq: $0, at: time($0), change: change($0, &random))
        }
    }
}
