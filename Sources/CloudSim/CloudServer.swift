import Dispatch
import FlyingFox
import FlyingSocks
import Foundation
import Glibc

/// `cloudsim serve`: one cloud on loopback ports until it is told to end, or is idle for long enough.
package struct CloudServer: Sendable {
    package struct Options: Sendable {
        package var listen = "127.0.0.1:0"
        package var bootDelay = 0.0
        package var timeScale = 0.002
        package var seed: UInt64?
        package var requestLog: String?
        package var data: String?
        package var exitWhenIdle: Double?
        package var exitWithInput = false
        package var withoutGuests = false
        package var manualClock = false
        package var clockSkew = 900.0

        package init() {}
    }

    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    private let options: Options

    package init(options: Options) { self.options = options }

    package func run() async throws {
        let (host, port) = try Self.loopback(options.listen)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        let store = try WorldStore(path: options.data)
        let seed = options.seed ?? UInt64.random(in: 1...UInt64.max)
        let world = try store.load() ?? World(seed: seed)
        let settings = Cloud.Settings(
            clock: SimClock(scale: options.timeScale, bootDelay: options.bootDelay),
            hasGuests: !options.withoutGuests, requestLog: options.requestLog, isManual: options.manualClock,
            clockSkew: options.clockSkew)
        let cloud = try Cloud(world: world, store: store, settings: settings)
        let ssh = try ReservedPort(preferred: world.sshPort)
        let server = try await Self.start(
            host: host, ports: port == 0 ? [world.apiPort, 0] : [port], handler: Gateway(cloud: cloud))
        defer { server.task.cancel() }
        try await cloud.setPorts(api: server.port, ssh: ssh.port)
        await cloud.resume()
        // Heard from here on: whoever reads the first line may end the cloud at once.
        let (ends, end) = AsyncStream<Void>.makeStream()
        let watchers = watch(cloud, end)
        defer { watchers() }
        try Self.announce(world, host: host, port: server.port, ssh: ssh.port)
        let warmUp = Task { await cloud.warmUp() }
        for await _ in ends { break }
        // It writes into the folder that is about to go.
        await warmUp.value
        await cloud.shutDown()
        ssh.release()
    }

    private static func loopback(_ text: String) throws -> (String, UInt16) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]),
            IPv4Range("127.0.0.0/8")?.contains(String(parts[0])) == true
        else {
            throw Refusal(
                description: "cloudsim listens on loopback only, because its machines run commands for whoever asks: "
                    + "use --listen 127.0.0.1:PORT (0 for any), not \(text).")
        }
        return (String(parts[0]), port)
    }

    private static func start(
        host: String, ports: [UInt16], handler: Gateway
    ) async throws -> (port: UInt16, task: Task<Void, any Error>) {
        var problem: any Error = Refusal(description: "no port")
        for port in ports {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            // Delays and hangs are faults that a test asks for: the server itself must not cut them short.
            let server = HTTPServer(address: address, timeout: 86_400, logger: .disabled, handler: handler)
            let task = Task { try await server.run() }
            do {
                try await server.waitUntilListening(timeout: 2)
                if case .ip4(_, let actual) = await server.listeningAddress {
                    PromptSockets.enable(port: actual)
                    return (actual, task)
                }
            } catch {
                problem = error
            }
            task.cancel()
        }
        throw problem
    }

    /// The first line on standard output: how to reach the cloud.
    private static func announce(_ world: World, host: String, port: UInt16, ssh: UInt16) throws {
        let line = Endpoint(url: "http://\(host):\(port)", sshPort: Int(ssh)).described(world)
        try FileHandle.standardOutput.write(contentsOf: Data((line.text + "\n").utf8))
    }

    /// Tells `end` of SIGTERM or SIGINT, of the end of standard input where asked, and when nothing is left and nobody
    /// asks. Returns what stops the watching.
    private func watch(_ cloud: Cloud, _ end: AsyncStream<Void>.Continuation) -> () -> Void {
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { end.yield() }
            source.resume()
            return source
        }
        if options.exitWithInput {
            let thread = Thread {
                var byte: UInt8 = 0
                while read(STDIN_FILENO, &byte, 1) > 0 {}
                end.yield()
            }
            thread.start()
        }
        let idleness = options.exitWhenIdle.map { seconds in
            Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(min(seconds, 1)))
                    if await cloud.isIdle, await Instant.now() - cloud.lastRequest >= seconds { end.yield() }
                }
            }
        }
        return {
            sources.forEach { $0.cancel() }
            idleness?.cancel()
        }
    }
}
