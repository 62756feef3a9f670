import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

/// Every wording, position and code is in `Golden/spec-diagnostics.txt`; this is where the bad specs come from.
@Suite struct SpecDiagnosticsTests {
    static let cases: [(title: String, text: String)] = [
        ("an unknown key", SpecSamples.small(with: "colour: red")),
        ("a key with a typing error", SpecSamples.small(with: "resources: {instanse_type: DEV1-S}")),
        ("a key in another style", SpecSamples.small(with: "onFailure: keep")),
        ("a key of another tool", SpecSamples.small(with: "workdir: .")),
        ("a key in the wrong place", SpecSamples.small(with: "image: ubuntu-24.04\nmax_cost: 1 EUR")),
        ("a missing name and provider", "budget: {max_cost: 1 EUR, max_duration: 1h}"),
        ("a missing machine", "name: a\nprovider: scaleway\nbudget: {max_cost: 1 EUR, max_duration: 1h}"),
        ("a missing part of an entry", SpecSamples.small(with: "files: [{to: work}]\noutputs: [{from: out}]")),
        ("no budget", "name: a\nprovider: local"),
        ("half a budget", SpecSamples.small(with: "budget:\n  max_cost: 1 EUR")),
        ("a list for text", SpecSamples.small(with: "name: [a]")),
        ("text for a mapping", SpecSamples.small(with: "resources: DEV1-S\nbudget: 4 EUR")),
        ("a mapping for a list", SpecSamples.small(with: "files: {from: ., to: work}")),
        ("no value", SpecSamples.small(with: "setup:\nenv: {A: , B: ~}")),
        ("text for a number", SpecSamples.small(with: "nodes: two\nssh: {port: \"22\"}")),
        ("a document that is a list", "- name: a"),
        ("an empty document", "# nothing yet"),
        ("an amount without a currency", SpecSamples.small(with: "budget: {max_cost: 4.00, max_duration: 1h}")),
        ("amounts in other notations", SpecSamples.small(with: "budget: {max_cost: \"€4,50\", max_duration: 1h}")),
        ("an amount of nothing", SpecSamples.small(with: "budget: {max_cost: 0 EUR, max_duration: 1h}")),
        ("a duration without a unit", SpecSamples.small(with: "timeout: 3600")),
        ("a duration in words", SpecSamples.small(with: "timeout: 2 hours")),
        ("a duration of nothing", SpecSamples.small(with: "timeout: 0s")),
        ("a size without a unit", SpecSamples.small(with: "resources: {instance_type: DEV1-S, disk: 80}")),
        ("a size in other notations", SpecSamples.small(with: "resources: {instance_type: DEV1-S, disk: 80 gb}")),
        ("a size in an unknown unit", SpecSamples.small(with: "resources: {instance_type: DEV1-S, disk: 80 blocks}")),
        ("a size of nothing", SpecSamples.small(with: "resources: {instance_type: DEV1-S, disk: 0GB}")),
        ("a bad name", SpecSamples.small(with: "name: Render Job 2")),
        ("a name that the state folder needs", SpecSamples.small(with: "name: keeper")),
        ("an overlong name", SpecSamples.small(with: "name: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddee")),
        ("bad names of variables", SpecSamples.small(with: "env: {2FAST: a, A-B: c, SPILLWAY_NODE: d}")),
        ("a bad zone", SpecSamples.small(with: "zone: fr par 1")),
        ("an unknown provider", SpecSamples.small(with: "provider: scalway")),
        ("an unknown choice", SpecSamples.small(with: "on_failure: destory")),
        ("a choice of nothing near", SpecSamples.small(with: "on_failure: panic")),
        ("an unknown architecture", SpecSamples.small(with: "resources: {instance_type: A, arch: amd64}")),
        ("a number out of range", SpecSamples.small(with: "nodes: 0\nssh: {port: 70000}")),
        ("a negative number", SpecSamples.small(with: "retries: {job: -1}")),
        ("an empty list", SpecSamples.small(with: "zone: []")),
        ("a zone written twice", SpecSamples.small(with: "zone: [fr-par-1, fr-par-2, fr-par-1]")),
        ("ranges the wrong way round", SpecSamples.small(with: "resources: {cpus: 16..8, memory: 64..32GB}")),
        ("a GPU that is none", SpecSamples.small(with: "resources: {gpu: \"L4:none\"}")),
        ("choices of another provider", SpecSamples.small(with: "provider: scaleway\naws: {subnet_id: subnet-1}")),
        ("a type and requirements", SpecSamples.small(with: "resources: {instance_type: DEV1-S, cpus: 8}")),
        ("a provider twice", SpecSamples.small(with: "provider: [scaleway, aws, scaleway]")),
        (
            "files from outside",
            SpecSamples.small(with: "files: [{from: ../a, to: a}, {from: /etc, to: b}, {from: ~/c, to: c}]")
        ),
        (
            "files to outside",
            SpecSamples.small(
                with: "files: [{from: a, to: /opt}, {from: b, to: ../b}, {from: c, to: ~/c}, {from: d, to: .ssh}]")
        ),
        ("an empty path", SpecSamples.small(with: "files: [{from: \"\", to: a}, {from: \"a\\tb\", to: b}]")),
        (
            "an entry written twice",
            SpecSamples.small(with: "files: [{from: a, to: work}, {from: b, to: work}, {from: ./a, to: work/}]")
        ),
        (
            "outputs to outside",
            SpecSamples.small(with: "outputs: [{from: out, to: ../out}, {from: /var/log, to: log}]")
        ),
        ("outputs over each other", SpecSamples.small(with: "outputs: [{from: a, to: out}, {from: b, to: out/b}]")),
        ("outputs over inputs", SpecSamples.small(with: "files: [{from: src}]\noutputs: [{from: work, to: .}]")),
        ("outputs over the state", SpecSamples.small(with: "outputs: [{from: work, to: state/out}]")),
        ("a secret in two places", SpecSamples.small(with: "env: {TOKEN: a}\nsecrets: [TOKEN, KEY, KEY]")),
        ("a secret of two sources", SpecSamples.small(with: "secrets: [{name: A, file: a, command: b}]")),
        ("a timeout without room", SpecSamples.small(with: "timeout: 58m")),
        (
            "a budget of no room at all",
            SpecSamples.small(with: "budget: {max_cost: 1 EUR, max_duration: 1m}\ntimeout: 1s")
        ),
        ("an empty command", SpecSamples.small(with: "run: \" \"")),
        ("no command in a run", SpecSamples.small(with: "run: {as: admin}")),
        ("bad networks", SpecSamples.small(with: "ssh: {allow_from: [home, 203.0.113.7/24, 10.0.0.0/33, \"::1::2\"]}")),
        ("a network open to all", SpecSamples.small(with: "ssh: {allow_from: [0.0.0.0/0, \"::/0\"]}")),
        ("a network written twice", SpecSamples.small(with: "ssh: {allow_from: [203.0.113.7, 203.0.113.7/32]}")),
        (
            "everything at once",
            "nam: x\nprovider: scaleway\nzone: 1 2\nresources: {disk: 8}\nbudget: {max_cost: 4}\nrun: {cmd: a}\ntimeout: 5\n"
        ),
    ]

