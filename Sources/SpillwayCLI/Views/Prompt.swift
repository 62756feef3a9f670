import Glibc
import SpillwayCore

/// Questions to whoever sits at the terminal. Without one nothing is asked: that is an error, never a default.
struct Prompt {
    enum Line: Hashable {
        case text(String)
        /// Nobody answered in time.
        case silence
        /// The input ended.
        case end
    }

    let output: Output
    /// Reads one line; waits for ever when there is no limit.
    var readLine: @Sendable (_ limit: Duration?) -> Line = Prompt.standardInput

    private var canAsk: Bool { output.terminal.stdin && output.terminal.stderr && !output.json }

    /// True for yes. `assumed` is `-y`. `question` says what will happen; text of others in it is escaped already.
    func confirm(_ question: String, assumed: Bool) throws(Diagnostic) -> Bool {
        if assumed { return true }
        guard canAsk else { throw Self.nobody(question) }
        return output.paused {
            while true {
                output.ask("\(question) [y/N] ")
                switch readLine(nil) {
                case .text(let line):
                    switch line.lowercased() {
                    case "y", "yes": return true
                    case "n", "no", "": return false
                    default: output.ask("Please answer y or n.\n")
                    }
                case .silence, .end:
                    output.ask("\n")
                    return false
                }
            }
        }
    }

    /// The chosen key; nil when nobody answers within `limit`, or when there is nobody to ask.
    func choose(_ question: String, _ choices: [(key: Character, what: String)], limit: Duration) -> Character? {
        guard canAsk else { return nil }
        let offered = choices.map { "[\($0.key)] \($0.what)" }.joined(separator: "  ")
        return output.paused {
            output.ask("\(question)\n\(offered): ")
            guard case .text(let line) = readLine(limit), let key = line.lowercased().first,
                choices.contains(where: { $0.key == key })
            else {
                output.ask("\n")
                return nil
            }
            return key
        }
    }

    private static func nobody(_ question: String) -> Diagnostic {
        Diagnostic(
            "usage.no-terminal", "There is nobody to ask", detail: "Without a terminal this is not asked: \(question)",
            remedy: "Say yes beforehand with -y, or run it on a terminal.", exists: "Nothing was changed.", exit: .usage
        )
    }

    static let standardInput: @Sendable (Duration?) -> Line = { limit in
        let deadline = limit.map { ContinuousClock.now + $0 }
        var bytes: [UInt8] = []
        while true {
            var ready = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            let left = deadline.map { max(0, Amounts.milliseconds($0 - ContinuousClock.now)) } ?? -1
            let polled = poll(&ready, 1, Int32(clamping: left))
            if polled < 0, errno == EINTR { continue }
            guard polled > 0 else { return .silence }
            var byte: UInt8 = 0
            let count = read(0, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count <= 0 { return bytes.isEmpty ? .end : .text(String(decoding: bytes, as: UTF8.self)) }
            if byte == 10 { return .text(String(decoding: bytes.filter { $0 > 31 }, as: UTF8.self)) }
            bytes.append(byte)
        }
    }
}
