import FoundationEssentials
import SpillwayCore
import SpillwayEngine
import Synchronization

/// The only place that writes to stdout and stderr: results and the job's output to stdout; progress, notes and
/// diagnostics to stderr. With `--json` everything is one object or event a line on stdout.
final class Output: Sendable {
    let json: Bool
    let quiet: Bool
    let terminal: Terminal
    private let streams: StandardStreams
    private let now: @Sendable () -> Duration
    private let screen: Mutex<Screen>

    /// Over the real streams of this process.
    convenience init(
        json: Bool, noColor: Bool, quiet: Bool,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let start = ContinuousClock.now
        self.init(
            json: json, quiet: quiet, terminal: .detect(environment: environment, noColor: noColor), streams: .real(),
            now: { ContinuousClock.now - start })
    }

    init(
        json: Bool, quiet: Bool, terminal: Terminal, streams: StandardStreams, now: @escaping @Sendable () -> Duration
    ) {
        self.json = json
        self.quiet = quiet
        self.terminal = terminal
        self.streams = streams
        self.now = now
        screen = Mutex(Screen(json: json, quiet: quiet, terminal: terminal))
    }

    // MARK: Results and diagnostics

    /// A line of the result, or several; text of others in it is escaped already.
    func result(_ text: String) { change { $0.result(text) } }

    /// One object as one line: the result of a verb with `--json`.
    func result(_ value: some Encodable) throws {
        let line = try StateJSON.line(value)
        change { $0.add(1, line) }
    }

    func show(_ diagnostic: Diagnostic) {
        change { $0.show(diagnostic, width: terminal.stderr ? terminal.width() : nil) }
    }

    // MARK: Progress

    /// Something happened: the sink for the engine's events, from any thread.
    func show(_ event: Event) {
        let at = now()
        change { $0.emit(event, at: at) }
    }

    /// Runs `body` with a live display of the events that come meanwhile, where the terminal can show one.
    /// However `body` ends, the display is gone and the cursor stands on an empty line.
    func following<Value: Sendable>(_ body: () async throws -> Value) async rethrows -> Value {
        defer { change { $0.finish() } }
        guard terminal.live, !json, !quiet else { return try await body() }
        change { $0.live = true }
        async let _ = tick()
        return try await body()
    }

    /// Runs `body` while nothing is drawn, for a question; what comes meanwhile is shown after it.
    func paused<Value>(_ body: () throws -> Value) rethrows -> Value {
        screen.withLock { screen in write(screen.pause(width: terminal.width()), &screen) }
        defer { change { $0.resume() } }
        return try body()
    }

    /// A question to the user, while ``paused(_:)``.
    func ask(_ text: String) { _ = streams.write(2, Array(text.utf8)) }

    private func tick() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Screen.frame)
            change { $0.due = true }
        }
    }

    /// Changes the screen and writes what is due, so that two threads never write into each other's lines.
    private func change(_ body: (inout Screen) -> Void) {
        screen.withLock { screen in
            body(&screen)
            write(screen.flush(at: now(), width: { terminal.width() }), &screen)
        }
    }

    private func write(_ pieces: [Screen.Piece], _ screen: inout Screen) {
        for piece in pieces where !piece.bytes.isEmpty {
            switch streams.write(piece.stream, piece.bytes) {
            case .all: break
            case .nobody: screen.lose(piece.stream)
            case .failed(let reason):
                screen.lose(piece.stream)
                // The result is cut short and no later line would show it.
                if piece.stream == 1 { ask("error: could not write to standard output: \(reason)\n") }
            }
        }
    }
}
