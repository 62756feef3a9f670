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
        let lock = try BurstLock.acquire(
            burst, in: folder, operation: operation, identity: .current(), now: ambient.now(),
            overridingOtherHosts: overridingOtherHosts)
        for note in lock.notes { emit(.note("\(note.summary): \(note.detail)")) }
        do {
            let store = try FileStateStore(folder, burst: burst)
            let state = try store.loadOrBegin()
            let journal = BurstJournal(state: state, store: store, now: ambient.now)
            let site = BurstSite(
                burst: burst, owner: state.run.map { $0.phase == .ended ? owner : $0.owner } ?? owner,
                provider: provider, journal: journal, ambient: ambient, emit: emit)
            return BurstSession(folder: folder, lock: lock, site: site, keys: KeyStore(folder))
        } catch {
            lock.release()
            throw error
        }
    }

    package func close() async throws {
        defer { lock.release() }
        try await site.journal.snapshot()
    }

    /// Resolves what an earlier command left open and looks at everything of this burst.
    package func observe(zones: [String]) async throws -> [CloudResource] {
        try await Recovery(site).observe(zones: await site.zones(naming: zones))
    }

    /// Runs `body`, and whatever it throws, closes. A failure to save is the graver one.
    package func closing<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        try await close()
        return try result.get()
    }
}
