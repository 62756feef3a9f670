import Glibc

/// What the three standard streams are connected to, and what may be drawn there.
struct Terminal: Hashable, Sendable {
    var stdin: Bool
    var stdout: Bool
    var stderr: Bool
    /// May be used on a stream that is a terminal.
    var color: Bool
    /// A terminal that can move its cursor up.
    var movable: Bool
    var unicode: Bool
    /// `COLUMNS`, where the user has set it; else the terminal is asked each time, for it may be resized.
    var fixedWidth: Int?

    /// A display that is redrawn in place belongs on stderr, on a terminal that can do it.
    var live: Bool { stderr && movable }

    static func detect(environment: [String: String], noColor: Bool) -> Terminal {
        Terminal(
            environment: environment, noColor: noColor, stdin: isatty(0) == 1, stdout: isatty(1) == 1,
            stderr: isatty(2) == 1)
    }

    init(environment: [String: String], noColor: Bool, stdin: Bool, stdout: Bool, stderr: Bool) {
        (self.stdin, self.stdout, self.stderr) = (stdin, stdout, stderr)
        let dumb = environment["TERM"] == "dumb" || environment["TERM", default: ""].isEmpty
        // https://no-color.org: set to anything but the empty string.
        color = !dumb && !noColor && environment["NO_COLOR", default: ""].isEmpty
        movable = !dumb && !noColor
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        unicode = locale.lowercased().contains("utf-8") || locale.lowercased().contains("utf8")
        fixedWidth = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 >= 20 ? $0 : nil }
    }

    /// Columns of the terminal on `stream`; 80 where nobody knows.
    func width(of stream: Int32 = 2) -> Int {
        if let fixedWidth { return fixedWidth }
        var size = winsize()
        guard ioctl(stream, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
        return Int(size.ws_col)
    }

    func style(of stream: Int32) -> Style { Style(color: color && (stream == 1 ? stdout : stderr)) }
}

/// Colours, or none.
struct Style: Hashable, Sendable {
    var color: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "1;31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "1;33") }
    func cyan(_ text: String) -> String { wrap(text, "36") }

    static let plain = Style(color: false)

    private func wrap(_ text: String, _ code: String) -> String {
        color && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
