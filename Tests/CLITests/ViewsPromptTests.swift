import SpillwayCore
import Synchronization
import Testing

@testable import SpillwayCLI

@Suite struct ViewsPromptTests {
    func prompt(_ output: Output, _ answers: [Prompt.Line]) -> Prompt {
        let left = Mutex(answers)
        return Prompt(output: output) { _ in left.withLock { $0.isEmpty ? .end : $0.removeFirst() } }
    }

    @Test(
        arguments: [
            ([.text("y")], true), ([.text("YES")], true), ([.text("n")], false), ([.text("")], false), ([.end], false),
            ([.text("maybe"), .text("y")], true), ([.text("maybe")], false),
        ] as [([Prompt.Line], Bool)])
    func `only a clear yes is a yes`(answers: [Prompt.Line], yes: Bool) throws {
        let recording = Recording()
        #expect(try prompt(recording.output(.full), answers).confirm("Destroy render?", assumed: false) == yes)
        #expect(recording.text(2).hasPrefix("Destroy render? [y/N] "))
        #expect(recording.bytes(1).isEmpty)
    }

    @Test func `said beforehand, nothing is asked`() throws {
        let recording = Recording()
        #expect(try prompt(recording.output(), []).confirm("Destroy render?", assumed: true))
        #expect(recording.pieces.isEmpty)
    }

    @Test func `without a terminal, or with JSON, it is an error with 64`() throws {
        for output in [Recording().output(), Recording().output(.full, json: true)] {
            let diagnostic = #expect(throws: Diagnostic.self) {
                try prompt(output, [.text("y")]).confirm("Destroy render?", assumed: false)
            }
            #expect(diagnostic?.exit == .usage)
            #expect(diagnostic?.detail == "Without a terminal this is not asked: Destroy render?")
            #expect(diagnostic?.remedy?.contains("-y") == true)
        }
    }

    @Test func `a choice that nobody makes is nil`() {
        let choices: [(key: Character, what: String)] = [("d", "detach"), ("t", "tear down"), ("c", "continue")]
        let output = Recording().output(.full)
        #expect(prompt(output, [.text("t")]).choose("Interrupted.", choices, limit: .seconds(10)) == "t")
        #expect(prompt(output, [.silence]).choose("Interrupted.", choices, limit: .seconds(10)) == nil)
        #expect(prompt(output, [.text("x")]).choose("Interrupted.", choices, limit: .seconds(10)) == nil)
        #expect(prompt(Recording().output(), [.text("t")]).choose("?", choices, limit: .seconds(1)) == nil)
    }

    @Test func `while a question stands nothing is drawn, and nothing is lost`() async {
        let recording = Recording()
        let output = recording.output(.colorless)
        await output.following {
            output.show(.phase(.run, .started, detail: ""))
            recording.pass(.seconds(1))
            output.show(.output(.stdout, Array("before\n".utf8)))
            let before = output.paused { () -> Int in
                #expect(recording.screen.text == "before\n")
                output.ask("Sure? ")
                let count = recording.pieces.count
                recording.pass(.seconds(1))
                output.show(.output(.stdout, Array("meanwhile\n".utf8)))
                #expect(recording.pieces.count == count)
                output.ask("y\n")
                return recording.pieces.count
            }
            #expect(recording.pieces.count > before)
        }
        #expect(recording.screen.text == "before\nSure? y\nmeanwhile\n")
    }
}
