/// The lines at the bottom of the terminal that are redrawn in place. Pure: it gives the bytes, somebody writes them.
///
/// The cursor always rests at the beginning of the line below, so that whatever ends the process leaves no broken line.
struct LiveRegion {
    /// Each line on the screen, by its width.
    private var drawn: [Int] = []
    private var text: [String] = []

    var isDrawn: Bool { !drawn.isEmpty }

    /// Takes the region off the screen; the cursor stands where it began.
    mutating func erase(width: Int) -> String {
        guard isDrawn else { return "" }
        // A terminal that was made narrower has wrapped what was drawn before.
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + width - 1) / width) }
        (drawn, text) = ([], [])
        return "\u{1B}[\(rows)A\r\u{1B}[J"
    }

    /// Puts `lines` in the place of what is drawn; empty when they are there already.
    mutating func draw(_ lines: [String], width: Int) -> String {
        let lines = lines.map { TextWidth.cut($0, to: width - 1) }
        guard lines != text else { return "" }
        let erased = erase(width: width)
        text = lines
        drawn = lines.map(TextWidth.of)
        return erased + lines.map { $0 + "\n" }.joined()
    }
}
