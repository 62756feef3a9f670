package import SpillwayCore

/// How the job stands, as its supervisor says.
package struct JobStatus: Sendable, Hashable {
    package enum Phase: String, Sendable, Hashable {
        /// Never started here.
        case absent
        case setup
        case running = "command"
        case finished
        /// Begun, not finished, and nobody is left who would finish it: the machine was restarted, or worse.
        case lost
    }

    package var phase: Phase
    package var ending: JobRecord.Ending?
    /// Of `command`, or of `setup` where that failed.
    package var exit: RemoteExit?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// Bytes in the logs so far.
    package var sizes: LogOffsets
    /// What the supervisor could not do, or did unasked.
    package var notes: [String]

    package var isOver: Bool { phase == .finished || phase == .lost }

    /// Reads the supervisor's `key=value` lines; nil without a known phase.
    init?(lines text: String) {
        var values: [Substring: String] = [:]
        notes = []
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = String(line[line.index(after: equals)...])
            if line[..<equals] == "note" {
                notes.append(value)
            } else {
                values[line[..<equals]] = value
            }
        }
        guard let phase = values["phase"].flatMap(Phase.init(rawValue:)) else { return nil }
        self.phase = phase
        ending = phase == .lost ? .lost : values["ending"].flatMap(JobRecord.Ending.init(rawValue:))
        exit = values["status"].flatMap { Int32($0) }.map { status in
            RemoteExit(status: status, signal: values["signal"].flatMap { $0.isEmpty ? nil : $0 })
        }
        startedAt = values["started"].flatMap { Int64($0) }.map(Timestamp.init(seconds:))
        finishedAt = values["finished"].flatMap { Int64($0) }.map(Timestamp.init(seconds:))
        sizes = LogOffsets(
            out: values["out"].flatMap { Int64($0) } ?? 0, err: values["err"].flatMap { Int64($0) } ?? 0)
    }
}

/// How far into the job's two logs somebody has read, in bytes.
package struct LogOffsets: Sendable, Hashable, Codable {
    package var out: Int64
    package var err: Int64

    package init(out: Int64 = 0, err: Int64 = 0) {
        self.out = out
        self.err = err
    }

    package mutating func advance(by output: RemoteOutput) {
        switch output {
        case .stdout(let bytes): out += Int64(bytes.count)
        case .stderr(let bytes): err += Int64(bytes.count)
        }
    }

    /// True when `other` was read no further than this.
    package func covers(_ other: LogOffsets) -> Bool { out >= other.out && err >= other.err }
}
