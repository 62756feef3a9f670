import SpillwayCore
import SpillwayEngine
import TestSupport
import Testing

@testable import SpillwayCLI

@Suite struct ViewsDiagnosticTests {
    static let samples: [Diagnostic] = [
        Diagnostic(
            "cost.cap-exceeded", "the worst case exceeds the cap",
            detail: "3h of POP2-HC-32C-64G in fr-par-2 cost 4.92 EUR at the worst; the cap is 4.00 EUR.\n"
                + "  server  4.80 EUR\n  volume  0.12 EUR",
            remedy: "Raise the cap or shorten max_duration to at most 2h.", command: "spillway plan --offline",
            exists: "Nothing was created.", source: SourceLocation(file: "spillway.yaml", line: 9, column: 13),
            exit: .refused),
        Diagnostic(
            "ssh.host-key", "the host key is not the one that was pinned", detail: "node 0 showed \u{1B}[2JSHA256:abc.",
            exists: "1 server is running (0.008976 EUR/h).", source: nil, exit: .error),
        Diagnostic("spec.open-ssh", "SSH is open to the world", detail: "allow_from is 0.0.0.0/0.", severity: .warning),
        Diagnostic("state.lock-taken-over", "took over a lock that was left behind", severity: .note, exit: .done),
    ]

    @Test func `diagnostics as people read them`() throws {
        let plain = Self.samples.map { DiagnosticView(diagnostic: $0).text }.joined(separator: "----\n")
        let narrow = Self.samples.map { DiagnosticView(diagnostic: $0, width: 40).text }.joined(separator: "----\n")
        try Golden.expect(plain + "==== 40 columns\n" + narrow, at: "Tests/CLITests/Golden/diagnostics.txt")
    }

    @Test func `diagnostics as programs read them`() throws {
        let recording = Recording()
        let output = recording.output(json: true)
        for diagnostic in Self.samples { output.show(diagnostic) }
        try Golden.expect(recording.text(1), at: "Tests/CLITests/Golden/diagnostics.jsonl")
        #expect(recording.bytes(2).isEmpty)
    }

    @Test func `in colour it says the same`() {
        for diagnostic in Self.samples {
            let colored = DiagnosticView(diagnostic: diagnostic, style: Style(color: true)).text
            var screen = FakeScreen()
            screen.take(Array(colored.utf8))
            #expect(screen.text == DiagnosticView(diagnostic: diagnostic).text)
            #expect(screen.surprises.isEmpty)
            #expect(colored.contains("\u{1B}["))
        }
    }
}
