internal import SpillwayCore

/// The bytes of a journal, read: pure, so that every way of cutting them can be tried.
struct JournalFile {
    /// Strictly ascending, without a gap above the snapshot they belong to.
    var records: [JournalRecord] = []
    /// Up to here the file is sound; what follows is a last record whose write never finished.
    var soundLength = 0

    struct Damage: Error, Hashable {
        let line: Int
        let why: String
    }

    /// Reads a journal that follows a snapshot holding everything up to `folded`.
    ///
    /// The last line is torn when it has no newline or is no JSON: its writer died, and whoever it announced was never
    /// called. JSON that is not a record, as from a newer version, is damage wherever it stands, and never skipped.
    init(_ bytes: [UInt8], after folded: Int) throws(Damage) {
        var start = 0
        var line = 0
        var expected = folded
        while let end = bytes[start...].firstIndex(of: StateJSON.newline) {
            line += 1
            let record: JournalRecord
            do {
                record = try StateJSON.decode(JournalRecord.self, bytes[start..<end])
            } catch {
                if !error.isJSON, end + 1 == bytes.count { return }
                throw Damage(line: line, why: error.reason)
            }
            if let last = records.last, record.seq <= last.seq {
                throw Damage(line: line, why: "record \(record.seq) comes after record \(last.seq)")
            }
            if record.seq > expected {
                guard record.seq == expected + 1 else {
                    throw Damage(line: line, why: "records \(expected + 1) to \(record.seq - 1) are missing before it")
                }
                expected = record.seq
            }
            records.append(record)
            start = end + 1
            soundLength = start
        }
    }
}
