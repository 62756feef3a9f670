package import SpillwayCore

/// One command's hold on one burst: its lock, its state, and a journal that every change goes through.
///
/// Opening it creates nothing in any cloud. It is closed by ``close()``, which folds the journal into a snapshot; a
/// process that dies instead leaves lock and journal as they are, and the next one takes over from there.
package struct BurstSession: Sendable {
    package let folder: StateFolder
    package let lock: BurstLock
    package let site: BurstSite
    package let keys: KeyStore

    /// Throws `state.locked` (exit 6) when another command is at work on this burst.
    package static func open(
        _ burst: String, in folder: StateFolder, operation: String, provider: any CloudProvider, owner: String,
        ambient: Ambient, emit: @escaping @Sendable (Event) -> Void, overridingOtherHosts: Bool = false
    ) throws -> BurstSession {
        let lock: BurstLock
        do {
            lock = try BurstLock.acquire(
                burst, in: folder, operation: operation, identity: .current(), now: ambient.now(),
                overridingOtherHosts: overridingOtherHosts)
        } catch {
            throw priced(error, burst, folder)
        }
        for note in lock.notes { emit(.note("\(note.summary): \(note.detail)")) }
        do {
            let store = try FileStateStore(folder, burst: burst)
            let state = try store.loadOrBegin()
            let journal = BurstJournal(state: state, store: store, now: ambient.now)
            let site = BurstSite(
                burst: burst, owner: state.run.map { $0.phase == .ended ? owner : $0.owner } ?? owner,
                provider: provider, journal: journal, ambient: ambient, emit: emit)
            let keys = KeyStore(folder)
            // Of a run whose command died between its end and this.
            if let run = state.run, run.phase == .ended { try keys.remove(run: run.id) }
            return BurstSession(folder: folder, lock: lock, site: site, keys: keys)
        } catch {
            lock.release()
            throw error
        }
    }

    /// A refused lock says what exists as far as the state tells, which is read without one.
    private static func priced(_ refusal: Diagnostic, _ burst: String, _ folder: StateFolder) -> Diagnostic {
        guard refusal.exit == .locked, let state = try? FileStateStore(folder, burst: burst).load(), state.isLive else {
            return refusal
        }
        var told = refusal
        told.exists =
            "\(refusal.exists ?? "") \(Inventory(state.live.map(\.resource), rates: state.run?.rates).sentence)"
        return told
    }

    package func close() async throws {
        defer { lock.release() }
        try await site.journal.snapshot()
    }

    /// Resolves what an earlier command left open and looks at everything of this burst.
    package func observe(zones: [String]) async throws -> [CloudResource] {
        try await Recovery(site).observe(zones: await site.zones(naming: zones))
    }

    /// Runs `body`, and whatever it throws, closes; the error then says what exists and what it costs.
    /// A failure to save is the graver one.
    package func closing<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(await explained(error))
        }
        try await close()
        return try result.get()
    }

    /// `error` as a user meets it: with what exists now, what it costs, and how to remove it.
    package func explained(_ error: any Error) async -> any Error {
        let diagnostic: Diagnostic
        let isHalted = await site.journal.isHalted
        switch error {
        case let error as ProviderError where error.kind == .cancelled && isHalted:
            return await explained(BurstJournal.Halted())
        case let error as RemoteFailure where error.kind == .cancelled && isHalted:
            return await explained(BurstJournal.Halted())
        case let error as ProviderError where error.kind == .cancelled:
            // Not asked, because its intent could not be written: what failed is the disk.
            diagnostic = await site.journal.failure ?? error.diagnostic
        case let error as Diagnostic: diagnostic = error
        case let error as ProviderError: diagnostic = error.diagnostic
        case let error as RemoteFailure: diagnostic = error.diagnostic
        case is BurstJournal.Halted, is CancellationError:
            diagnostic = Diagnostic(
                "interrupted", "Stopped",
                detail: "What was in flight is finished and recorded; nothing new was started.",
                remedy: "Run it again to go on, or remove what exists:", exit: .partial)
        default: return error
        }
        guard diagnostic.exists == nil else { return diagnostic }
        var told = diagnostic
        let state = await site.journal.state
        let resources = state.live.map(\.resource)
        told.exists =
            resources.isEmpty && state.open.isEmpty
            ? "Nothing exists." : Inventory(resources, rates: state.run?.rates).sentence
        if !state.open.isEmpty {
            told.exists =
                "\(told.exists ?? "") \(state.open.count) calls have no known outcome; the next command looks."
        }
        if !resources.isEmpty, told.command == nil { told.command = "spillway destroy \(site.burst)" }
        if await site.journal.mutations > 0, told.exit == .error, !resources.isEmpty { told.exit = .partial }
        return told
    }
}
