package import SpillwayCore

extension BurstSession {
    /// Writes the receipt of a run whose every resource was just verified gone. Durable when it returns.
    package func writeReceipt(of run: RunRecord, _ outcome: JobOutcome) async throws -> Receipt {
        let state = await site.journal.state
        let receipt = Receipt(
            state: state, run: state.run ?? run, outcome: outcome.word.rawValue, jobExit: outcome.jobExit,
            missing: outcome.missing, verifiedGoneAt: site.ambient.now())
        try ReceiptStore(folder).save(run: run.id, json: try StateJSON.document(receipt), text: receipt.text)
        return receipt
    }
}
