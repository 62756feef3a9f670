import SpillwayCore
import SpillwayTransport

/// Specs to start from, and ways to bend them.
enum SpecSamples {
    static let small = """
        name: render
        provider: scaleway
        resources: {instance_type: DEV1-S}
        budget: {max_cost: 1.00 EUR, max_duration: 1h}
        run: ./render.sh
        """

    /// Every key that works today, each in its longer notation.
    static let full = """
        name: render-2
        provider: scaleway
        zone: [fr-par-2, nl-ams-1]
        resources:
          instance_type: POP2-HC-32C-64G
          arch: x86_64
          disk: 80GB
          image: ubuntu-24.04
          spot: false
        nodes: 3
        budget:
          max_cost: 4.00 EUR
          max_duration: 3h
        files:
          - {from: ., to: work}
          - {from: data/../input/, to: ./data//set}
        env: {THREADS: "8", EMPTY: "", MODE: fast}
        secrets:
          - HF_TOKEN
          - {name: A, environment: B}
          - {name: C, file: ~/token}
          - {name: D, command: pass show d}
        setup: |
          apt-get update
          apt-get install -y ffmpeg
        run:
          command: ./render.sh
          as: root
        timeout: 2h
        retries: {job: 0, preempted: 0}
        outputs:
          - {from: work/out/, to: out/, max_size: 20GB}
          - {from: work/log.txt, to: logs}
        on_failure: keep
        ssh: {allow_from: [203.0.113.0/24, "2001:db8::/32"], port: 2222}
        """

    /// `small` with top-level keys of `text` put in place of its own, or added.
    static func small(with text: String) -> String {
        var blocks = blocks(small)
        for block in self.blocks(text) {
            if let index = blocks.firstIndex(where: { $0.key == block.key }) {
                blocks[index] = block
            } else {
                blocks.append(block)
            }
        }
        return blocks.map(\.text).joined(separator: "\n")
    }

    static func decode(
        _ text: String, options: SpecDecoder.Options = SpecDecoder.Options()
    ) throws -> (spec: Spec?, problems: [Diagnostic]) {
        let node = try YAMLReader.read(text: text, file: "spillway.yaml")
        let (spec, problems) = SpecDecoder.decode(node, options: options)
        return (spec, problems)
    }

    private static func blocks(_ text: String) -> [(key: String, text: String)] {
        var blocks: [(key: String, text: String)] = []
        for line in text.split(separator: "\n").map(String.init) {
            if let first = line.first, first != " ", first != "-", first != "#" {
                blocks.append((String(line.prefix { $0 != ":" }), line))
            } else {
                blocks[blocks.count - 1].text += "\n" + line
            }
        }
        return blocks
    }
}
