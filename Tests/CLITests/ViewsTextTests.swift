import SpillwayCore
import Testing

@testable import SpillwayCLI

@Suite struct ViewsTextTests {
    @Test(arguments: [("", 0), ("abc", 3), ("漢字", 4), ("e\u{301}", 1), ("🙂", 2), ("\u{1B}[1;31mab\u{1B}[0m", 2)])
    func `width is counted in columns`(text: String, width: Int) {
        #expect(TextWidth.of(text) == width)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("漢字漢字", 6, "漢字…"),
        ("\u{1B}[31mabcdef", 4, "\u{1B}[31mabc…\u{1B}[0m"),
    ])
    func `a line is cut to fit, and its colour ends with it`(text: String, width: Int, cut: String) {
        #expect(TextWidth.cut(text, to: width) == cut)
    }

    @Test func `paragraphs are wrapped at spaces, indented ones keep their indent`() {
        #expect(
            TextWidth.wrapped("one two three\n  four five\n\nseventeenletters x", to: 9)
                == ["one two", "three", "  four", "  five", "", "seventeenletters", "x"])
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1234, "1.2 kB"), (9999, "10 kB"), (34_567_890, "35 MB"),
            (999_400, "999 kB"), (999_999, "1.0 MB"), (20_000_000_000, "20 GB"),
        ] as [(Int64, String)])
    func `sizes are short`(count: Int64, text: String) {
        #expect(Amounts.bytes(count) == text)
    }

    @Test(
        arguments: [
            (40, "0.0s"), (449, "0.4s"), (9940, "9.9s"), (9960, "9s"), (59_999, "59s"), (185_000, "3m05s"),
            (7_620_000, "2h07m"),
        ] as [(Int64, String)])
    func `spans are short`(millis: Int64, text: String) {
        #expect(Amounts.span(.milliseconds(millis)) == text)
    }

    @Test func `a rate needs time and bytes`() {
        #expect(Amounts.rate(8_000_000, over: .seconds(2)) == "4.0 MB/s")
        #expect(Amounts.rate(8_000_000, over: .zero) == nil)
        #expect(Amounts.rate(0, over: .seconds(1)) == nil)
    }

    @Test func `a table is as wide as its widest cells and escapes them`() {
        let table = TableView(
            columns: [.init("ZONE"), .init("EUR/h", right: true), .init("WHY")],
            rows: [["fr-par-2", "0.10", "ok"], ["漢字", "12.00", "a\u{1B}b"], ["short"]])
        #expect(
            table.lines() == [
                "ZONE      EUR/h  WHY", "fr-par-2   0.10  ok", "漢字      12.00  a\\u{1B}b", "short",
            ])
        #expect(table.lines(width: 12)[1] == "fr-par-2   …")
    }

    @Test(
        arguments: [
            (["TERM": "xterm"], true, true), (["TERM": "dumb"], false, false), ([:], false, false),
            (["TERM": "xterm", "NO_COLOR": "1"], false, true), (["TERM": "xterm", "NO_COLOR": ""], true, true),
        ] as [([String: String], Bool, Bool)])
    func `the environment decides on colour and movement`(environment: [String: String], color: Bool, movable: Bool) {
        let terminal = Terminal(environment: environment, noColor: false, stdin: true, stdout: true, stderr: true)
        #expect(terminal.color == color)
        #expect(terminal.movable == movable)
    }

    @Test func `a pipe gets no colour and no display, whatever the environment`() {
        let terminal = Terminal(
            environment: ["TERM": "xterm"], noColor: false, stdin: false, stdout: false, stderr: false)
        #expect(!terminal.live)
        #expect(terminal.style(of: 1) == .plain)
        #expect(terminal.style(of: 2) == .plain)
        let flagged = Terminal(environment: ["TERM": "xterm"], noColor: true, stdin: true, stdout: true, stderr: true)
        #expect(!flagged.live)
        #expect(flagged.style(of: 2) == .plain)
    }

    @Test(arguments: [(["COLUMNS": "132"], 132), (["COLUMNS": "5"], 80), (["COLUMNS": "wide"], 80)])
    func `COLUMNS sets the width where it makes sense`(environment: [String: String], width: Int) {
        let terminal = Terminal(environment: environment, noColor: false, stdin: false, stdout: false, stderr: false)
        #expect(terminal.width(of: -1) == width)
    }
}
