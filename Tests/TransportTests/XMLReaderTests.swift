import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct XMLReaderTests {
    private func read(_ text: String, limits: XMLReader.Limits = .init()) throws -> XMLElement {
        try XMLReader.read(Array(text.utf8), limits: limits)
    }

    private func problem(_ text: String, limits: XMLReader.Limits = .init()) -> String? {
        problem(Array(text.utf8), limits: limits)
    }

    private func problem(_ bytes: [UInt8], limits: XMLReader.Limits = .init()) -> String? {
        do throws(Diagnostic) {
            _ = try XMLReader.read(bytes, limits: limits)
            return nil
        } catch {
            return error.code == "xml.malformed" ? error.detail : "code \(error.code)"
        }
    }

    @Test func `elements and text are read in order`() throws {
        let root = try read(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Answer xmlns="http://ec2.example/doc/"><!-- c -->
              <set a="1" b='&lt;2&gt;'><item>x</item><item> y z </item></set>
              <name>a &amp; b <![CDATA[<c>]]> ü&#x20AC;</name><empty/>
            </Answer>
            """)
        #expect(root.name == "Answer")
        #expect(root.text.isEmpty && root.children.map(\.name) == ["set", "name", "empty"])
        #expect(root["set"]?.all("item").map(\.text) == ["x", "y z"])
        #expect(root["name"]?.text == "a & b <c> ü€")
        #expect(root["empty"] == XMLElement("empty"))
    }

    @Test func `what is left out is not kept, nor what is in it, and its form is still checked`() throws {
        let text = "<a>x<b>1<c>2</c><b>3</b></b>y<c>4</c><d><b/>5</d></a>"
        let left = try XMLReader.read(Array(text.utf8), leavingOut: ["b"])
        #expect(
            left == XMLElement("a", text: "xy", children: [XMLElement("c", text: "4"), XMLElement("d", text: "5")]))
        #expect(
            try XMLReader.read(Array(text.utf8), leavingOut: ["a"])
                == XMLElement(
                    "a", text: "xy",
                    children: [
                        try read("<b>1<c>2</c><b>3</b></b>"), XMLElement("c", text: "4"), try read("<d><b/>5</d>"),
                    ]))
        #expect(throws: Diagnostic.self) { try XMLReader.read(Array("<a><b><c></b></a>".utf8), leavingOut: ["b"]) }
        #expect(throws: Diagnostic.self) {
            try XMLReader.read(Array("<a><b><c/></b></a>".utf8), leavingOut: ["b"], limits: .init(depth: 2))
        }
    }

    @Test func `a document longer than what expat is given at once is read whole`() throws {
        let items = (0..<20_000).map { "<item>number \($0) ü</item>" }
        let root = try read("<a>\(items.joined())</a>")
        #expect(root.all("item").map(\.text) == (0..<20_000).map { "number \($0) ü" })
        #expect(problem("<a>\(items.joined())</b>") != nil)
    }

    @Test(arguments: [
        "<!DOCTYPE a><a/>", "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;&c;&c;</a>",
    ])
    func `a document type is refused`(_ text: String) {
        #expect(problem(text)?.hasSuffix("a document type is not accepted") == true)
    }

    @Test(arguments: [
        "", "   \n", "not XML", "<a>", "<a></b>", "<a>&b;</a>", "<a/><b/>", "<a", "{\"a\": 1}",
        "<html><body><p>Service Unavailable<br></body></html>", "<a>\u{1}</a>", "<a b=1/>",
    ])
    func `what is not well-formed is refused with its place`(_ text: String) {
        #expect(problem(text)?.hasPrefix("line ") == true)
    }

    @Test func `the place is that of the problem`() {
        #expect(problem("<a>\n  <b></c>\n</a>") == "line 2, column 8: mismatched tag")
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(problem(Array("<a>".utf8) + [0xff, 0xfe] + Array("</a>".utf8)) != nil)
    }

    @Test func `depth and number of elements are capped`() throws {
        let nested = String(repeating: "<a>", count: 64) + String(repeating: "</a>", count: 64)
        #expect(try read(nested).name == "a")
        #expect(problem("<b>\(nested)</b>")?.hasSuffix("nested deeper than 64 elements") == true)
        let many = "<a>" + String(repeating: "<b/>", count: 10) + "</a>"
        #expect(try read(many, limits: .init(elements: 11)).children.count == 10)
        #expect(problem(many, limits: .init(elements: 10))?.hasSuffix("more than 10 elements") == true)
    }

    @Test func `a document cut anywhere is refused, never half read`() {
        let whole = Array("<a b=\"c\"><d>text &amp; more</d><e/></a>".utf8)
        #expect(problem(whole) == nil)
        for end in 0..<whole.count { #expect(problem(Array(whole[..<end])) != nil, "cut at \(end)") }
    }

    @Test func `mutated documents are read or refused, and never crash`() {
        let whole = Array(
            "<r><i id=\"1\">x</i><i id='2'><![CDATA[y]]></i><!-- z --><i>&#65;&lt;</i></r>".utf8)
        var random = SeededRandom(seed: 7)
        var read = 0
        for _ in 0..<5_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                if Bool.random(using: &random) {
                    bytes[index] = UInt8.random(in: 0...255, using: &random)
                } else {
                    bytes.remove(at: index)
                }
            }
            if problem(bytes) == nil { read += 1 }
        }
        #expect(read > 0 && read < 5_000)
    }
}
