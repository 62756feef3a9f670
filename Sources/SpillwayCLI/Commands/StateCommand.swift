import ArgumentParser
import SpillwayCore
import SpillwayEngine

struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Looks at the state folder; sets and breaks locks.",
        subcommands: [List.self, Show.self, Lock.self, Unlock.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "The bursts this folder knows.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let invocation = Invocation(global)
            guard let folder = try StateFolder.existing(invocation.stateDir()) else { return }
            for burst in try KnownBurst.all(in: invocation.stateDir()) {
                guard let state = burst.state else { continue }
                if invocation.output.json {
                    try invocation.output.result(BurstStatus(state, now: invocation.ambient.now()))
                } else {
                    let holder = try BurstLock.holder(of: burst.name, in: folder)
                    invocation.output.result(
                        "\(burst.name)  serial \(state.serial)  \(state.isLive ? "live" : "ended")"
                            + (holder.map { "  locked: \(Escaping.terminal($0.words)), lock id \($0.id)" } ?? ""))
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "The state of a burst, journal folded in, as JSON.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var burst: BurstOptions

        func run() async throws {
            let invocation = Invocation(global)
            let known = try burst.find(invocation)
            guard let state = known.state else { throw StateCommand.none(known) }
            let bytes = invocation.output.json ? try StateJSON.line(state) : try StateJSON.document(state)
            invocation.output.result(String(decoding: bytes.dropLast(), as: UTF8.self))
            if !invocation.output.json, let folder = try StateFolder.existing(known.stateDir),
                let holder = try BurstLock.holder(of: known.name, in: folder)
            {
                invocation.output.show(.note("Locked: \(holder.words); lock id \(holder.id)."))
            }
        }
    }

    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lock", abstract: "Keeps every command off a burst until `state unlock`.",
            discussion: "For maintenance. Sweeps leave the burst alone too, whatever it costs meanwhile; "
                + "`destroy --now` does not.")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The burst.")
        var name: String

        @Option(help: ArgumentHelp("Told to everybody who is kept off.", valueName: "text"))
        var reason = "maintenance"

        func run() async throws {
            let invocation = Invocation(global)
            let folder = try StateFolder.open(invocation.stateDir(), random: invocation.ambient.random)
            let holder = try BurstLock.lockByHand(
                name, in: folder, why: reason, identity: .current(), now: invocation.ambient.now())
            if invocation.output.json { return try invocation.output.result(holder) }
            let state = try FileStateStore(folder, burst: name).load()
            invocation.output.result("\(name) is locked. To end it: spillway state unlock \(holder.id)")
            if let state, state.isLive {
                invocation.output.result(Inventory(state.live.map(\.resource), rates: state.run?.rates).sentence)
            }
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unlock", abstract: "Clears a lock set by hand, or left by another machine, by its id.")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The lock's id, as the refusal named it.")
        var id: String

        func run() async throws {
            let invocation = Invocation(global)
            let stateDir = invocation.stateDir()
            guard let folder = try StateFolder.existing(stateDir) else {
                throw Diagnostic(
                    "state.none", "There is no state folder", detail: "\(stateDir) holds no state.", exit: .usage)
            }
            for burst in try folder.lockable() where try BurstLock.holder(of: burst, in: folder)?.id == id {
                try BurstLock.unlock(burst, id: id, in: folder, identity: .current())
                invocation.output.result("\(burst) is unlocked.")
                return
            }
            throw Diagnostic(
                "state.no-such-lock", "There is no such lock", detail: "No burst in \(stateDir) is locked by \(id).",
                remedy: "Look at the state of the burst:", command: "spillway state list",
                exists: "Nothing was changed.", exit: .usage)
        }
    }

    static func none(_ known: KnownBurst) -> Diagnostic {
        Diagnostic(
            "burst.none", "There is no such burst", detail: "\(known.stateDir) never saw a burst \(known.name).",
            remedy: "See what there is:", command: "spillway state list", exit: .usage)
    }
}
