/// What happens while a command works, for progress displays and `--json`. One object a line: `{"event":"step",…}`.
package enum Event: Sendable, Hashable {
    package enum Progress: String, Codable, Sendable, Hashable {
        case started, done, failed
    }

    package enum Direction: String, Codable, Sendable, Hashable {
        case up, down
    }

    package enum Stream: String, Codable, Sendable, Hashable {
        case stdout, stderr
    }

    /// A change to one resource.
    case step(Step.Address, Step.Action, Progress, detail: String)
    /// A stretch of the whole: "provision", "ship", "run", "collect", "destroy".
    case phase(RunPhase, Progress, detail: String)
    /// Waiting for the far side; replaces the last of its kind.
    case waiting(String)
    case transfer(Direction, Transferred, of: Int64?)
    /// What the job wrote, secrets masked.
    case output(Stream, [UInt8])
    case note(String)

    package enum RunPhase: String, Codable, Sendable, Hashable, CaseIterable {
        case provision, connect, ship, run, collect, destroy
    }
}

extension Event: Encodable {
    private enum Key: String, CodingKey {
        case event, address, action, progress, detail, phase, text, direction, files, bytes, total, stream
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .step(let address, let action, let progress, let detail):
            try container.encode("step", forKey: .event)
            try container.encode(address.description, forKey: .address)
            try container.encode(action, forKey: .action)
            try container.encode(progress, forKey: .progress)
            try container.encode(detail, forKey: .detail)
        case .phase(let phase, let progress, let detail):
            try container.encode("phase", forKey: .event)
            try container.encode(phase, forKey: .phase)
            try container.encode(progress, forKey: .progress)
            try container.encode(detail, forKey: .detail)
        case .waiting(let text):
            try container.encode("waiting", forKey: .event)
            try container.encode(text, forKey: .text)
        case .transfer(let direction, let transferred, let total):
            try container.encode("transfer", forKey: .event)
            try container.encode(direction, forKey: .direction)
            try container.encode(transferred.files, forKey: .files)
            try container.encode(transferred.bytes, forKey: .bytes)
            try container.encodeIfPresent(total, forKey: .total)
        case .output(let stream, let bytes):
            try container.encode("output", forKey: .event)
            try container.encode(stream, forKey: .stream)
            try container.encode(String(decoding: bytes, as: UTF8.self), forKey: .text)
        case .note(let text):
            try container.encode("note", forKey: .event)
            try container.encode(text, forKey: .text)
        }
    }
}
