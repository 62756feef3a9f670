import ArgumentParser
import FoundationEssentials
import SpillwayCore
import SpillwayEngine
import Synchronization

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What the job wrote: stdout on stdout, stderr on stderr.",
        discussion: "Of a live run it is read from the instance, of one that ended from the state folder.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The burst; without it that of the spec, or the only one that is live.")
    var name: String?

    @Option(help: ArgumentHelp("The spec.", valueName: "spec"))
    var file: String?

    @Flag(name: .shortAndLong, help: "Go on until the job ends.")
    var follow = false

    @Option(help: "Of which node.")
    var node = 0

    func run() async throws {
        let invocation = Invocation(global)
        let known = try BurstChoice(name: name, file: file).find(invocation)
        guard let state = known.state, let run = state.run else { throw StateCommand.none(known) }
        let job = state.jobs.first { $0.node == node }
        if run.phase == .ended || job?.stage == .finished || job?.stage == .collected {
            return try stored(known, run, invocation)
        }
        guard job?.stage == .started else {
            throw Diagnostic(
                "run.not-started", "No job was started", detail: "Run \(run.id) has no job on node \(node) yet.",
                remedy: "See how it stands:", command: "spillway status \(known.name)")
        }
        try await live(known, run, invocation)
    }

    private func stored(_ known: KnownBurst, _ run: RunRecord, _ invocation: Invocation) throws {
        let name = "\(known.stateDir)/logs/\(known.name)-\(run.nodes > 1 ? "\(run.id)-\(node)" : run.id)"
        for (suffix, stream) in [("out", Event.Stream.stdout), ("err", .stderr)] {
            guard let bytes = FileManager.default.contents(atPath: "\(name).\(suffix)") else { continue }
            invocation.output.show(.output(stream, [UInt8](bytes)))
        }
    }

    private func live(_ known: KnownBurst, _ run: RunRecord, _ invocation: Invocation) async throws {
        let link = try LiveNodes(known).link(node)
        let output = invocation.output
        let secrets = try SecretSources(
            secrets: run.source.spec.secrets, folder: run.source.folder, environment: invocation.environment
        ).resolve().map(\.value)
        let masks = Mutex((out: SecretMask(secrets), err: SecretMask(secrets)))
        let show: @Sendable (RemoteOutput) -> Void = { piece in
            switch piece {
            case .stdout(let bytes): output.show(.output(.stdout, masks.withLock { $0.out.mask(bytes) }))
            case .stderr(let bytes): output.show(.output(.stderr, masks.withLock { $0.err.mask(bytes) }))
            }
        }
        if follow {
            let follower = JobFollower(
                runID: run.id, name: "logs", connect: { try await link.open() }, sleep: invocation.ambient.sleep)
            _ = try await follower.follow(from: LogOffsets()) { event in
                switch event {
                case .output(let piece): show(piece)
                case .disconnected: link.markBroken()
                case .connected: break
                }
            }
        } else {
            try await RemoteJob(runID: run.id, host: try await link.open()).soFar(onOutput: show)
        }
        masks.withLock { masks in
            output.show(.output(.stdout, masks.out.finish()))
            output.show(.output(.stderr, masks.err.finish()))
        }
        await link.close()
    }
}
