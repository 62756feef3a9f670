import SpillwayCore
import SpillwayTransport
import Testing

@Suite struct SpecPropertyTests {
    /// Characters that YAML and the notations treat in a special way, and some that nobody does.
    private static let alphabet = Array("abz09 :{}[]\",'-.#\n\t/~@€µ\u{0}|>&*!%")

    @Test(arguments: 0..<8) func `no bent spec crashes, and every problem has its place inside the file`(seed: UInt64)
        throws
    {
        var random = SplitMix(seed)
        var decoded = 0
        for _ in 0..<400 {
            var text = Array(
                random.pick([
                    SpecSamples.full, SpecSamples.small, SpecSamples.small(with: "outputs: [{from: a, to: b}]"),
                ]))
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.bend(&text, &random) }
            let lines = String(text).split(separator: "\n", omittingEmptySubsequences: false)
            let node: DocumentNode
            do throws(Diagnostic) {
                node = try YAMLReader.read(text: String(text), file: "bent.yaml")
            } catch {
                continue
            }
            decoded += 1
            let (spec, problems) = SpecDecoder.decode(node)
            #expect((spec == nil) == problems.contains { $0.severity == .error }, "\(String(text))")
            for problem in problems {
                let place = try #require(problem.source)
                #expect(place.file == "bent.yaml")
                #expect((1...max(lines.count, 1)).contains(place.line), "\(problem) in \(String(text))")
                #expect(place.column >= 1 && !problem.detail.isEmpty && problem.remedy?.isEmpty == false)
            }
        }
        #expect(decoded > 100, "too few of the bent specs were YAML at all")
    }

    @Test(arguments: 0..<8) func `no tree of nodes crashes the decoder`(seed: UInt64) {
        var random = SplitMix(seed &+ 100)
        for _ in 0..<500 {
            let node = Self.tree(depth: 4, &random)
            let (spec, problems) = SpecDecoder.decode(node)
            #expect(spec != nil || problems.contains { $0.severity == .error })
        }
    }

    private static func bend(_ text: inout [Character], _ random: inout SplitMix) {
        guard !text.isEmpty else { return }
        let index = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: text.remove(at: index)
        case 1: text.insert(random.pick(alphabet), at: index)
        case 2: text[index] = random.pick(alphabet)
        case 3: text.removeSubrange(index..<min(text.count, index + Int.random(in: 1...12, using: &random)))
        default:
            let end = min(text.count, index + Int.random(in: 1...20, using: &random))
            text.insert(contentsOf: text[index..<end], at: Int.random(in: 0...text.count, using: &random))
        }
    }

    private static let keys = [
        "name", "provider", "zone", "resources", "instance_type", "cpus", "memory", "gpu", "disk", "budget", "max_cost",
        "max_duration", "files", "from", "to", "env", "secrets", "command", "run", "as", "timeout", "retries", "job",
        "outputs", "max_size", "ssh", "allow_from", "port", "nodes", "spot", "",
    ]
    private static let values = [
        "", "a", "scaleway", "1", "-1", "99999999999999999999", "9223372036854775807GB", "1..", "..", "1..2..3",
        "4 EUR",
        "1h", "9999999999999d", "~", "..", ".", "/", "a/../..", "::", "::1/0", "1.2.3.4", ":", "L4:", ":1", "€",
        "1.5.5GB",
    ]

    private static func tree(depth: Int, _ random: inout SplitMix) -> DocumentNode {
        let at = SourceLocation(file: "tree", line: Int.random(in: 1...9, using: &random), column: 1)
        switch depth == 0 ? 0 : Int.random(in: 0..<4, using: &random) {
        case 0: return .scalar(random.pick(values), quoted: Bool.random(using: &random), at)
        case 1:
            return .sequence(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in tree(depth: depth - 1, &random) }, at)
        default:
            let entries = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                DocumentNode.Entry(key: random.pick(keys), keyLocation: at, value: tree(depth: depth - 1, &random))
            }
            return .mapping(entries, at)
        }
    }
}

/// The same numbers for the same seed, on every machine.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// `choices` is never empty.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }
}
