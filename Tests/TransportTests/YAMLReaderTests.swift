import SpillwayCore
import SpillwayTransport
import Testing

@Suite struct YAMLReaderTests {
    static func at(_ line: Int, _ column: Int) -> SpillwayCore.SourceLocation {
        SpillwayCore.SourceLocation(file: "s.yaml", line: line, column: column)
    }

    static func read(_ text: String) throws(Diagnostic) -> DocumentNode {
        try YAMLReader.read(text: text, file: "s.yaml")
    }

    func refusal(_ text: String) -> Diagnostic? {
        #expect(throws: Diagnostic.self) { try Self.read(text) }
    }

    @Test func `every node carries its line and column`() throws {
        let node = try Self.read("name: render\nzone: [fr-par-2,  \"nl\"]\nrun: |\n  a\n  b\nnone:\nenv:\n  A: '1'\n")
        let at = Self.at
        let expected = DocumentNode.mapping(
            [
                .init(key: "name", keyLocation: at(1, 1), value: .scalar("render", quoted: false, at(1, 7))),
                .init(
                    key: "zone", keyLocation: at(2, 1),
                    value: .sequence(
                        [.scalar("fr-par-2", quoted: false, at(2, 8)), .scalar("nl", quoted: true, at(2, 19))], at(2, 7)
                    )),
                .init(key: "run", keyLocation: at(3, 1), value: .scalar("a\nb\n", quoted: true, at(3, 6))),
                .init(key: "none", keyLocation: at(6, 1), value: .scalar("", quoted: false, at(6, 6))),
                .init(
                    key: "env", keyLocation: at(7, 1),
                    value: .mapping(
                        [.init(key: "A", keyLocation: at(8, 3), value: .scalar("1", quoted: true, at(8, 6)))], at(8, 3))
                ),
            ], at(1, 1))
        #expect(node == expected)
    }

    @Test func `columns count characters, not bytes`() throws {
        let node = try Self.read("é: {ü: ß}\n")
        guard case .mapping(let entries, _) = node, case .mapping(let inner, _) = entries[0].value else {
            Issue.record("not a mapping of mappings")
            return
        }
        #expect(inner[0].keyLocation == Self.at(1, 5))
        #expect(inner[0].value == .scalar("ß", quoted: false, Self.at(1, 8)))
    }

    @Test func `JSON reads as the YAML it is`() throws {
        let json = "{\"a\": [1, true, null, \"x\\u00e9\\n\"],\n \"b\": {}}"
        let at = Self.at
        let expected = DocumentNode.mapping(
            [
                .init(
                    key: "a", keyLocation: at(1, 2),
                    value: .sequence(
                        [
                            .scalar("1", quoted: false, at(1, 8)), .scalar("true", quoted: false, at(1, 11)),
                            .scalar("null", quoted: false, at(1, 17)), .scalar("x\u{e9}\n", quoted: true, at(1, 23)),
                        ], at(1, 7))),
                .init(key: "b", keyLocation: at(2, 2), value: .mapping([], at(2, 7))),
            ], at(1, 1))
        #expect(try Self.read(json) == expected)
    }

