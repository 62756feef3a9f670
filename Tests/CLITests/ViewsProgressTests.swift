import SpillwayCore
import TestSupport
import Testing

@testable import SpillwayCLI

@Suite struct ViewsProgressTests {
    static let server = Step.Address(.server, 0)
    static let story: [(at: Int, Event)] = [
        (0, .phase(.provision, .started, detail: "in fr-par-1")),
        (100, .step(.init(.firewall), .create, .started, detail: "SSH from 192.0.2.7/32")),
        (700, .step(.init(.firewall), .create, .done, detail: "SSH from 192.0.2.7/32")),
        (800, .step(server, .create, .started, detail: "DEV1-S, 20 GB")),
        (900, .step(.init(.server, 1), .create, .started, detail: "DEV1-S, 20 GB")),
        (1500, .step(server, .create, .done, detail: "51.15.0.1")),
        (1600, .step(.init(.server, 1), .create, .failed, detail: "out of stock\u{1B}[2J")),
        (1700, .note("fr-par-1 has no DEV1-S; trying fr-par-2.")),
        (2000, .waiting("0 of 1 running in fr-par-2")),
        (2100, .waiting("0 of 1 running in fr-par-2")),
        (12_000, .waiting("1 of 1 running in fr-par-2")),
        (12_400, .phase(.provision, .done, detail: "")),
        (12_500, .phase(.ship, .started, detail: "")),
        (13_000, .transfer(.up, Transferred(files: 3, bytes: 1_000_000), of: 40_000_000)),
        (14_000, .transfer(.up, Transferred(files: 80, bytes: 21_000_000), of: 40_000_000)),
        (15_000, .transfer(.up, Transferred(files: 200, bytes: 40_000_000), of: 40_000_000)),
        (15_100, .phase(.ship, .done, detail: "")),
        (15_200, .phase(.run, .started, detail: "./render.sh")),
        (15_300, .output(.stdout, Array("frame 1\nframe".utf8))),
        (16_000, .output(.stdout, Array(" 2\n".utf8))),
        (16_500, .output(.stderr, Array("a warning".utf8))),
        (75_000, .phase(.run, .failed, detail: "exit status 3")),
        (75_100, .phase(.collect, .started, detail: "")),
        (75_200, .transfer(.down, Transferred(files: 1, bytes: 12_345), of: nil)),
        (76_000, .phase(.collect, .done, detail: "")),
        (76_100, .phase(.destroy, .started, detail: "")),
        (76_200, .step(server, .delete, .started, detail: "render-0")),
        (80_000, .step(server, .delete, .done, detail: "render-0")),
        (80_100, .phase(.destroy, .done, detail: "verified gone")),
    ]

    @Test func `on a terminal, picture by picture`() throws {
        var progress = ProgressState()
        let view = ProgressView()
        var pictures: [String] = []
        for (at, event) in Self.story {
            let now = Duration.milliseconds(at)
            let fact = progress.apply(event, at: now).map { "  > \(view.line($0))\n" } ?? ""
            let live = view.live(progress, at: now).map { "  | \($0)\n" }.joined()
            pictures.append("\(at)\n\(fact)\(live)")
        }
        try Golden.expect(pictures.joined(), at: "Tests/CLITests/Golden/progress-live.txt")
        #expect(progress.isIdle)
    }

    @Test func `without a terminal, one line for each change`() throws {
        let recording = Recording()
        let output = recording.output()
        for (_, event) in Self.story { output.show(event) }
        try Golden.expect(recording.text(2), at: "Tests/CLITests/Golden/progress-plain.txt")
        #expect(recording.text(1) == "frame 1\nframe 2\n")
    }

    @Test func `as JSON, one event a line on stdout`() throws {
        let recording = Recording()
        let output = recording.output(json: true)
        for (_, event) in Self.story { output.show(event) }
        try Golden.expect(recording.text(1), at: "Tests/CLITests/Golden/progress.jsonl")
        #expect(recording.bytes(2).isEmpty)
    }

    @Test func `quiet leaves the job's output alone`() {
        let recording = Recording()
        let output = recording.output(quiet: true)
        for (_, event) in Self.story { output.show(event) }
        #expect(recording.text(1) == "frame 1\nframe 2\n")
        #expect(recording.text(2) == "a warning")
    }

    @Test func `many changes at once are counted, not all shown`() {
        var progress = ProgressState()
        for node in 0..<50 {
            _ = progress.apply(.step(.init(.server, node), .create, .started, detail: ""), at: .zero)
        }
        let lines = ProgressView(unicode: false).live(progress, at: .zero)
        #expect(lines.count == 9)
        #expect(lines.last == "    and 42 more")
        #expect(lines.first?.hasPrefix("| + server[0]") == true)
    }

    @Test func `the rate is that of the last seconds and the rest follows from it`() {
        var progress = ProgressState()
        for second in 0...20 {
            let bytes = second < 10 ? 0 : Int64(second - 10) * 1_000_000
            _ = progress.apply(
                .transfer(.up, Transferred(files: 0, bytes: bytes), of: 20_000_000), at: .seconds(second))
        }
        #expect(progress.transfer?.rate.map { Amounts.rate($0.bytes, over: $0.span) } == "1.0 MB/s")
        #expect(progress.transfer?.left == .seconds(10))
        for step in 0..<10_000 {
            let bytes = 10_000_000 + Int64(step)
            _ = progress.apply(
                .transfer(.up, Transferred(files: 0, bytes: bytes), of: 20_000_000), at: .seconds(20))
        }
        #expect((progress.transfer?.samples.count ?? 0) <= 61)
    }
}
