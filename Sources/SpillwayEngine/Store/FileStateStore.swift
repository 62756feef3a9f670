internal import Glibc
package import SpillwayCore
internal import Synchronization

/// ``StateStore`` over `<burst>.json` and `<burst>.journal.jsonl` of a ``StateFolder``.
///
/// A record is one line: one write and one fsync, however long the journal and the burst have become.
package final class FileStateStore: StateStore {
    package let burst: String
    private let files: BurstFiles
    private let onDisk = Mutex<OnDisk?>(nil)

    /// What this process knows to be durable.
    private struct OnDisk {
        var lineage: String?
        var serial = 0
        /// The last record, in the snapshot or the journal.
        var seq = 0
        var journalLength = 0
    }

    /// Throws when `burst` is not a burst's name.
    package init(_ folder: StateFolder, burst: String) throws(Diagnostic) {
        guard StateNames.isBurst(burst) else { throw StateFailure.badName(burst, what: "burst") }
        self.burst = burst
        files = BurstFiles(folder: folder, burst: burst)
    }

    package func load() throws(Diagnostic) -> BurstState? {
        try onDisk.withLock { onDisk throws(Diagnostic) -> BurstState? in
            let (found, state) = try look()
            onDisk = found
            return state
        }
    }

    package func append(_ record: JournalRecord) throws(Diagnostic) {
        try onDisk.withLock { onDisk throws(Diagnostic) in
            var known = try known(onDisk)
            guard known.lineage != nil else {
                throw StateFailure.moved(files.journalPath, why: "a record came before the first snapshot")
            }
            guard record.seq == known.seq + 1 else {
                throw StateFailure.moved(
                    files.journalPath, why: "record \(record.seq) cannot follow record \(known.seq)")
            }
            known.journalLength += try write(record, at: known.journalLength)
            known.seq = record.seq
            onDisk = known
        }
    }

    /// As ``load()``; a burst that was never seen is begun with an empty first snapshot, for records to follow.
    package func loadOrBegin() throws(Diagnostic) -> BurstState {
        if let state = try load() { return state }
        var state = BurstState(lineage: files.folder.nonce(), stateID: files.folder.id, burst: burst)
        state.serial = 1
        try snapshot(state)
        return state
    }

    package func snapshot(_ next: BurstState) throws(Diagnostic) {
        try onDisk.withLock { onDisk throws(Diagnostic) in
            var known = try known(onDisk)
            try check(next, follows: known)
            try replaceSnapshot(next, hasOld: known.lineage != nil)
            (known.lineage, known.serial, known.seq) = (next.lineage, next.serial, next.journalSeq)
            onDisk = known
            try doing("empty the journal of \(burst)", exists: nil) { () throws(SystemFailure) in
                try files.folder.root.truncate(files.journalName, to: 0)
            }
            known.journalLength = 0
            onDisk = known
        }
    }

    private func known(_ onDisk: OnDisk?) throws(Diagnostic) -> OnDisk {
        if let onDisk { return onDisk }
        return try look().0
    }

    private func look() throws(Diagnostic) -> (OnDisk, BurstState?) {
        guard let content = try files.read() else { return (OnDisk(), nil) }
        let state = BurstState.fold(content.snapshot, content.journal.records)
        let found = OnDisk(
            lineage: state.lineage, serial: state.serial, seq: state.journalSeq,
            journalLength: content.journal.soundLength)
        return (found, state)
    }

    /// Emptying the journal must lose nothing: the new snapshot is of the same history and holds all of its records.
    private func check(_ next: BurstState, follows known: OnDisk) throws(Diagnostic) {
        guard next.serial == known.serial + 1 else {
            throw StateFailure.moved(files.snapshotPath, why: "serial \(next.serial) cannot follow \(known.serial)")
        }
        guard let lineage = known.lineage else { return }
        guard next.lineage == lineage else {
            throw StateFailure.moved(files.snapshotPath, why: "it is another history (\(lineage), not \(next.lineage))")
        }
        guard next.journalSeq >= known.seq else {
            throw StateFailure.moved(
                files.snapshotPath, why: "record \(known.seq) is not in the state of record \(next.journalSeq)")
        }
    }

    /// Returns the length of the line. What a torn or failed write left behind `length` is cut off first and last.
    private func write(_ record: JournalRecord, at length: Int) throws(Diagnostic) -> Int {
        let line = try encoded { try StateJSON.line(record) }
        try doing("append record \(record.seq) to the journal of \(burst)", exists: Self.meaning(record.change)) {
            () throws(SystemFailure) in
            let root = files.folder.root
            let file = try root.openFile(files.journalName, O_WRONLY | O_APPEND | O_CREAT)
            defer { close(file) }
            let size = lseek(file, 0, SEEK_END)
            guard size >= length else { throw SystemFailure("append", files.journalPath, code: ESTALE) }
            if size > length, ftruncate(file, off_t(length)) != 0 { throw SystemFailure("truncate", files.journalPath) }
            if size == 0 { try root.sync() }
            do throws(SystemFailure) {
                try Directory.writeAll(line, to: file, path: files.journalPath)
                guard fsync(file) == 0 else { throw SystemFailure("fsync", files.journalPath) }
            } catch {
                ftruncate(file, off_t(length))
                throw error
            }
        }
        return line.count
    }

    private func replaceSnapshot(_ state: BurstState, hasOld: Bool) throws(Diagnostic) {
        let bytes = try encoded { try StateJSON.document(state) }
        try doing("write \(files.snapshotName)", exists: Self.kept) { () throws(SystemFailure) in
            let root = files.folder.root
            if hasOld {
                let backups = try root.makeSubfolder("backups")
                try root.keep(files.snapshotName, as: "\(burst).\(state.serial - 1).json", in: backups)
                for old in try files.backups().dropLast(10) { try backups.remove(old.name) }
                try backups.sync()
            }
            try root.replace(files.snapshotName, with: bytes)
        }
    }

    private func encoded(_ body: () throws -> [UInt8]) throws(Diagnostic) -> [UInt8] {
        do {
            return try body()
        } catch {
            throw StateFailure.moved(files.snapshotPath, why: "a value cannot be written as JSON: \(error)")
        }
    }

    private func doing<Value>(
        _ what: String, exists: String?, _ body: () throws(SystemFailure) -> Value
    ) throws(Diagnostic) -> Value {
        do {
            return try body()
        } catch {
            throw StateFailure.system(error, doing: what, exists: exists)
        }
    }

    private static let kept = "Nothing is lost: the snapshot before and its journal are as they were."

    /// What a record that could not be made durable means for the cloud.
    private static func meaning(_ change: JournalRecord.Change) -> String {
        switch change {
        case .intent(let intent):
            "The call it announces (\(intent.operation.rawValue)) was not made. What was recorded before still exists."
        case .outcome:
            "A call was made and how it ended is not on record: what it was for may exist and cost money. "
                + "Its intent is on record and is looked up in the cloud by the next command."
        case .run, .revised, .seen, .gone, .job:
            "Nothing was changed in the cloud by this. What was recorded before still exists."
        }
    }
}
