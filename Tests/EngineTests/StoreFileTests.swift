import Foundation
import SpillwayCore
import Testing

@testable import SpillwayEngine

@Suite struct StoreFileTests {
    let scratch: ScratchFolder
    let folder: StateFolder

    init() throws {
        scratch = try ScratchFolder()
        folder = try scratch.open()
    }

    func begun(_ burst: String = "render") throws -> (FileStateStore, BurstState) {
        let store = try FileStateStore(folder, burst: burst)
        return (store, try store.loadOrBegin())
    }

    /// As the journal's owner does it.
    func snapshot(_ state: inout BurstState, _ store: FileStateStore) throws {
        state.serial += 1
        try store.snapshot(state)
    }

    @Test func `a burst that was never seen is nil`() throws {
        #expect(try FileStateStore(folder, burst: "render").load() == nil)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `what was appended and snapshotted is what another process loads`(seed: UInt64) throws {
        var (store, state) = try begun()
        var random = SeededGenerator(seed: seed)
        for record in Sample.records(60, seed: seed) {
            try store.append(record)
            state.apply(record)
            if Int.random(in: 0..<10, using: &random) == 0 { try snapshot(&state, store) }
            // A process that died and one that came after it.
            if Int.random(in: 0..<10, using: &random) == 0 { store = try FileStateStore(folder, burst: "render") }
            #expect(try FileStateStore(folder, burst: "render").load() == state)
        }
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `a writer that dies anywhere leaves the prefix it was told is durable, and the next one goes on`(
        seed: UInt64
    ) throws {
        var (store, state) = try begun()
        var random = SeededGenerator(seed: seed)
        var records = Sample.records(40, seed: seed)
        while !records.isEmpty {
            let record = records.removeFirst()
            try store.append(record)
            state.apply(record)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:  // Dies in the middle of the next append.
                let line = try StateJSON.line(record)
                let torn = line.prefix(Int.random(in: 0..<line.count, using: &random))
                try scratch.write("state/render.journal.jsonl", try scratch.bytes("state/render.journal.jsonl") + torn)
            case 1:  // Dies after writing the temporary file of a snapshot, or a part of it.
                let document = try StateJSON.document(state)
                try scratch.write(
                    "state/render.json.tmp", document.prefix(Int.random(in: 0...document.count, using: &random)))
            case 2:  // Dies after the rename, before the journal is emptied.
                let journal = try scratch.bytes("state/render.journal.jsonl")
                try snapshot(&state, store)
                try scratch.write("state/render.journal.jsonl", journal)
            default:
                continue
            }
            store = try FileStateStore(folder, burst: "render")
            #expect(try store.load() == state)
        }
        #expect(try store.load() == state)
    }

