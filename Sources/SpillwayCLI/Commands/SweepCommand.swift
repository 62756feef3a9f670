import ArgumentParser
import SpillwayCore
import SpillwayEngine

struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Finds what should be gone by now, in every zone, and removes it with --apply.",
        discussion: "Only what carries your owner tag is ever looked at: what has expired, from any machine, and what "
            + "this state folder has lost. A run of this state folder has its results fetched and verified first, and gets "
            + "its receipt; of others it is said what is lost. A good sweep with --apply counts as a keeper.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Remove what was found; without it nothing is changed.")
    var apply = false

    @Option(help: ArgumentHelp("Refuse to remove anything when more than this was found.", valueName: "n"))
    var max: Int?

    @Option(help: ArgumentHelp("Only what was created longer ago than this (90m, 2h, 3d).", valueName: "span"))
    var olderThan: Seconds?

    @Option(help: ArgumentHelp("This state folder is lost: what it made is orphaned.", valueName: "state id"))
    var orphansOf: String?

    @Option(help: ArgumentHelp("Act on exactly what was written by --out, or refuse (7).", valueName: "file"))
    var plan: String?

    @Option(help: ArgumentHelp("Also write what was found, for --plan.", valueName: "file"))
    var out: String?

    @Option(help: ArgumentHelp("How often this sweep is scheduled; plans then count on it.", valueName: "span"))
    var every: Seconds?

    @Flag(help: "Fetch nothing before its machines go; receipts say what was lost.")
    var noCollect = false

    @Option(help: ArgumentHelp("Report what remains after this long (default: 20m).", valueName: "span"))
    var within: Seconds = .minutes(20)

    @Flag(help: "Exit 2 when something was found and nothing was to be removed.")
    var detailedExitcode = false

    func validate() throws {
        if let max, max < 0 { throw ValidationError("--max is a count.") }
        if within.count < 1 { throw ValidationError("--within is a time to work in.") }
    }

    func run() async throws {
        let signals = SignalWatch()
        let invocation = Invocation(global)
        let output = invocation.output
        let owner = try invocation.knownOwner()
        let reviewed = try plan.map { try SweepPlan.read($0, owner: owner) }
        let stateDir = invocation.stateDir()
        let runner = SweepRunner(
            invocation: invocation, stateDir: stateDir, owner: owner,
            opened: try await SweepClouds(invocation, stateDir: stateDir),
            options: .init(
                olderThan: olderThan ?? reviewed?.olderThan, orphansOf: orphansOf ?? reviewed?.orphansOf),
            collects: !noCollect, limit: within)
        let work = SweepWork(runner: runner, signals: signals)
        let (sights, failures) = try await work.look()
        var found = sights.flatMap(\.candidates)
        if let reviewed {
            let there = Set(sights.flatMap { $0.sight.listing.resources.map(\.id) })
            found = try reviewed.reviewed(found, there: there)
        }
        if let out {
            let plan = SweepPlan(
                owner: owner, made: invocation.ambient.now(), olderThan: runner.options.olderThan,
                orphansOf: runner.options.orphansOf, items: found)
            try FileWriting.write(try StateJSON.document(plan), to: out)
        }
        let view = SweepView(
            owner: owner, found: found, kept: sights.flatMap(\.kept), fates: try runner.fates(found, of: sights))
        let quiet = output.quiet && found.isEmpty
        if !output.json, !quiet { output.result(view.text) }
        guard apply else { return try finishDry(view, failures, output) }
        try refuseTooMany(found)
        var outcome = try await work.remove(found, of: sights)
        outcome.add(failures)
        if output.json {
            try output.result(view.document(outcome))
        } else if !quiet {
            output.result(view.ending(outcome, at: invocation.ambient.now()))
        }
        if outcome.isGood { try beat(sights, owner, invocation, stateDir) }
        try outcome.finish(output, command: "spillway sweep --apply", stateDir: stateDir)
    }

    private func finishDry(_ view: SweepView, _ failures: [Diagnostic], _ output: Output) throws {
        for failure in failures { output.show(failure) }
        if output.json { try output.result(view.document(nil)) }
        if !failures.isEmpty { throw Finished(code: .error) }
        if detailedExitcode, !view.found.isEmpty { throw Finished(code: .changesPending) }
    }

    private func refuseTooMany(_ found: [SweepItem]) throws(Diagnostic) {
        guard let max, found.count > max else { return }
        throw Diagnostic(
            "sweep.too-many", "More was found than may be removed",
            detail: "\(found.count) resources were found; --max allows \(max).",
            remedy: "Look at the list. If it is right, raise --max.", command: "spillway sweep",
            exists: "Nothing was removed. There are: \(found.sentence).", exit: .refused)
    }

    private func beat(_ sights: [CloudSight], _ owner: String, _ invocation: Invocation, _ stateDir: String) throws {
        let folder = try StateFolder.open(stateDir, random: invocation.ambient.random)
        for sight in sights {
            try KeeperLog(folder).beat(
                provider: sight.opened.name.rawValue, account: sight.opened.cloud.account, owner: owner,
                at: invocation.ambient.now(), every: every)
        }
    }
}

extension Seconds: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
