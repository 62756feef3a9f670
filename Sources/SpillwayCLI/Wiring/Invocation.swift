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
    let http: any HTTPClient
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

    var random: @Sendable () -> Double {
        {
            let bytes = LibCrypto.secureRandom(count: 7)
            return Double(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 3) / Double(UInt64(1) << 53)
        }
    }
}
