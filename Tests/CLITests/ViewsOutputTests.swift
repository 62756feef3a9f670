import Foundation
import SpillwayCore
import TestSupport
import Testing

@testable import SpillwayCLI

@Suite struct ViewsOutputTests {
    /// Random events and job output on one terminal; what must stay is what is left, in order and nothing else.
    @Test(arguments: 0..<12)
    func `the display leaves no broken line and loses none, however output comes in between`(seed: Int) async {
        let recording = Recording()
        let output = recording.output(.full)
        let expected = await output.following { () async -> [String] in
            var expected: [String] = []
            var partial = ""
            for number in 0..<120 {
                if Bool.random() { recording.pass(.milliseconds(Int.random(in: 0...150))) }
                switch Int.random(in: 0..<9) {
                case 0:
                    output.show(.note("note \(number)"))
                    expected.append("• note \(number)")
                case 1: output.show(.waiting(String(repeating: "long words ", count: Int.random(in: 0...12))))
                case 2: output.show(.transfer(.up, Transferred(files: 1, bytes: Int64(number)), of: 120))
                case 3: output.show(.step(.init(.server, number % 4), .create, .started, detail: "漢字 \u{1B}[2J"))
                case 4:
                    output.result("result \(number)")
                    expected.append("result \(number)")
                default:
                    let text =
                        "\(number) " + (Bool.random() ? "\u{1B}[1A\u{1B}[2Kmore " : "") + (Bool.random() ? "\n" : "")
                    output.show(.output(.stdout, Array(text.utf8)))
                    partial += "\(number) " + (text.contains("more") ? "more " : "")
                    if text.hasSuffix("\n") {
                        expected.append(partial)
                        partial = ""
                    }
                }
                guard number.isMultiple(of: 8) else { continue }
                let cursor = recording.screen.cursor
                #expect(cursor.column == 0, "whatever ends the process now leaves whole lines")
            }
            if !partial.isEmpty { expected.append(partial) }
            return expected
        }
        let screen = recording.screen
        #expect(screen.surprises.isEmpty)
        #expect(screen.text == expected.map { $0 + "\n" }.joined())
    }

    @Test func `no more than ten pictures a second, however many events`() async {
        let recording = Recording()
        let screen = Terminal.full
        var state = Screen(json: false, quiet: false, terminal: screen)
        state.live = true
        var pictures = 0
        for millis in 0..<2000 {
            state.emit(
                .transfer(.up, Transferred(files: 0, bytes: Int64(millis * 1000)), of: 2_000_000),
                at: .milliseconds(millis))
            if !state.flush(at: .milliseconds(millis), width: { 80 }).allSatisfy(\.bytes.isEmpty) { pictures += 1 }
        }
        #expect(pictures == 20)
        #expect(recording.pieces.isEmpty)
    }

    @Test func `a terminal that became narrower is cleaned all the same`() {
        var region = LiveRegion()
        _ = region.draw([String(repeating: "x", count: 70), "y"], width: 80)
        #expect(region.erase(width: 30) == "\u{1B}[4A\r\u{1B}[J")
        #expect(region.erase(width: 30).isEmpty)
    }

    @Test func `the same picture is not sent twice`() {
        var region = LiveRegion()
        #expect(region.draw(["a"], width: 80) == "a\n")
        #expect(region.draw(["a"], width: 80).isEmpty)
        #expect(region.draw(["b"], width: 80) == "\u{1B}[1A\r\u{1B}[Jb\n")
    }

    @Test func `a pipe gets the job's bytes as they are`() async {
        let recording = Recording()
        let output = recording.output()
        let bytes: [UInt8] = [0, 255, 27, 91, 50, 74, 13, 10, 195]
        await output.following { output.show(.output(.stdout, bytes)) }
        #expect(recording.bytes(1) == bytes)
    }

    @Test func `our own line is never glued to what the job left unfinished`() async {
        let recording = Recording()
        let output = recording.output()
        await output.following {
            output.show(.output(.stderr, Array("half a line".utf8)))
            output.show(.note("ours"))
            output.show(.output(.stderr, Array("again".utf8)))
        }
        #expect(recording.text(2) == "half a line\nnote: ours\nagain\n")
    }

    @Test func `a result is never glued to what the job left unfinished, and a pipe gets no byte more`() async {
        let recording = Recording()
        let output = recording.output()
        await output.following { output.show(.output(.stdout, Array("no line break".utf8))) }
        #expect(recording.text(1) == "no line break")
        output.result("receipt")
        #expect(recording.text(1) == "no line break\nreceipt\n")
    }

    @Test func `what the job left unfinished stands with its other lines`() async {
        let recording = Recording()
        let output = recording.output(.colorless)
        await output.following {
            output.show(.phase(.run, .started, detail: ""))
            output.show(.output(.stdout, Array("one\ntwo".utf8)))
            output.show(.phase(.run, .done, detail: ""))
            output.show(.note("after"))
        }
        #expect(recording.screen.text == "one\ntwo\n✓ Ran  0.0s\n• after\n")
    }

    @Test func `a result that cannot be written is said on stderr`() {
        let said = Locked("")
        let streams = StandardStreams { stream, bytes in
            if stream == 1 { return .failed("No space left on device") }
            said.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
            return .all
        }
        let output = Output(json: false, quiet: false, terminal: .none, streams: streams, now: { .zero })
        output.result("one")
        output.result("two")
        #expect(said.withLock { $0 } == "error: could not write to standard output: No space left on device\n")
    }

    @Test func `a character that comes in two pieces is one character in JSON`() async {
        let recording = Recording()
        let output = recording.output(json: true)
        await output.following {
            output.show(.output(.stdout, [0x61, 0xF0, 0x9F]))
            output.show(.output(.stdout, [0x99, 0x82, 0x62]))
            output.show(.output(.stdout, [0xC3]))
        }
        let texts = recording.text(1).split(separator: "\n").map { $0.split(separator: "\"text\":\"").last ?? "" }
        #expect(texts.map { $0.prefix { $0 != "\"" } } == ["a", "🙂b", "\u{FFFD}"])
    }

    @Test func `a reader that is gone is no error and gets nothing more`() {
        let recording = Recording()
        let output = recording.output()
        output.result("one")
        recording.close(1)
        output.result("two")
        output.show(.note("still told"))
        #expect(recording.text(1) == "one\n")
        #expect(recording.text(2) == "note: still told\n")
    }

    @Test func `a bar that redraws itself by the megabyte is kept short`() {
        var lines = JobLines()
        for step in 0..<10_000 { #expect(lines.take(Array("\r\(step)%".utf8)).isEmpty) }
        #expect(lines.unfinished.count < 512)
        #expect(Escaping.jobLine(lines.unfinished, color: false) == "9999%")
        #expect(lines.take([UInt8](repeating: 120, count: 20_000)).count == 1)
    }

    @Test func `the real streams survive a reader that closed the pipe`() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // Built beside the tests.
        let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let tool = URL(fileURLWithPath: here).deletingLastPathComponent().appending(path: "spillway").path
        try #require(FileManager.default.isExecutableFile(atPath: tool))
        process.arguments = ["-c", "(sleep 0.2; \"$0\" --help; echo $? >&2) | true", tool]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(text == "0\n")
    }
}
