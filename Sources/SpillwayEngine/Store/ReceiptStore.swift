package import SpillwayCore

/// The proofs of finished runs: `receipts/<run>.json` for programs and `<run>.txt` for people.
package struct ReceiptStore: Sendable {
    private let folder: StateFolder

    package init(_ folder: StateFolder) { self.folder = folder }

    /// Durable when it returns. Saving again replaces.
    package func save(run: String, json: [UInt8], text: String) throws(Diagnostic) {
        try files(run, "write the receipt of run \(run)") { root throws(SystemFailure) in
            let receipts = try root.makeSubfolder("receipts")
            try receipts.replace("\(run).txt", with: Array(text.utf8))
            try receipts.replace("\(run).json", with: json)
        }
    }

    /// The JSON of a receipt; nil when that run has none.
    package func json(run: String) throws(Diagnostic) -> [UInt8]? {
        try files(run, "read the receipt of run \(run)") { root throws(SystemFailure) in
            try root.subfolder("receipts")?.read("\(run).json")
        }
    }

    package func text(run: String) throws(Diagnostic) -> String? {
        let bytes = try files(run, "read the receipt of run \(run)") { root throws(SystemFailure) in
            try root.subfolder("receipts")?.read("\(run).txt")
        }
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The runs that have a receipt; run ids sort by time, so the oldest comes first.
    package func runs() throws(Diagnostic) -> [String] {
        try files("all", "list the receipts") { root throws(SystemFailure) in
            guard let receipts = try root.subfolder("receipts") else { return [] }
            return try receipts.names().filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
                .filter(StateNames.isRun)
        }
    }

    /// Where the receipts of `run` lie, to be shown to the user.
    package func paths(run: String) -> (json: String, text: String) {
        ("\(folder.path)/receipts/\(run).json", "\(folder.path)/receipts/\(run).txt")
    }

    private func files<Value>(
        _ run: String, _ doing: String, _ body: (Directory) throws(SystemFailure) -> Value
    ) throws(Diagnostic) -> Value {
        guard StateNames.isRun(run) else { throw StateFailure.badName(run, what: "run") }
        do {
            return try body(folder.root)
        } catch {
            throw StateFailure.system(error, doing: doing)
        }
    }
}
