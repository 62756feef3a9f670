import ArgumentParser
import CloudSim

@main
struct CloudSimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloudsim", abstract: "A simulated cloud on this machine: Scaleway's API, EC2's, and real SSH.",
        subcommands: [Serve.self])
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves a cloud; the first line on standard output says how to reach it, as JSON.")

    @Option(help: "Loopback address and port of the API; port 0 takes any.")
    var listen = "127.0.0.1:0"

    @Option(help: "Seconds from power-on until SSH answers.")
    var bootDelay = 0.0

    @Option(help: "Factor on the durations seen on the real cloud; 1 is real time.")
    var timeScale = 0.002

    @Option(help: "Seed of ids, addresses and jitter.")
    var seed: UInt64?

    @Option(help: "File that gets one JSON line per request.")
    var requestLog: String?

    @Option(help: "Folder in which the world survives a restart.")
    var data: String?

    @Option(help: "End when nothing exists and nobody has asked for so many seconds.")
    var exitWhenIdle: Double?

    @Flag(help: "End when standard input ends.")
    var exitWithInput = false

    @Flag(help: "Machines have states but no sandbox and no SSH.")
    var withoutGuests = false

    @Flag(help: "Time passes only as POST /_sim/clock {\"advance_seconds\": S} says.")
    var manualClock = false

    @Option(help: "Seconds by which a client's clock may be wrong for EC2 to take its signature.")
    var clockSkew = 900.0

    func validate() throws {
        if timeScale < 0 || bootDelay < 0 { throw ValidationError("Times must not be negative.") }
    }

    func run() async throws {
        var options = CloudServer.Options()
        options.listen = listen
        options.bootDelay = bootDelay
        options.timeScale = timeScale
        options.seed = seed
        options.requestLog = requestLog
        options.data = data
        options.exitWhenIdle = exitWhenIdle
        options.exitWithInput = exitWithInput
        options.withoutGuests = withoutGuests
        options.manualClock = manualClock
        options.clockSkew = clockSkew
        try await CloudServer(options: options).run()
    }
}
