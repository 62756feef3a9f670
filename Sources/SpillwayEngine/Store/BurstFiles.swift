internal import SpillwayCore

/// The files of one burst and what they say, read in one consistent look.
struct BurstFiles {
    let folder: StateFolder
    let burst: String

    var snapshotName: String { "\(burst).json" }
    var journalName: String { "\(burst).journal.jsonl" }
    var snapshotPath: String { folder.root.path(of: snapshotName) }
    var journalPath: String { folder.root.path(of: journalName) }

    struct Content {
        var snapshot: BurstState
        var journal: JournalFile
    }

    /// nil when this burst was never seen. `plan` reads without a lock: a writer may put a new snapshot between our two
    /// reads and empty the journal, so the look is repeated until the snapshot stood still around it.
    func read() throws(Diagnostic) -> Content? {
        var snapshot = try bytes(snapshotName)
        while true {
            let journal = try bytes(journalName) ?? []
            let again = try bytes(snapshotName)
            if again == snapshot { return try content(snapshot, journal) }
            snapshot = again
        }
    }

    /// Backups of this burst, oldest first.
    func backups() throws(SystemFailure) -> [(name: String, serial: Int)] {
        guard let folder = try folder.root.subfolder("backups") else { return [] }
        return try folder.names().compactMap { name in
            guard name.hasPrefix("\(burst)."), name.hasSuffix(".json"),
                let serial = Int(name.dropFirst(burst.count + 1).dropLast(5))
            else { return nil }
            return (name, serial)
        }.sorted { $0.serial < $1.serial }
    }

    /// The path of the newest backup that can be read.
    func latestGoodBackup() -> String? {
        guard let backups = try? backups(), let folder = try? folder.root.subfolder("backups") else { return nil }
        let good = backups.last { backup in
            guard let bytes = try? folder.read(backup.name) else { return false }
            return (try? StateJSON.decode(BurstState.self, bytes)) != nil
        }
        return good.map { folder.path(of: $0.name) }
    }

    private func bytes(_ name: String) throws(Diagnostic) -> [UInt8]? {
        do {
            return try folder.root.read(name)
        } catch {
            throw StateFailure.system(error, doing: "read the state of \(burst)", exists: StateFailure.untouched)
        }
    }

    private func content(_ snapshot: [UInt8]?, _ journal: [UInt8]) throws(Diagnostic) -> Content? {
        guard let snapshot else {
            if journal.isEmpty { return nil }
            throw corrupt(journalPath, "there is a journal and no \(snapshotName) that it could follow")
        }
        let state = try decode(snapshot)
        do {
            return Content(snapshot: state, journal: try JournalFile(journal, after: state.journalSeq))
        } catch {
            throw StateFailure.corrupt(
                journalPath, burst: burst, why: error.why, line: error.line, backup: latestGoodBackup())
        }
    }

    private func decode(_ bytes: [UInt8]) throws(Diagnostic) -> BurstState {
        struct OnlyVersion: Decodable { var version: Int }
        let state: BurstState
        do {
            let version = try StateJSON.decode(OnlyVersion.self, bytes).version
            guard version <= BurstState.currentVersion else {
                throw StateFailure.newerVersion(snapshotPath, version: version)
            }
            state = try StateJSON.decode(BurstState.self, bytes)
        } catch let error as StateJSON.Unreadable {
            throw corrupt(snapshotPath, error.reason)
        } catch let error as Diagnostic {
            throw error
        } catch {
            throw corrupt(snapshotPath, String(describing: error))
        }
        guard state.burst == burst else { throw corrupt(snapshotPath, "it is the state of \"\(state.burst)\"") }
        guard state.stateID == folder.id else {
            throw corrupt(snapshotPath, "it belongs to the state folder \(state.stateID), this one is \(folder.id)")
        }
        return state
    }

    private func corrupt(_ path: String, _ why: String) -> Diagnostic {
        StateFailure.corrupt(path, burst: burst, why: why, backup: latestGoodBackup())
    }
}