    @Test func `a torn record is cut off before the next one, also by the process that tore it`() throws {
        var (store, state) = try begun()
        let records = Sample.records(3, seed: 5)
        try store.append(records[0])
        try scratch.write(
            "state/render.journal.jsonl", try scratch.bytes("state/render.journal.jsonl") + Array(#"{"seq":2,"#.utf8))
        try store.append(records[1])
        #expect(try scratch.text("state/render.journal.jsonl").split(separator: "\n").count == 2)
        state.apply(records[0])
        state.apply(records[1])
        #expect(try FileStateStore(folder, burst: "render").load() == state)
    }

    @Test func `the journal grows by the record alone`() throws {
        let (store, _) = try begun()
        let snapshot = try scratch.bytes("state/render.json")
        var size = 0
        for record in Sample.records(30, seed: 9) {
            try store.append(record)
            size += try StateJSON.line(record).count
            #expect(try scratch.bytes("state/render.journal.jsonl").count == size)
        }
        #expect(try scratch.bytes("state/render.json") == snapshot)
    }

    @Test func `serial grows by one, ten generations are kept, the oldest go`() throws {
        var (store, state) = try begun()
        #expect(state.serial == 1)
        for serial in 2...14 {
            try snapshot(&state, store)
            #expect(state.serial == serial)
        }
        let kept = try scratch.names("state/backups")
        #expect(kept == (4...13).map { "render.\($0).json" }.sorted())
        let oldest = try StateJSON.decode(BurstState.self, try scratch.bytes("state/backups/render.4.json"))
        #expect(oldest.serial == 4)
        #expect(try scratch.mode("state/backups/render.4.json") == 0o600)
    }

    @Test func `the backups of a burst whose name begins alike are left alone`() throws {
        var (first, one) = try begun("a")
        var (second, two) = try begun("a-b")
        for _ in 0..<12 {
            try snapshot(&one, first)
            try snapshot(&two, second)
        }
        let kept = try scratch.names("state/backups")
        #expect(kept.filter { $0.hasPrefix("a.") }.count == 10)
        #expect(kept.filter { $0.hasPrefix("a-b.") }.count == 10)
    }

    @Test func `the same state is the same bytes, sorted and private`() throws {
        var (store, state) = try begun()
        let first = try scratch.text("state/render.json")
        try snapshot(&state, store)
        let second = try scratch.text("state/render.json")
        #expect(
            first.split(separator: "\n").filter { !$0.contains("serial") }
                == second.split(separator: "\n").filter { !$0.contains("serial") })
        let keys = first.split(separator: "\n").compactMap { $0.split(separator: "\"").dropFirst().first }
        #expect(keys == keys.sorted())
        #expect(try scratch.mode("state/render.json") == 0o600)
        try store.append(Sample.records(1, seed: 1)[0])
        #expect(try scratch.mode("state/render.journal.jsonl") == 0o600)
        #expect(try scratch.names("state").filter { $0.hasSuffix(".tmp") }.isEmpty)
    }

    @Test func `a record out of turn is refused and nothing is written`() throws {
        let (store, _) = try begun()
        let records = Sample.records(3, seed: 2)
        try store.append(records[0])
        let before = try scratch.bytes("state/render.journal.jsonl")
        for wrong in [records[0], records[2]] {
            let diagnostic = #expect(throws: Diagnostic.self) { try store.append(wrong) }
            #expect(diagnostic?.code == "state.moved")
        }
        #expect(try scratch.bytes("state/render.journal.jsonl") == before)
        try store.append(records[1])
    }

    @Test func `a record before the first snapshot is refused`() throws {
        let store = try FileStateStore(folder, burst: "render")
        let diagnostic = #expect(throws: Diagnostic.self) { try store.append(Sample.records(1, seed: 2)[0]) }
        #expect(diagnostic?.detail.contains("before the first snapshot") == true)
        #expect(!FileManager.default.fileExists(atPath: scratch.path("state/render.journal.jsonl")))
    }

    @Test func `a snapshot that lacks a record of the journal is refused`() throws {
        var (store, state) = try begun()
        try store.append(Sample.records(1, seed: 2)[0])
        let diagnostic = #expect(throws: Diagnostic.self) { try snapshot(&state, store) }
        #expect(diagnostic?.detail.contains("record 1 is not in the state of record 0") == true)
    }

    @Test func `a snapshot with a serial out of turn is refused`() throws {
        let (store, state) = try begun()
        let diagnostic = #expect(throws: Diagnostic.self) { try store.snapshot(state) }
        #expect(diagnostic?.detail.contains("serial 1 cannot follow 1") == true)
    }

    @Test func `a snapshot of another history is refused`() throws {
        let (store, _) = try begun()
        var other = BurstState(lineage: "another", stateID: folder.id, burst: "render")
        other.serial = 2
        let diagnostic = #expect(throws: Diagnostic.self) { try store.snapshot(other) }
        #expect(diagnostic?.code == "state.moved")
    }

    @Test func `a journal that lost bytes under us is noticed`() throws {
        let (store, _) = try begun()
        let records = Sample.records(2, seed: 2)
        try store.append(records[0])
        try scratch.write("state/render.journal.jsonl", [])
        let diagnostic = #expect(throws: Diagnostic.self) { try store.append(records[1]) }
        #expect(diagnostic?.code == "state.io")
        #expect(try scratch.bytes("state/render.journal.jsonl").isEmpty)
    }
}