    @Test func `every problem has exactly these words, this place and this code`() throws {
        var lines: [String] = []
        for (title, text) in Self.cases {
            lines.append("=== \(title)")
            lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { "  | \($0)" }
            let problems = try SpecSamples.decode(text).problems
            #expect(!problems.isEmpty, "\(title): no problem found")
            lines += problems.flatMap(Self.lines)
            lines.append("")
        }
        try Golden.expect(lines.joined(separator: "\n"), at: "Tests/CoreTests/Golden/spec-diagnostics.txt")
    }

    @Test func `every code of the spec is met by a case`() throws {
        var met: Set<String> = []
        for (_, text) in Self.cases { met.formUnion(try SpecSamples.decode(text).problems.map(\.code.description)) }
        // The YAML reader finds this one first; it is met below.
        met.insert(SpecCode.duplicateKey.rawValue)
        // Only the user configuration has keys for later; its own tests meet this one.
        met.insert(SpecCode.notYetAvailable.rawValue)
        #expect(Set(SpecCode.allCases.map(\.rawValue)).subtracting(met).isEmpty)
    }

    @Test func `a key that stands twice is reported where it stands again`() {
        let at = { (line: Int, column: Int) in SourceLocation(file: "spec.json", line: line, column: column) }
        let name = { (line: Int) in
            DocumentNode.Entry(
                key: "name", keyLocation: at(line, 1), value: .scalar("a", quoted: false, at(line, 7)))
        }
        let (_, problems) = SpecDecoder.decode(.mapping([name(1), name(2)], at(1, 1)))
        let twice = problems.filter { $0.code == SpecCode.duplicateKey.code }
        #expect(twice.map { $0.source?.description } == ["spec.json:2:1"])
        #expect(twice.map(\.detail) == ["`name` stands in line 1 already."])
    }

    private static func lines(_ problem: Diagnostic) -> [String] {
        [
            "\(problem.source?.description ?? "nowhere"): \(problem.severity.rawValue) [\(problem.code)] exit \(problem.exit.rawValue)"
        ]
            + ["    \(problem.summary). \(problem.detail)"] + (problem.remedy.map { ["    \($0)"] } ?? [])
    }
}
