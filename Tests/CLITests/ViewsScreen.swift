import Foundation
import SpillwayCore
import Synchronization

@testable import SpillwayCLI

/// Another import has one too.
typealias Output = SpillwayCLI.Output

/// As much of a terminal as the display uses: enough to see what a person would see.
struct FakeScreen {
    private(set) var rows: [[Character]] = [[]]
    private var row = 0
    private var column = 0
    /// Anything the display should never send.
    private(set) var surprises: [String] = []

    var text: String { rows.map { String($0) }.joined(separator: "\n") }
    var cursor: (row: Int, column: Int) { (row, column) }

    mutating func take(_ bytes: [UInt8]) {
        var text = Substring(String(decoding: bytes, as: UTF8.self))
        while let character = text.popFirst() {
            switch character {
            case "\r\n", "\n":
                (row, column) = (row + 1, 0)
                if row == rows.count { rows.append([]) }
            case "\r": column = 0
            case "\u{1B}": escape(&text)
            default:
                while rows[row].count <= column { rows[row].append(" ") }
                rows[row][column] = character
                column += 1
            }
        }
    }

    private mutating func escape(_ text: inout Substring) {
        guard text.popFirst() == "[" else { return surprises.append("escape without [") }
        let parameter = String(text.prefix { $0.isNumber || $0 == ";" })
        text = text.dropFirst(parameter.count)
        switch text.popFirst() {
        case "A": row = max(0, row - (Int(parameter) ?? 1))
        case "J":
            rows.removeSubrange((row + 1)...)
            rows[row].removeSubrange(min(column, rows[row].count)...)
        case "m": break
        case let other: surprises.append("escape \(parameter)\(other.map(String.init) ?? "at the end")")
        }
    }
}

/// Streams that keep what was written, and a clock that stands until it is moved.
final class Recording: Sendable {
    private let held = Mutex((pieces: [Screen.Piece](), now: Duration.zero, gone: Set<Int32>()))

    func output(
        _ terminal: Terminal = .none, json: Bool = false, quiet: Bool = false
    ) -> Output {
        Output(
            json: json, quiet: quiet, terminal: terminal,
            streams: StandardStreams { stream, bytes in
                self.held.withLock {
                    guard !$0.gone.contains(stream) else { return .nobody }
                    $0.pieces.append(Screen.Piece(stream: stream, bytes: bytes))
                    return .all
                }
            }, now: { self.held.withLock { $0.now } })
    }

    func pass(_ span: Duration) { held.withLock { $0.now += span } }
    func close(_ stream: Int32) { held.withLock { _ = $0.gone.insert(stream) } }
    var pieces: [Screen.Piece] { held.withLock { $0.pieces } }

    func bytes(_ stream: Int32) -> [UInt8] { pieces.filter { $0.stream == stream }.flatMap(\.bytes) }
    func text(_ stream: Int32) -> String { String(decoding: bytes(stream), as: UTF8.self) }

    /// What a person sees where both streams are one terminal.
    var screen: FakeScreen {
        var screen = FakeScreen()
        for piece in pieces { screen.take(piece.bytes) }
        return screen
    }
}

extension Terminal {
    static let none = Terminal(environment: [:], noColor: false, stdin: false, stdout: false, stderr: false)
    static let full = Terminal(
        environment: ["TERM": "xterm", "LANG": "C.UTF-8", "COLUMNS": "80"], noColor: false, stdin: true, stdout: true,
        stderr: true)
    static let colorless = Terminal(
        environment: ["TERM": "xterm", "LANG": "C.UTF-8", "COLUMNS": "80", "NO_COLOR": "1"], noColor: false,
        stdin: true,
        stdout: true, stderr: true)
}
