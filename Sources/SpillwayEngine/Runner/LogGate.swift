internal import SpillwayCore

/// Holds back what a login shell may print before the supervisor's own bytes begin on each stream.
struct LogGate {
    static let marker = Array("spillway-log\n".utf8)

    private var out = Stream()
    private var err = Stream()

    var isOpen: Bool { out.isOpen && err.isOpen }

    /// What of `output` belongs to the log; nil when none of it does.
    mutating func pass(_ output: RemoteOutput) -> RemoteOutput? {
        switch output {
        case .stdout(let bytes): out.pass(bytes).map(RemoteOutput.stdout)
        case .stderr(let bytes): err.pass(bytes).map(RemoteOutput.stderr)
        }
    }

    private struct Stream {
        private var held: [UInt8] = []
        var isOpen = false

        mutating func pass(_ bytes: [UInt8]) -> [UInt8]? {
            guard !isOpen else { return bytes }
            held += bytes
            while let newline = held.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(held[...newline])
                held.removeSubrange(...newline)
                if line.suffix(LogGate.marker.count) == LogGate.marker[...] {
                    isOpen = true
                    defer { held = [] }
                    return held.isEmpty ? nil : held
                }
            }
            return nil
        }
    }
}
