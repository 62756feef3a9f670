/// The durable half of one burst. One owner at a time holds it, under the burst's lock.
///
/// Both writes return only when the data is on disk (fsync of file and, for a snapshot, folder). Each throws a
/// ``Diagnostic``; after a throw nothing that was durable before is lost.
package protocol StateStore: Sendable {
    /// Snapshot and journal folded; nil when this burst was never seen. Torn last journal lines are dropped, anything
    /// else that does not decode is an error, as is a newer version.
    func load() throws(Diagnostic) -> BurstState?

    /// Appends one record to the journal. Records are numbered without a gap: `record.seq` is the last one's plus one,
    /// and there is a snapshot before the first. Anything else throws and writes nothing.
    func append(_ record: JournalRecord) throws(Diagnostic)

    /// Writes `state` as the new snapshot, keeps the last ten generations in `backups/`, then empties the journal.
    /// `state` must be of the lineage on disk, hold every record appended so far and have the serial after the one on
    /// disk (1 for the first). Anything else throws and writes nothing.
    func snapshot(_ state: BurstState) throws(Diagnostic)
}