    @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "\u{FEFF}"])
    func `a document with nothing in it is an empty mapping`(text: String) throws {
        #expect(try Self.read(text) == .mapping([], Self.at(1, 1)))
    }

    @Test func `a byte order mark moves no column`() throws {
        let node = try Self.read("\u{FEFF}a: b\n")
        #expect(
            node
                == .mapping(
                    [.init(key: "a", keyLocation: Self.at(1, 1), value: .scalar("b", quoted: false, Self.at(1, 4)))],
                    Self.at(1, 1)))
    }

    @Test(arguments: [
        (
            "a: b\n\tc: d\n", 2, 1,
            "found a tab character that violates indentation while scanning a plain scalar that begins at line 1, column 4"
        ),
        ("a: @b\n", 1, 4, "found character that cannot start any token while scanning for the next token"),
        (
            "a: [1, 2\nb: 3\n", 2, 2,
            "did not find expected ',' or ']' while parsing a flow sequence that begins at line 1, column 4"
        ),
        ("a: b: c\n", 1, 5, "mapping values are not allowed in this context"),
        (
            "a: \"open\n", 2, 1,
            "found unexpected end of stream while scanning a quoted scalar that begins at line 1, column 4"
        ),
        ("a: 1\n b: 2\n", 2, 3, "mapping values are not allowed in this context"),
        (
            "a:\n  b: 1\n c: 2\n", 3, 2,
            "did not find expected key while parsing a block mapping that begins at line 1, column 1"
        ),
        ("ä: x\nb: \u{1}\n", 2, 4, "control characters are not allowed"),
        ("a: \u{0}b\n", 1, 4, "control characters are not allowed"),
    ])
    func `broken YAML is told in words and with its place`(text: String, line: Int, column: Int, detail: String) {
        let found = refusal(text)
        #expect(found?.code == "spec.yaml-syntax")
        #expect(found?.detail == detail)
        #expect(found?.source == Self.at(line, column))
        #expect(found?.exit == .usage)
    }

    @Test func `a key that stands twice is an error at the second, naming the first`() {
        let found = refusal("env:\n  A: 1\n  B: 2\n  \"A\": 3\n")
        #expect(found?.code == "spec.duplicate-key")
        #expect(found?.detail == "'A' is set at line 2, column 3 already")
        #expect(found?.source == Self.at(4, 3))
    }

    @Test func `the same key in two mappings is none`() throws {
        #expect(throws: Never.self) { try Self.read("a: {x: 1}\nb: {x: 2}\nc: [{x: 1}, {x: 2}]\n") }
    }

    @Test(arguments: [
        ("a: &x 1\nb: *x\n", "spec.yaml-alias", 1, 4), ("a: *x\n", "spec.yaml-alias", 1, 4),
        ("*x : 1\n", "spec.yaml-alias", 1, 1), ("a: &x [1]\n", "spec.yaml-alias", 1, 4),
        ("a: !!str 1\n", "spec.yaml-tag", 1, 4), ("a: ! 1\n", "spec.yaml-tag", 1, 4),
        ("!m {a: 1}\n", "spec.yaml-tag", 1, 1), ("%TAG !e! tag:e,2000:\n---\na: 1\n", "spec.yaml-tag", 1, 1),
        ("a: 1\n---\nb: 2\n", "spec.yaml-documents", 2, 1),
        ("[a, b]: 1\n", "spec.yaml-key", 1, 1), ("? {a: 1}\n: 2\n", "spec.yaml-key", 1, 3),
    ])
    func `what a spec does not need is refused by name`(text: String, code: String, line: Int, column: Int) {
        let found = refusal(text)
        #expect(found?.code.description == code)
        #expect(found?.source == Self.at(line, column))
        #expect(found?.remedy != nil)
    }

    @Test func `a billion laughs end at the first anchor`() {
        var text = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for (name, earlier) in zip("bcdefghi", "abcdefgh") {
            let uses = repeatElement("*\(earlier)", count: 9).joined(separator: ", ")
            text += "\(name): &\(name) [\(uses)]\n"
        }
        #expect(refusal(text)?.code == "spec.yaml-alias")
    }

    @Test func `64 levels are read and 65 are not`() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(throws: Never.self) { try Self.read(nested(64)) }
        #expect(refusal(nested(65))?.code == "spec.yaml-depth")
        // libyaml looks ahead and finds the missing bracket, or its own limit, first.
        #expect(refusal(String(repeating: "[", count: 1_000_000))?.exit == .usage)
        #expect(refusal(String(repeating: "- ", count: 500_000))?.code == "spec.yaml-depth")
    }

    @Test func `one mebibyte is read and a byte more is not`() throws {
        let text = "a: " + String(repeating: "x", count: YAMLReader.maxBytes - 3)
        #expect(throws: Never.self) { try Self.read(text) }
        #expect(refusal(text + "x")?.code == "spec.yaml-size")
    }

    @Test(
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], 1, 4), ([0xC3, 0xA4, 0x3A, 0x0A, 0xC3, 0xA4, 0x3A, 0x20, 0xC3], 2, 4),
            ([0xFF, 0xFE, 0x61, 0x00], 1, 1),
        ] as [([UInt8], Int, Int)])
    func `what is not UTF-8 is refused with its place`(bytes: [UInt8], line: Int, column: Int) {
        let found = #expect(throws: Diagnostic.self) { try YAMLReader.read(bytes: bytes, file: "s.yaml") }
        #expect(found?.code == "spec.yaml-encoding")
        #expect(found?.source == Self.at(line, column))
    }

    @Test func `any mangling of a spec gives a document or a diagnostic, never a crash`() {
        let spec = Array("name: r\nzone: [a, \"b\"]\nenv: {A: '1'}\nrun: |\n  x\nfiles:\n  - {from: ., to: w}\n".utf8)
        let odd: [UInt8] = [
            0, 9, 10, 32, 33, 34, 37, 38, 39, 42, 45, 58, 63, 64, 91, 93, 96, 123, 124, 125, 0x80, 0xFF,
        ]
        var outcomes = Set<String>()
        for index in spec.indices {
            for byte in odd {
                var bytes = spec
                bytes[index] = byte
                do throws(Diagnostic) {
                    _ = try YAMLReader.read(bytes: bytes, file: "s.yaml")
                    outcomes.insert("read")
                } catch {
                    outcomes.insert(error.code.description)
                    #expect(error.source.map { $0.line >= 1 && $0.column >= 1 } == true)
                }
            }
        }
        #expect(outcomes.isSuperset(of: ["read", "spec.yaml-syntax", "spec.yaml-encoding", "spec.yaml-alias"]))
    }
}
