import ArgumentParser
import SpillwayCore
import SpillwayEngine

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Says what each burst is doing, what it costs, and when it must be gone.",
        discussion: "From the state alone: no lock, no credentials, no network.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var burst: BurstOptions

    @Flag(help: "Every burst of the state folder, those that ended too.")
    var all = false

    @Flag(help: "Again every two seconds, until interrupted.")
    var watch = false

    func run() async throws {
        let invocation = Invocation(global)
        repeat {
            try show(try bursts(invocation), invocation)
            if watch { try await invocation.ambient.sleep(.seconds(2)) }
        } while watch
    }

    private func bursts(_ invocation: Invocation) throws -> [KnownBurst] {
        if burst.name != nil || burst.file != nil { return [try burst.find(invocation)] }
        let known = try KnownBurst.all(in: invocation.stateDir())
        return all ? known : known.filter { $0.state?.isLive ?? false }
    }

    private func show(_ bursts: [KnownBurst], _ invocation: Invocation) throws {
        let rows = bursts.compactMap { burst in burst.state.map { BurstStatus($0, now: invocation.ambient.now()) } }
        if invocation.output.json {
            for row in rows { try invocation.output.result(row) }
            return
        }
        guard !rows.isEmpty else {
            invocation.output.result("No live burst in \(invocation.stateDir()).")
            return
        }
        let table = TableView(
            columns: ["BURST", "PHASE", "JOB", "WHERE", "EXISTS"].map { TableView.Column($0) },
            rows: rows.map {
                [$0.burst, $0.phase, $0.job, $0.place, $0.exists + ($0.left.map { ", \($0) left" } ?? "")]
            })
        for line in table.lines() { invocation.output.result(line) }
    }
}

/// One line of `status`.
struct BurstStatus: Encodable {
    var burst: String
    var run: String?
    var phase: String
    var job: String
    var place: String
    var exists: String
    var perHour: Money?
    var deadline: Timestamp?
    /// Until the deadline; nil when nothing is left to end.
    var left: Seconds?
    var openIntents: Int

    init(_ state: BurstState, now: Timestamp) {
        let inventory = Inventory(state.live.map(\.resource), rates: state.run?.rates)
        burst = state.burst
        run = state.run?.id
        phase = state.isLive ? state.run?.phase.rawValue ?? "unknown" : "ended"
        job = state.jobs.map { $0.ending?.rawValue ?? $0.stage.rawValue }.joined(separator: " ")
        place = state.run.map { "\($0.nodes) × \($0.instanceType) in \($0.zone)" } ?? ""
        exists = inventory.sentence
        perHour = inventory.hourly
        deadline = state.isLive ? state.run?.expires : nil
        left = state.isLive ? state.run.map { max($0.expires - now, Seconds(0)) } : nil
        openIntents = state.open.count
    }

    private enum CodingKeys: String, CodingKey {
        case burst, run, phase, job, place, exists, deadline
        case perHour = "per_hour"
        case left = "seconds_left"
        case openIntents = "open_intents"
    }
}
