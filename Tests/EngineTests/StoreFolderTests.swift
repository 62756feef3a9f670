import Foundation
import SpillwayCore
import Testing

@testable import SpillwayEngine

@Suite struct StoreFolderTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test func `a new folder is private, has an id and is never committed`() throws {
        let folder = try scratch.open()
        #expect(try scratch.mode("state") == 0o700)
        #expect(try scratch.text("state/.gitignore") == "*\n")
        #expect(folder.id.count == 16)
        #expect(try scratch.text("state/folder.id.json").contains("\"state_id\" : \"\(folder.id)\""))
        #expect(try scratch.names("state") == [".gitignore", "folder.id.json"])
    }

    @Test func `the id is made once, by whoever comes first`() async throws {
        let scratch = scratch
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<16 { group.addTask { try scratch.open().id } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try scratch.open().id == ids.first)
        #expect(try scratch.names("state") == [".gitignore", "folder.id.json"])
    }

    @Test func `a lost id is read from the bursts that carry it`() throws {
        let id = try scratch.open().id
        _ = try FileStateStore(scratch.open(), burst: "render").loadOrBegin()
        try FileManager.default.removeItem(atPath: scratch.path("state/folder.id.json"))
        #expect(try StateFolder.existing(scratch.state)?.id == id)
        #expect(try scratch.open().id == id)
    }

    @Test func `an unreadable id is an error, never a new id`() throws {
        _ = try scratch.open()
        try scratch.write("state/folder.id.json", Array("{\"vers".utf8))
        let diagnostic = #expect(throws: Diagnostic.self) { try scratch.open() }
        #expect(diagnostic?.code == "state.no-identity")
        #expect(diagnostic?.detail == "\(scratch.state)/folder.id.json: not valid JSON.")
        #expect(diagnostic?.exists == "Nothing was changed.")
    }

    @Test func `looking makes nothing`() throws {
        #expect(try StateFolder.existing(scratch.state) == nil)
        #expect(try scratch.names("").isEmpty)
        try FileManager.default.createDirectory(atPath: scratch.state, withIntermediateDirectories: false)
        #expect(try StateFolder.existing(scratch.state) == nil)
        #expect(try scratch.names("state").isEmpty)
    }

    @Test func `a folder below one that is missing is not guessed at`() throws {
        let diagnostic = #expect(throws: Diagnostic.self) {
            try StateFolder.open(scratch.path("no/state"), random: ScratchFolder.random)
        }
        #expect(diagnostic?.code == "state.no-parent")
        #expect(diagnostic?.command == "mkdir -p \(scratch.path("no"))")
        #expect(try scratch.names("").isEmpty)
    }

    @Test func `a gitignore of the user stays, a readable folder becomes private`() throws {
        try FileManager.default.createDirectory(atPath: scratch.state, withIntermediateDirectories: false)
        try scratch.setMode("state", 0o755)
        try scratch.write("state/.gitignore", Array("*\n!README.md\n".utf8))
        _ = try scratch.open()
        #expect(try scratch.text("state/.gitignore") == "*\n!README.md\n")
        #expect(try scratch.mode("state") == 0o700)
    }

    @Test(arguments: [0o770, 0o707, 0o777, 0o1777])
    func `a folder that others may write to is refused`(mode: Int) throws {
        _ = try scratch.open()
        try scratch.setMode("state", mode)
        for attempt in [{ _ = try scratch.open() }, { _ = try StateFolder.existing(scratch.state) }] {
            let diagnostic = #expect(throws: Diagnostic.self) { try attempt() }
            #expect(diagnostic?.code == "state.writable-by-others")
            #expect(diagnostic?.detail.contains("has mode \(String(mode, radix: 8))") == true)
            #expect(diagnostic?.command == "chmod 700 \(scratch.state)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a folder away"))
    func `a folder of another user is refused, to root as well`() throws {
        _ = try scratch.open()
        #expect(chown(scratch.state, 12345, 12345) == 0)
        let diagnostic = #expect(throws: Diagnostic.self) { try scratch.open() }
        #expect(diagnostic?.code == "state.other-owner")
        #expect(diagnostic?.detail.contains("owned by user id 12345; this process runs as 0") == true)
    }

    @Test func `a file in the folder's place is refused`() throws {
        try scratch.write("state", Array("hello".utf8))
        let diagnostic = #expect(throws: Diagnostic.self) { try scratch.open() }
        #expect(diagnostic?.code == "state.not-a-folder")
        #expect(try scratch.text("state") == "hello")
    }

    @Test(.enabled(if: TinyDisk.available, "needs root and the right to mount"))
    func `a read-only file system is refused for writing and read for looking`() throws {
        let disk = try TinyDisk(kilobytes: 256)
        let folder = try StateFolder.open(disk.path, random: ScratchFolder.random)
        let state = try FileStateStore(folder, burst: "render").loadOrBegin()
        try disk.remount("ro")
        let diagnostic = #expect(throws: Diagnostic.self) {
            try StateFolder.open(disk.path, random: ScratchFolder.random)
        }
        #expect(diagnostic?.code == "state.read-only")
        #expect(diagnostic?.remedy?.contains("--state-dir") == true)
        let read = try #require(try StateFolder.existing(disk.path))
        #expect(try FileStateStore(read, burst: "render").load() == state)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
    func `a folder without write permission is refused for writing`() throws {
        _ = try scratch.open()
        try scratch.setMode("state", 0o500)
        let diagnostic = #expect(throws: Diagnostic.self) { try scratch.open() }
        #expect(diagnostic?.code == "state.permission")
        try scratch.setMode("state", 0o700)
    }

    @Test func `bursts are listed by name and foreign files are passed over`() throws {
        let folder = try scratch.open()
        for burst in ["render", "a-1", "id"] { _ = try FileStateStore(folder, burst: burst).loadOrBegin() }
        for name in ["Notes.json", "x.y.json", "render.json.tmp", "ledger.jsonl", "render.lock", "-a.json", ".json"] {
            try scratch.write("state/\(name)", Array("?".utf8))
        }
        try FileManager.default.createDirectory(
            atPath: scratch.path("state/b.json.d"), withIntermediateDirectories: false)
        #expect(try folder.bursts() == ["a-1", "id", "render"])
    }

    @Test(arguments: [
        "", "../render", "a/b", "Render", "-a", "9a", "a.b", String(repeating: "a", count: 41), "a\u{0}b", "é",
    ])
    func `a name that is no burst's name never becomes a path`(name: String) throws {
        let folder = try scratch.open()
        let diagnostic = #expect(throws: Diagnostic.self) { try FileStateStore(folder, burst: name) }
        #expect(diagnostic?.code == "state.bad-name")
        #expect(diagnostic?.exit == .usage)
    }
}
