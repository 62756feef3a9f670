import FoundationEssentials
import Glibc
import SpillwayCore
import SpillwayEngine
import SpillwayProviders
import SpillwayTransport

/// One call of the command line: its options and the real parts behind every port.
struct Invocation: Sendable {
    let global: GlobalOptions
    let output: Output
    let environment: [String: String]
    let http: any HTTPStreaming
    let ambient: Ambient

    init(_ global: GlobalOptions) {
        self.global = global
        environment = ProcessInfo.processInfo.environment
        let output = Output(json: global.json, noColor: global.noColor, quiet: global.quiet)
        self.output = output
        var options = CurlHTTPClient.Options()
        options.readCertificates(from: environment)
        http = CurlHTTPClient(options: options)
        ambient = Ambient(
            now: {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                return Timestamp(seconds: Int64(time.tv_sec))
            },
            sleep: { try await Task.sleep(for: $0) },
            random: { LibCrypto.secureRandom(count: $0) })
    }

    /// `--state-dir`, `SPILLWAY_STATE_DIR`, else `state` beside the spec.
    func stateDir(beside folder: String = ".") -> String {
        global.stateDir ?? environment["SPILLWAY_STATE_DIR"].flatMap { $0.isEmpty ? nil : $0 }
            ?? (folder == "." ? "state" : folder + "/state")
    }

    /// `SPILLWAY_SSH_PATIENCE`: how many seconds a machine may take from power-on until it answers SSH.
    var sshPatience: Duration {
        get throws {
            guard let text = environment["SPILLWAY_SSH_PATIENCE"], !text.isEmpty else { return .seconds(600) }
            if let seconds = Int(text), (1...86_400).contains(seconds) { return .seconds(seconds) }
            throw Diagnostic(
                "config.wrong-number", "Not a number of seconds",
                detail: "SPILLWAY_SSH_PATIENCE is \"\(text)\".",
                remedy: "Set it to a whole number of seconds from 1 to 86400, or unset it: then it is 600.",
                exit: .usage)
        }
    }

    var random: @Sendable () -> Double {
        {
            let bytes = LibCrypto.secureRandom(count: 7)
            return Double(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 3) / Double(UInt64(1) << 53)
        }
    }
}
