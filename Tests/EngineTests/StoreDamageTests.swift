import Foundation
import Glibc
import SpillwayCore
import Testing

@testable import SpillwayEngine

@Suite struct StoreDamageTests {
    let scratch: ScratchFolder
    let folder: StateFolder
    let store: FileStateStore

    init() throws {
        scratch = try ScratchFolder()
        folder = try scratch.open()
        store = try FileStateStore(folder, burst: "render")
        var state = try store.loadOrBegin()
        state.serial += 1
        try store.snapshot(state)
        for record in Sample.records(3, seed: 4) { try store.append(record) }
    }

    func failure() throws -> Diagnostic {
        let before = try scratch.bytes("state/render.json")
        let diagnostic = #expect(throws: Diagnostic.self) { try FileStateStore(folder, burst: "render").load() }
        #expect(try scratch.bytes("state/render.json") == before)
        return try #require(diagnostic)
    }

    func edit(_ name: String, _ change: (String) -> String) throws {
        try scratch.write(name, Array(change(try scratch.text(name)).utf8))
    }

    @Test func `a newer version is refused by name and number`() throws {
        try edit("state/render.json") { $0.replacingOccurrences(of: "\"version\" : 1", with: "\"version\" : 7") }
        let diagnostic = try failure()
        #expect(diagnostic.code == "state.newer-version")
        #expect(diagnostic.detail == "\(scratch.state)/render.json has version 7; this spillway reads up to 1.")
        #expect(diagnostic.exists == "Nothing was changed.")
    }

    @Test func `a cut snapshot names the file, the backup and the command to look`() throws {
        try scratch.write("state/render.json", try scratch.bytes("state/render.json").dropLast(40))
        let diagnostic = try failure()
        #expect(diagnostic.code == "state.corrupt")
        #expect(
            diagnostic.detail == "\(scratch.state)/render.json: not valid JSON. "
                + "The latest good backup is \(scratch.state)/backups/render.1.json.")
        #expect(diagnostic.command == "spillway state show render")
        #expect(diagnostic.exists == "Nothing was changed.")
    }

    @Test func `a backup that cannot be read is not called good`() throws {
        try scratch.write("state/render.json", [])
        try scratch.write("state/backups/render.1.json", Array("{}".utf8))
        #expect(try failure().detail.hasSuffix("There is no good backup of it."))
    }

    @Test func `a field that does not decode is named by its path`() throws {
        try edit("state/render.json") { $0.replacingOccurrences(of: "\"open\" : [", with: "\"open\" : [{\"seq\":1}") }
        #expect(try failure().detail.contains("render.json: open[0].at is missing."))
    }

    @Test func `a damaged line of the journal is named by file and line`() throws {
        try edit("state/render.journal.jsonl") { text in
            var lines = text.split(separator: "\n").map(String.init)
            lines[1] = "{\"seq\":2,\"at\":\"yesterday\"}"
            return lines.joined(separator: "\n") + "\n"
        }
        let diagnostic = try failure()
        #expect(diagnostic.code == "state.corrupt")
        #expect(diagnostic.source == SourceLocation(file: "\(scratch.state)/render.journal.jsonl", line: 2, column: 1))
        #expect(diagnostic.detail.contains("at: not an RFC 3339 time: yesterday"))
    }

    @Test func `a journal without its snapshot is an error, not an empty burst`() throws {
        try FileManager.default.removeItem(atPath: scratch.path("state/render.json"))
        let diagnostic = #expect(throws: Diagnostic.self) { try FileStateStore(folder, burst: "render").load() }
        #expect(diagnostic?.detail.contains("there is a journal and no render.json") == true)
    }

    @Test func `an old snapshot put back under a newer journal shows the gap`() throws {
        var state = try #require(try store.load())
        state.serial += 1
        try store.snapshot(state)
        try store.append(Sample.records(1, seed: 8, after: 3)[0])
        let journal = try scratch.bytes("state/render.journal.jsonl")
        try FileManager.default.removeItem(atPath: scratch.path("state/render.json"))
        try FileManager.default.copyItem(
            atPath: scratch.path("state/backups/render.1.json"), toPath: scratch.path("state/render.json"))
        #expect(try failure().detail.contains("line 1: records 1 to 3 are missing before it"))
        #expect(try scratch.bytes("state/render.journal.jsonl") == journal)
    }

    @Test func `a file of another burst or another folder is refused`() throws {
        try FileManager.default.copyItem(
            atPath: scratch.path("state/render.json"), toPath: scratch.path("state/other.json"))
        let burst = #expect(throws: Diagnostic.self) { try FileStateStore(folder, burst: "other").load() }
        #expect(burst?.detail.contains("it is the state of \"render\"") == true)
        try edit("state/render.json") { $0.replacingOccurrences(of: folder.id, with: "0123456789abcdef") }
        #expect(try failure().detail.contains("it belongs to the state folder 0123456789abcdef"))
    }

    @Test func `a symbolic link or a pipe in a file's place is not followed and does not hang`() throws {
        try FileManager.default.removeItem(atPath: scratch.path("state/render.journal.jsonl"))
        #expect(symlink("/etc/passwd", scratch.path("state/render.journal.jsonl")) == 0)
        #expect(#expect(throws: Diagnostic.self) { try store.load() }?.code == "state.foreign-file")
        unlink(scratch.path("state/render.journal.jsonl"))
        #expect(mkfifo(scratch.path("state/render.journal.jsonl"), 0o600) == 0)
        #expect(#expect(throws: Diagnostic.self) { try store.load() }?.code == "state.foreign-file")
    }

    @Test(.enabled(if: TinyDisk.available, "needs root and the right to mount"))
    func `on a full disk nothing durable is lost, the call is not made, and with space it goes on`() throws {
        let disk = try TinyDisk(kilobytes: 64)
        let folder = try StateFolder.open(disk.path, random: ScratchFolder.random)
        let store = try FileStateStore(folder, burst: "render")
        var state = try store.loadOrBegin()
        var failure: Diagnostic?
        while failure == nil {
            let record = JournalRecord(
                seq: state.journalSeq + 1, at: Sample.time(1), change: .intent(Sample.intent(.powerOn)))
            do {
                try store.append(record)
                state.apply(record)
            } catch {
                failure = error
            }
        }
        #expect(failure?.code == "state.disk-full")
        #expect(failure?.exists?.contains("(power_on) was not made") == true)
        #expect(failure?.command == "df -h \(disk.path)/render.journal.jsonl")
        #expect(try FileStateStore(folder, burst: "render").load() == state)

        let outcome = JournalRecord(
            seq: state.journalSeq + 1, at: Sample.time(2),
            change: .outcome(of: 1, .done(created: (0..<9).map { Sample.resource(.server, $0) })))
        let lost = #expect(throws: Diagnostic.self) { try store.append(outcome) }
        #expect(lost?.exists?.contains("may exist and cost money") == true)

        var next = state
        next.serial += 1
        let refused = #expect(throws: Diagnostic.self) { try store.snapshot(next) }
        #expect(refused?.code == "state.disk-full")
        #expect(try FileStateStore(folder, burst: "render").load() == state)
        #expect(!(try FileManager.default.contentsOfDirectory(atPath: disk.path)).contains("render.json.tmp"))

        try disk.remount("size=1024k")
        try store.append(outcome)
        state.apply(outcome)
        state.serial += 1
        try store.snapshot(state)
        #expect(try FileStateStore(folder, burst: "render").load() == state)
    }
}
