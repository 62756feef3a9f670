import SpillwayCore
import SpillwayEngine
import Testing

@Suite(.timeLimit(.minutes(2)))
struct RunnerQuotingTests {
    private static let alphabet: [Character] = Array("abz09'\"\\$`!*?[]{}()<>|&;#~=%^ \t\n\r\u{1}\u{7f}é→🚀-+/.,:@_")

    private static func texts(_ count: Int, seed: UInt64) -> [String] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in
            String((0..<Int(random.next() % 24)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] })
        }
    }

    @Test func `any text comes out of a shell as it went in`() async throws {
        try await withRunnerSandbox { box in
            let texts = ["", "'", "''", "-n", "~", "~/x", "\n", "a\\'b"] + Self.texts(800, seed: 42)
            for shell in ["/bin/sh", "/bin/bash"] {
                let log = CapturedLog()
                let host = LocalHost(home: box.home, shell: shell)
                let command = ShellQuoting.command(["printf", "%s\\0"] + texts)
                _ = try await host.run(command, input: nil) { log.take(.output($0)) }
                #expect(log.out == texts.flatMap { Array($0.utf8) + [UInt8(0)] })
            }
        }
    }

    @Test func `any text comes out of an exported variable as it went in`() async throws {
        try await withRunnerSandbox { box in
            let texts = ["", "~", "~root", "a:~", "$HOME"] + Self.texts(300, seed: 43)
            let script =
                ShellQuoting.exports(texts.enumerated().map { ("V\($0.offset)", $0.element) })
                + "printf '%s\\0' " + texts.indices.map { "\"$V\($0)\"" }.joined(separator: " ")
            let log = CapturedLog()
            _ = try await box.host.run(script, input: nil) { log.take(.output($0)) }
            #expect(log.out == texts.flatMap { Array($0.utf8) + [UInt8(0)] })
        }
    }

    @Test func `plain words stay readable`() {
        #expect(ShellQuoting.command(["tar", "-C", "a/b", "x y", ""]) == "tar -C a/b 'x y' ''")
    }
}
