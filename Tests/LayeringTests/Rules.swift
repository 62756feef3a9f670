/// The walls of docs/architecture.md, as functions from a file to what breaks them.
enum Rules {
    static let product: Set<String> = [
        "SpillwayCore", "SpillwayTransport", "SpillwayProviders", "SpillwayEngine", "SpillwayCLI", "spillway",
    ]

    /// What each target may import, beside Synchronization.
    static let imports: [String: Set<String>] = [
        "SpillwayCore": ["FoundationEssentials"],
        "SpillwayTransport": [
            "CCrypto", "CCurl", "CExpat", "CSSH2", "CYAML", "Dispatch", "FoundationEssentials", "Glibc", "SpillwayCore",
        ],
        "SpillwayProviders": ["FoundationEssentials", "SpillwayCore"],
        "SpillwayEngine": ["FoundationEssentials", "Glibc", "SpillwayCore"],
        "SpillwayCLI": [
            "ArgumentParser", "Dispatch", "FoundationEssentials", "Glibc", "SpillwayCore", "SpillwayEngine",
            "SpillwayProviders", "SpillwayTransport",
        ],
        "spillway": ["CMalloc", "SpillwayCLI"],
        "CloudSim": ["Dispatch", "FlyingFox", "FlyingSocks", "Foundation", "Glibc", "Yams"],
        "cloudsim": ["ArgumentParser", "CloudSim", "Foundation", "Glibc"],
    ]

    static func strangeImports(_ source: SwiftSource) -> [String] {
        let allowed = imports[source.target, default: []].union(["Synchronization"])
        return source.imports.filter { !allowed.contains($0.module) }.map { source.finding($0.index) }
    }

    /// A third cloud must cost no line in the planner or the engine.
    static func cloudNames(_ source: SwiftSource) -> [String] {
        guard source.target == "SpillwayEngine" || source.path.hasPrefix("Sources/SpillwayCore/Planning/") else {
            return []
        }
        return source.findings(/[Ss]caleway|SCALEWAY|SCW|AWS|Aws|\baws(?![a-z])|EC2|(?:^|[^:\w])ec2/, in: \.uncommented)
    }

    /// Output is the views' business, so that `--json` and the exit codes cannot be spoilt from below.
    static func output(_ source: SwiftSource) -> [String] {
        guard product.contains(source.target), source.target != "spillway",
            !source.path.hasPrefix("Sources/SpillwayCLI/Views/")
        else { return [] }
        return source.findings(
            /(?:^|[^\w.])(?:print|debugPrint|dump|puts|fputs|printf|putchar)\(|FileHandle\.standard(?:Output|Error)|\bSTDOUT_FILENO\b/
        )
    }

    static func crashes(_ source: SwiftSource) -> [String] {
        source.findings(/\btry!|\bas!/)
    }

    static func detachedTasks(_ source: SwiftSource) -> [String] {
        source.findings(/\bTask\.detached\b/)
    }

    /// Allowed in Transport alone, and there with a reason in the three lines above.
    static func unsafety(_ source: SwiftSource) -> [String] {
        source.code.indices.filter { index in
            guard source.code[index].contains(/@unchecked\s+Sendable|\bnonisolated\(unsafe\)|\bunsafeBitCast\b/) else {
                return false
            }
            let above = source.lines[max(0, index - 3)...index]
            return source.target != "SpillwayTransport" || !above.contains { $0.contains("SAFETY:") }
        }.map(source.finding)
    }

    static func unfinished(_ source: SwiftSource) -> [String] {
        source.findings(/\b(?:TODO|FIXME|XXX|HACK)\b/, in: \.lines)
    }

    static func publicDeclarations(_ source: SwiftSource) -> [String] {
        source.findings(/^\s*(?:@\w+\s+)*(?:public\s|open\s+(?:class|func|var)\b)/)
    }

    /// Names that say nothing of what a type is.
    static func emptyNames(_ source: SwiftSource) -> [String] {
        source.findings(
            /\b(?:struct|class|enum|actor|protocol)\s+\w*(?:Manager|Helper|Helpers|Util|Utils|Utilities|Service|Base|Common)\b/
        )
    }
}
