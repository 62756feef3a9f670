import SpillwayCore
import SpillwayEngine

/// What is to be written, to which stream and when. Pure: ``Output`` gives it time and width, and writes what it says.
struct Screen {
    struct Piece: Hashable {
        var stream: Int32
        var bytes: [UInt8]
    }

    /// No more than ten pictures a second.
    static let frame = Duration.milliseconds(100)
    /// More text than this does not wait for the next picture.
    private static let plenty = 64 << 10

    /// Progress is drawn in place at the bottom.
    var live = false
    /// Time for a new picture though nothing happened: the spinner turns.
    var due = false

    private let json: Bool
    private let quiet: Bool
    private let terminal: Terminal
    private let view: ProgressView
    private var queue: [Piece] = []
    private var lost: Set<Int32> = []
    private var progress = ProgressState()
    private var plain = PlainProgress()
    private var region = LiveRegion()
    private var drawnAt: Duration?
    private var frozen = false
    private var lines: [Event.Stream: JobLines] = [:]
    private var characters: [Event.Stream: UTF8Boundary] = [:]
    /// Streams, no terminals, on which the job's last byte was no line break.
    private var midLine: Set<Int32> = []

    init(json: Bool, quiet: Bool, terminal: Terminal) {
        self.json = json
        self.quiet = quiet
        self.terminal = terminal
        view = ProgressView(style: terminal.style(of: 2), unicode: terminal.unicode)
    }

    // MARK: What comes in

    mutating func add(_ stream: Int32, _ bytes: [UInt8]) {
        guard !bytes.isEmpty, !lost.contains(stream) else { return }
        if queue.last?.stream == stream {
            queue[queue.count - 1].bytes += bytes
        } else {
            queue.append(Piece(stream: stream, bytes: bytes))
        }
    }

    mutating func result(_ text: String) { line(1, text.hasSuffix("\n") ? text : text + "\n") }

    mutating func show(_ diagnostic: Diagnostic, width: Int?) {
        if json {
            if let line = try? StateJSON.line(DiagnosticEvent(diagnostic: diagnostic)) { add(1, line) }
        } else {
            let style = terminal.style(of: 2)
            note(DiagnosticView(diagnostic: diagnostic, style: style, width: width.map { min($0, 100) }).text)
        }
    }

    mutating func emit(_ event: Event, at now: Duration) {
        if json { return encode(event) }
        switch event {
        case .output(let stream, let bytes): output(stream, bytes)
        // A line that the job left unfinished stands with the job's other lines, not below what follows.
        case .phase(.run, .done, _), .phase(.run, .failed, _): finishLines()
        default: break
        }
        guard !quiet else { return }
        if live {
            if let fact = progress.apply(event, at: now) { note(view.line(fact) + "\n") }
        } else if let line = plain.line(event) {
            note(line + "\n")
        }
    }

    /// Nobody reads this stream any more.
    mutating func lose(_ stream: Int32) {
        lost.insert(stream)
        queue.removeAll { $0.stream == stream }
    }

    /// The end of a display: what the job left unfinished is shown, then nothing is drawn any more.
    mutating func finish() {
        finishLines()
        for stream in [Event.Stream.stdout, .stderr] {
            if let rest = characters[stream]?.finish(), !rest.isEmpty { write(.output(stream, rest)) }
        }
        // What the job wrote to a pipe is given as it is: only a line of ours that follows ends it.
        if midLine.contains(2) { note("") }
        (live, progress) = (false, ProgressState())
    }

    // MARK: What goes out

    /// What is to be written now. On a live display text waits for the next picture, unless it is much.
    mutating func flush(at now: Duration, width: () -> Int) -> [Piece] {
        guard !frozen else { return [] }
        guard live else { return region.isDrawn ? above([], width()) : take() }
        let pictureDue = due || drawnAt.map { now - $0 >= Self.frame } ?? true
        guard pictureDue || queue.reduce(0, { $0 + $1.bytes.count }) > Self.plenty else { return [] }
        (due, drawnAt) = (false, now)
        return above(unfinished + view.live(progress, at: now), width())
    }

    /// Everything that waits, and an empty bottom, until ``resume()``.
    mutating func pause(width: Int) -> [Piece] {
        defer { frozen = true }
        return above([], width)
    }

    mutating func resume() { (frozen, due) = (false, true) }

    /// The text that waits, above a region of `picture`.
    private mutating func above(_ picture: [String], _ width: Int) -> [Piece] {
        let text = take()
        let erased = text.isEmpty ? "" : region.erase(width: width)
        let drawn = region.draw(picture, width: width)
        return [Piece(stream: 2, bytes: Array(erased.utf8))] + text + [Piece(stream: 2, bytes: Array(drawn.utf8))]
    }

    private mutating func take() -> [Piece] {
        defer { queue = [] }
        return queue
    }

    // MARK: The job's output

    /// A pipe or a file gets the job's bytes as they are, a terminal gets lines that cannot harm it.
    private mutating func output(_ stream: Event.Stream, _ bytes: [UInt8]) {
        guard isTerminal(stream) else {
            let descriptor = Self.descriptor(stream)
            add(descriptor, bytes)
            if let last = bytes.last, last != 10 { midLine.insert(descriptor) } else { midLine.remove(descriptor) }
            return
        }
        for line in lines[stream, default: JobLines()].take(bytes) { show(line, of: stream) }
    }

    private mutating func finishLines() {
        for stream in [Event.Stream.stdout, .stderr] {
            if let line = lines[stream]?.finish() { show(line, of: stream) }
        }
    }

    private mutating func show(_ line: [UInt8], of stream: Event.Stream) {
        add(Self.descriptor(stream), Array((Escaping.jobLine(line, color: terminal.color) + "\n").utf8))
    }

    /// Lines that the job has not finished yet, as the first lines of the picture.
    private var unfinished: [String] {
        [Event.Stream.stdout, .stderr].compactMap { lines[$0]?.unfinished }.filter { !$0.isEmpty }.map {
            Escaping.jobLine($0, color: terminal.color).split(separator: "\t", omittingEmptySubsequences: false)
                .joined(separator: "    ")
        }
    }

    private func isTerminal(_ stream: Event.Stream) -> Bool { stream == .stdout ? terminal.stdout : terminal.stderr }

    private static func descriptor(_ stream: Event.Stream) -> Int32 { stream == .stdout ? 1 : 2 }

    private mutating func note(_ text: String) { line(2, text) }

    /// A line of our own, never glued to what the job wrote.
    private mutating func line(_ stream: Int32, _ text: String) {
        add(stream, Array(((midLine.remove(stream) == nil ? "" : "\n") + text).utf8))
    }

    // MARK: JSON

    private mutating func encode(_ event: Event) {
        guard case .output(let stream, let bytes) = event else { return write(event) }
        let whole = characters[stream, default: UTF8Boundary()].take(bytes)
        if !whole.isEmpty { write(.output(stream, whole)) }
    }

    private mutating func write(_ event: Event) {
        if let line = try? StateJSON.line(event) { add(1, line) }
    }
}
