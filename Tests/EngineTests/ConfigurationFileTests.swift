import Foundation
import Glibc
import SpillwayCore
import SpillwayEngine
import SpillwayTransport
import Testing

@Suite struct ConfigurationFileTests {
    let scratch: ScratchFolder
    let file: ConfigurationFile

    init() throws {
        scratch = try ScratchFolder()
        file = ConfigurationFile(path: scratch.path("config/spillway/config.yaml")) {
            try YAMLReader.read(bytes: $0, file: $1)
        }
    }

    func write(_ text: String, mode: Int = 0o600) throws {
        try FileManager.default.createDirectory(
            atPath: scratch.path("config/spillway"), withIntermediateDirectories: true)
        try scratch.write("config/spillway/config.yaml", Array(text.utf8))
        try scratch.setMode("config/spillway/config.yaml", mode)
    }

    @Test(
        arguments: [
            (["XDG_CONFIG_HOME": "/x", "HOME": "/h"], "/x/spillway/config.yaml"),
            (["XDG_CONFIG_HOME": "x", "HOME": "/h"], "/h/.config/spillway/config.yaml"),
            (["XDG_CONFIG_HOME": "", "HOME": "/h"], "/h/.config/spillway/config.yaml"), ([:], nil),
        ] as [([String: String], String?)])
    func `the environment says where it lies`(environment: [String: String], path: String?) {
        #expect(ConfigurationFile.path(environment: environment) == path)
    }

    @Test func `looking makes nothing`() throws {
        #expect(try file.load() == UserConfiguration())
        #expect(try scratch.names("").isEmpty)
    }

    @Test func `the owner is made once, privately, and stays`() throws {
        let owner = try file.owner(random: ScratchFolder.random)
        #expect(owner.count == 16)
        #expect(try file.owner(random: { _ in [] }) == owner)
        #expect(try file.load() == UserConfiguration(owner: owner))
        #expect(try scratch.mode("config/spillway/config.yaml") == 0o600)
        #expect(try scratch.mode("config/spillway") == 0o700)
        #expect(try scratch.names("config/spillway") == ["config.yaml"])
    }

    @Test func `commands that start at once agree on it`() async throws {
        let file = file
        let owners = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<16 { group.addTask { try file.owner(random: ScratchFolder.random) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(owners.count == 1)
    }

    @Test(arguments: [
        "budget:\n  max_cost: 5 EUR\n", "# mine\nbudget:\n  max_cost: 5 EUR", "---\nbudget: {max_cost: 5 EUR}\n",
    ])
    func `it is added to what the user wrote`(text: String) throws {
        try write(text)
        let owner = try file.owner(random: ScratchFolder.random)
        #expect(try scratch.text("config/spillway/config.yaml").hasPrefix(text))
        #expect(try file.load().owner == owner)
        #expect(try file.load().defaults.maxCost == Money(micros: 5_000_000, currency: .eur))
    }

    @Test func `a link to a file kept elsewhere stays a link`() throws {
        try write("")
        try scratch.write("elsewhere.yaml", Array("keeper: {interval: 1h}\n".utf8))
        try scratch.setMode("elsewhere.yaml", 0o600)
        unlink(scratch.path("config/spillway/config.yaml"))
        #expect(symlink(scratch.path("elsewhere.yaml"), scratch.path("config/spillway/config.yaml")) == 0)
        let owner = try file.owner(random: ScratchFolder.random)
        #expect(try scratch.text("elsewhere.yaml") == "keeper: {interval: 1h}\nowner: \(owner)\n")
        var status = stat()
        #expect(lstat(scratch.path("config/spillway/config.yaml"), &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test(arguments: ["{budget: {max_cost: 5 EUR}}\n", "budget: {max_cost: 5 EUR}\n...\n"])
    func `where a line cannot be added the user is asked to, and nothing is changed`(text: String) throws {
        try write(text)
        let diagnostic = #expect(throws: Diagnostic.self) {
            try file.owner(random: { [UInt8](repeating: 10, count: $0) })
        }
        #expect(diagnostic?.code == "config.no-owner")
        #expect(diagnostic?.remedy == "Add this line to it: owner: 0a0a0a0a0a0a0a0a")
        #expect(try scratch.text("config/spillway/config.yaml") == text)
    }

    @Test func `problems of the file are told with their place`() throws {
        try write("owner: ada\nbugdet: {}\n")
        let problems = #expect(throws: Diagnostics.self) { try file.load() }
        #expect(problems?.all.map(\.code) == ["config.unknown-key"])
        #expect(problems?.all.first?.source?.line == 2)
    }

    @Test(arguments: [0o620, 0o602, 0o666])
    func `a file that others may write is refused`(mode: Int) throws {
        try write("owner: ada\n", mode: mode)
        let diagnostic = #expect(throws: Diagnostic.self) { try file.load() }
        #expect(diagnostic?.code == "config.writable-by-others")
        #expect(diagnostic?.command == "chmod 600 \(file.path)")
    }
}
