import SpillwayCore
import Testing

@testable import SpillwayCLI

@Suite struct ViewsEscapingTests {
    @Test(arguments: [
        ("plain text, ünïcode 漢字 🙂", "plain text, ünïcode 漢字 🙂"),
        ("\u{1B}[2Jgone", "\\u{1B}[2Jgone"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\u{202E}gpj.exe", "\\u{202E}gpj.exe"),
        ("\u{2066}x\u{2069}\u{200B}", "\\u{2066}x\\u{2069}\\u{200B}"),
        ("\u{9B}31m\u{7F}\u{0}", "\\u{9B}31m\\u{7F}\\u{0}"),
        ("می\u{200C}خواهم 👩\u{200D}🚀", "می\u{200C}خواهم 👩\u{200D}🚀"),
        ("\u{E0041}hidden", "\\u{E0041}hidden"),
    ])
    func `what could deceive is spelled out, the rest stays`(text: String, shown: String) {
        #expect(Escaping.terminal(text) == shown)
    }

    @Test func `no text makes a terminal do anything`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let scalars = (0..<40).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x2100, using: &random)) }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            let shown = Escaping.terminal(text).unicodeScalars
            #expect(shown.allSatisfy { $0.value >= 32 && !(127...159).contains($0.value) })
            #expect(shown.allSatisfy { !(0x202A...0x202E).contains($0.value) && !(0x2066...0x2069).contains($0.value) })
            let line = Escaping.jobLine(Array(text.utf8), color: false).unicodeScalars
            #expect(line.allSatisfy { $0.value >= 32 && !(127...159).contains($0.value) || $0 == "\t" })
        }
    }

    @Test func `paragraphs keep their line breaks and nothing else`() {
        #expect(Escaping.paragraphs("a\nb\u{1B}c\r\n") == "a\nb\\u{1B}c\\r\n")
    }

    @Test(arguments: [
        ("a_b *c* `d`", "a\\_b \\*c\\* \\`d\\`"),
        ("<script>&amp;", "&lt;script&gt;&amp;amp;"),
        ("[x](http://y)", "\\[x\\]\\(http:<!-- -->//y\\)"),
        ("@me #12 www.x.y", "@<!-- -->me \\#<!-- -->12 www\\.x\\.y"),
        ("a|b\nc", "a\\|b\\\\nc"),
    ])
    func `nothing in Markdown is markup, a link or a mention`(text: String, shown: String) {
        #expect(Escaping.markdown(text) == shown)
    }

    @Test(arguments: [
        ("\u{1B}[31mred\u{1B}[0m", "\u{1B}[31mred\u{1B}[0m\u{1B}[0m", "red"),
        ("10%\r50%\r100%\r", "100%", "100%"),
        ("\u{1B}[2J\u{1B}[1;1Hover", "over", "over"),
        ("\u{1B}]0;title\u{7}text", "text", "text"),
        ("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\", "link", "link"),
        ("bell\u{7} tab\tback\u{8}", "bell tab\tback\\u{8}", "bell tab\tback\\u{8}"),
        ("cut \u{1B}[3", "cut ", "cut "),
        ("cut \u{1B}", "cut ", "cut "),
        ("\u{1B}[?25lhide", "hide", "hide"),
        ("\u{1B}[38;5;9mx", "\u{1B}[38;5;9mx\u{1B}[0m", "x"),
    ])
    func `a job's line keeps its colours at most`(line: String, colored: String, plain: String) {
        #expect(Escaping.jobLine(Array(line.utf8), color: true) == colored)
        #expect(Escaping.jobLine(Array(line.utf8), color: false) == plain)
    }

    @Test func `bytes that are no text are shown as such`() {
        #expect(Escaping.jobLine([0xFF, 0x41], color: true) == "\u{FFFD}A")
    }
}
