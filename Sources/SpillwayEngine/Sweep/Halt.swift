/// One request to stop for all the journals that a sweep has open: what is in flight is finished and recorded, nothing new
/// is started.
package actor Halt {
    private var journals: [BurstJournal] = []
    package private(set) var isRequested = false

    package init() {}

    package func request() async {
        isRequested = true
        for journal in journals { await journal.halt() }
    }

    /// Throws ``BurstJournal/Halted`` once a stop was asked for.
    func check() throws {
        if isRequested { throw BurstJournal.Halted() }
    }

    func admit(_ journal: BurstJournal) throws {
        try check()
        journals.append(journal)
    }
}
