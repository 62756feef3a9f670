import Foundation
import TestSupport

/// A request at which a process dies or an answer is lost, and whether the cloud has carried it out.
struct CrashPoint: Sendable, CustomStringConvertible {
    /// "hang" and "hang_before" hold the connection, so that the process can be killed meanwhile; "drop_after" is a
    /// lost answer, "drop_before" a lost request.
    var fault: String
    /// Which of the requests, from 1.
    var nth: Int

    var kills: Bool { fault.hasPrefix("hang") }
    var description: String { "\(fault) at request \(nth)" }

    /// Every request, and more nodes, take minutes; the requests that change something take seconds, and a crash at any
    /// other leaves what a crash right after the last of those leaves.
    static let isSoak = ProcessInfo.processInfo.environment["SPILLWAY_SOAK"] == "1"
    static let nodeCounts = isSoak ? [1, 3] : [1]
    private static let most = isSoak ? 400 : 60

    func rule() -> SimulatedFault {
        SimulatedFault(
            fault, method: Self.isSoak ? nil : "POST|PUT|PATCH|DELETE", path: "^/(instance|block|marketplace|product)",
            nth: .one(nth), seconds: kills ? 20 : nil)
    }

    /// Calls `body` for the first request, the second, and so on, three at a time, until one says that there is no such
    /// request any more. Returns how many there were.
    static func forEach(_ fault: String, _ body: @escaping @Sendable (CrashPoint) async throws -> Bool) async throws
        -> Int
    {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var (next, hits) = (1, 0)
            func start() {
                let point = CrashPoint(fault: fault, nth: next)
                next += 1
                group.addTask { try await body(point) }
            }
            for _ in 0..<3 { start() }
            var isOver = false
            while let hit = try await group.next() {
                if hit { hits += 1 } else { isOver = true }
                if !isOver, next <= most { start() }
            }
            return hits
        }
    }
}

extension Workplace {
    /// Runs `arguments` with the point's misfortune. Nil when there is no such request: it ended by itself.
    func runInto(_ point: CrashPoint, _ cloud: CloudSimProcess, _ arguments: String...) async throws -> SpillwayResult?
    {
        try await cloud.misbehave(point.rule())
        let process = try start(command: ["spillway"] + arguments)
        if point.kills {
            try await eventually("\(point), or the end") {
                guard process.isRunning else { return true }
                guard try await cloud.misbehaved() > 0 else { return false }
                process.send(SIGKILL)
                return true
            }
        }
        let result = try await process.result()
        let hit = try await cloud.misbehaved() > 0
        try await cloud.behave()
        return hit ? result : nil
    }
}
