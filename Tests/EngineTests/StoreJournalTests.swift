import SpillwayCore
import Testing

@testable import SpillwayEngine

@Suite struct StoreJournalTests {
    static let start = BurstState(lineage: "l", stateID: "s", burst: "render")

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `a journal cut at any byte folds to what was durable before the cut`(seed: UInt64) throws {
        let records = Sample.records(6, seed: seed)
        let lines = try records.map { try StateJSON.line($0) }
        let whole = lines.flatMap { $0 }
        var ends = [0]
        for line in lines { ends.append(ends[ends.count - 1] + line.count) }
        for cut in 0...whole.count {
            let sound = ends.lastIndex { $0 <= cut } ?? 0
            let file = try JournalFile(Array(whole[..<cut]), after: 0)
            #expect(file.records == Array(records[..<sound]))
            #expect(file.soundLength == ends[sound])
            #expect(BurstState.fold(Self.start, file.records) == BurstState.fold(Self.start, records[..<sound]))
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `it makes no difference when the snapshot was taken`(seed: UInt64) throws {
        let records = Sample.records(20, seed: seed)
        let whole = BurstState.fold(Self.start, records)
        for cut in 0...records.count {
            let snapshot = BurstState.fold(Self.start, records[..<cut])
            let again = try StateJSON.decode(BurstState.self, try StateJSON.document(snapshot))
            #expect(again == snapshot)
            #expect(BurstState.fold(again, records[cut...]) == whole)
            #expect(BurstState.fold(again, records) == whole, "a journal that was not emptied")
        }
    }

    @Test func `a last line of garbage is a torn write, in the middle it is damage`() throws {
        let lines = try Sample.records(3, seed: 1).map { try StateJSON.line($0) }
        let zeros = [UInt8](repeating: 0, count: 100) + [10]
        let torn = try JournalFile(lines[0] + lines[1] + zeros, after: 0)
        #expect(torn.records.count == 2)
        #expect(torn.soundLength == lines[0].count + lines[1].count)
        let damage = #expect(throws: JournalFile.Damage.self) { try JournalFile(lines[0] + zeros + lines[1], after: 0) }
        #expect(damage == JournalFile.Damage(line: 2, why: "not valid JSON"))
    }

    @Test func `a record of a kind we do not know is never skipped, not even at the end`() throws {
        let line = Array(#"{"at":"2026-11-21T03:32:00Z","seq":1,"teleport":{}}"#.utf8) + [10]
        let damage = #expect(throws: JournalFile.Damage.self) { try JournalFile(line, after: 0) }
        #expect(damage?.line == 1)
        #expect(damage?.why == "job is missing")
    }

    @Test func `an enumeration value we do not know is damage that is named`() throws {
        let line = try StateJSON.line(
            Sample.records(1, seed: 7).map { _ in
                JournalRecord(seq: 1, at: Sample.time(1), change: .seen(Sample.resource(.server, 1)))
            }[0])
        let text = String(decoding: line, as: UTF8.self).split(separator: #""running""#).joined(
            separator: #""dreaming""#)
        let damage = #expect(throws: JournalFile.Damage.self) { try JournalFile(Array(text.utf8), after: 0) }
        #expect(damage?.why.contains("seen.lifecycle") == true)
        #expect(damage?.why.contains("dreaming") == true)
    }

    @Test func `a gap and a step back are damage`() throws {
        let lines = try Sample.records(5, seed: 3).map { try StateJSON.line($0) }
        let gap = #expect(throws: JournalFile.Damage.self) { try JournalFile(lines[0] + lines[3], after: 0) }
        #expect(gap == JournalFile.Damage(line: 2, why: "records 2 to 3 are missing before it"))
        let back = #expect(throws: JournalFile.Damage.self) { try JournalFile(lines[1] + lines[0], after: 2) }
        #expect(back == JournalFile.Damage(line: 2, why: "record 1 comes after record 2"))
        let early = #expect(throws: JournalFile.Damage.self) { try JournalFile(lines[4], after: 2) }
        #expect(early == JournalFile.Damage(line: 1, why: "records 3 to 4 are missing before it"))
        #expect(try JournalFile(lines[0] + lines[4], after: 4).records.count == 2)
    }
}
