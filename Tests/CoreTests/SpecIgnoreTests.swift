import Foundation
import SpillwayCore
import Testing

/// Git's own `check-ignore` is the judge of what our rules mean.
@Suite(.enabled(if: GitFolder.gitIsThere, "needs git")) struct SpecIgnoreTests {
    private static let paths = [
        "a", "ab", "abc", "b", "foo", "foo.o", "foo.c", ".hidden", "x/a", "x/b", "x/foo", "x/foo.o", "x/y/a", "x/y/b",
        "x/y/foo",
        "x/y/z/a", "x/y/z/foo.txt", "dir/a/bar", "dirty/bar", "build/out/a.o", "sub/a", "sub/b", "sub/deep/a",
        "sub/deep/foo",
        "with space", "trailing ", "#hash", "!bang", "back\\slash", "br[ack]et", "star*", "q?", "-", "]", "ü", "x/ü",

        "*", "^", "x/-", "x/]",
    ]

    private static let tricky = [
        "a", "/a", "a/", "x/", "/x", "x/y", "/x/y/", "*", "/*", "*\n!x", "/*\n!/x", "*.o", "!*.o", "*.o\n!foo.o",
        "x\n!x/a", "x/*\n!x/a",
        "**", "**/a", "**/x/y", "x/**", "x/**/a", "x/**/y/**/a", "**/", "dir/**/bar", "dir**/bar", "dir**bar",
        "dir**/a/b*", "x/**b",
        "a**", "***",
        "x/***/a", "?", "??", "x?a", "[ab]", "[!a]", "[^a]", "[a-c]", "[c-a]", "[]]", "[]-]", "[!]]", "[a", "[", "[]",
        "[[:alpha:]]",
        "[[:digit:]x]", "[[:nonsense:]]", "[[:alpha:]", "[a-", "[\\]]", "[\\a-c]", "[a-\\c]", "[[-a]", "[a-]", "[-a]",
        "[^-a]", "[/]", "x[/]a",
        "x[!a]a", "\\a", "\\", "a\\", "\\*", "\\#hash", "#hash", "\\!bang", "!bang", "back\\\\slash", "br\\[ack\\]et",
        "star\\*", "star[*]",
        "with space", "with\\ space", "trailing ", "trailing\\ ", "trailing\\  ", "a   ", "a\t", "a\r", "a\r\nb\r",
        "\u{FEFF}a", "ü", "?", "??", "[ü]",
        "", " ", "/", "//", "!", "!/", "x//a", "/x/", "x/y//", "./a", "../a", "x/../a", "dir/a/bar", "/foo.*",
        "foo.[!o]", "*/a", "*/*/a",
        "x/*/a", "*a*", "*y/*", "x*/a", "sub/**/!a", "**/**/a", "**/foo/**", "x/y/**/", "**foo", "/**/a", "/**", "!**",
        "sub\n!sub/a", "sub/*\n!sub/deep\nsub/deep/*\n!sub/deep/foo", "*\n!*/\n!foo.txt", ".*", "^", "[*]", "[?]",
        "**/[a]", "x/[a-b]",
    ]

    @Test func `a pattern means what git says it means`() throws {
        let folder = try GitFolder(Self.paths)
        defer { folder.remove() }
        for rules in Self.tricky {
            try folder.write([".gitignore": rules])
            #expect(try folder.ours([".gitignore": rules]) == folder.gits(), "\(rules.debugDescription)")
        }
    }

    @Test(arguments: 0..<4) func `random rules in several folders mean what git says they mean`(seed: UInt64) throws {
        var random = SplitMix(seed)
        let folder = try GitFolder(Self.paths)
        defer { folder.remove() }
        for _ in 0..<60 {
            var files: [String: String] = [:]
            for name in [".gitignore", "x/.gitignore", "x/y/.gitignore", "sub/.gitignore"]
            where name.count == 10 || Int.random(in: 0..<3, using: &random) == 0 {
                files[name] = (0..<Int.random(in: 1...5, using: &random)).map { _ in Self.line(&random) }.joined(
                    separator: "\n")
            }
            try folder.write(files)
            #expect(try folder.ours(files) == folder.gits(), "\(files.sorted { $0.key < $1.key })")
        }
    }

    private static func line(_ random: inout SplitMix) -> String {
        let pieces = [
            "a", "b", "x", "y", "foo", "sub", "deep", "/", "/", "/", "*", "*", "**", "**/", "/**", "?", "[ab]", "[!a]",
            "[x-z]", "\\", ".", ".o", "!", " ", "#", "[", "]", "-",
        ]
        let start = random.pick(["", "", "", "!", "/", "**/", "#"])
        return start + (0..<Int.random(in: 1...5, using: &random)).map { _ in random.pick(pieces) }.joined()
    }
}

/// A real folder with a real repository, which knows nothing of the machine's own git configuration.
struct GitFolder {
    static let gitIsThere =
        (try? run(["git", "--version"], in: FileManager.default.temporaryDirectory, input: "")) != nil

    private let url: URL
    private let paths: [String]

    init(_ paths: [String]) throws {
        self.paths = paths
        url = FileManager.default.temporaryDirectory.appending(path: "spillway-ignore-\(UUID().uuidString)")
        for path in paths {
            let file = url.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            // A folder of the same name may be there already; it serves as well.
            if !FileManager.default.fileExists(atPath: file.path) { try Data().write(to: file) }
        }
        _ = try Self.run(["git", "init", "-q"], in: url, input: "")
    }

    func remove() { try? FileManager.default.removeItem(at: url) }

    func write(_ files: [String: String]) throws {
        for name in [".gitignore", "x/.gitignore", "x/y/.gitignore", "sub/.gitignore"] {
            let file = url.appending(path: name)
            try? FileManager.default.removeItem(at: file)
            if let text = files[name] { try Data(text.utf8).write(to: file) }
        }
    }

    /// Every file of the folder that git leaves out.
    func gits() throws -> Set<String> {
        let output = try Self.run(
            ["git", "-c", "core.quotePath=false", "check-ignore", "--no-index", "--stdin", "-z"], in: url,
            input: paths.joined(separator: "\0") + "\0")
        return Set(output.split(separator: "\0").map(String.init))
    }

    /// The same by our rules, as `ShippingRules` applies them: from the top down, into nothing that is left out.
    func ours(_ files: [String: String]) throws -> Set<String> {
        let left = paths.filter { path in
            var ignore = IgnoreRules()
            let parts = path.split(separator: "/").map(String.init)
            for depth in parts.indices {
                let folder = parts[..<depth].joined(separator: "/")
                if let text = files[folder.isEmpty ? ".gitignore" : "\(folder)/.gitignore"] {
                    ignore.add(text, name: ".gitignore", in: folder)
                }
                let here = parts[...depth].joined(separator: "/")
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: url.appending(path: here).path, isDirectory: &isFolder)
                if ignore.ignoring(here, isFolder: isFolder.boolValue) != nil { return true }
            }
            return false
        }
        return Set(left)
    }

    private static func run(_ command: [String], in folder: URL, input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path,
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CEILING_DIRECTORIES": folder.path,
        ]
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        process.standardError = FileHandle.nullDevice
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let bytes = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        // 1: nothing is left out.
        guard process.terminationStatus < 2 else { throw Unexpected() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
