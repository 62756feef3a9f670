package import SpillwayCore

/// Has the commands of this machine that are at work in a state folder stop and let go of their locks.
///
/// Each is asked once: it finishes and records its calls in flight, starts nothing new, and ends. What it made stays, for
/// whoever asked.
package struct HandOver: Sendable {
    private let ambient: Ambient
    /// How long one that was asked may take.
    private let patience: Seconds
    /// End those that do not let go in time: nothing is forgotten by it, their journals say what was under way.
    private let kills: Bool
    private let emit: @Sendable (Event) -> Void

    package init(
        ambient: Ambient, patience: Seconds = Seconds(60), kills: Bool, emit: @escaping @Sendable (Event) -> Void
    ) {
        self.ambient = ambient
        self.patience = patience
        self.kills = kills
        self.emit = emit
    }

    /// Returns when everybody who was asked has let go, or the patience is over. True when there was anybody.
    package func request(in folder: StateFolder) async throws -> Bool {
        var owners: [(burst: String, owner: LockOwner)] = []
        for burst in try folder.lockable() {
            guard let owner = try LockOwner.of(burst, in: folder, identity: .current()) else { continue }
            guard try owner.askToHandOver() else { continue }
            emit(.note("Asked to stop: \(owner.holder.words), at work on \(burst)."))
            owners.append((burst, owner))
        }
        let wasAnybody = !owners.isEmpty
        let giveUp = ambient.now() + patience
        while try await !gone(&owners, in: folder), ambient.now() < giveUp {
            try await ambient.sleep(.milliseconds(50))
        }
        for (burst, owner) in owners where kills {
            guard try owner.kill() else { continue }
            emit(.note("Ended, for it did not let go of \(burst): \(owner.holder.words)."))
        }
        if kills {
            while try await !gone(&owners, in: folder), ambient.now() < giveUp + patience {
                try await ambient.sleep(.milliseconds(50))
            }
        }
        return wasAnybody
    }

    private func gone(_ owners: inout [(burst: String, owner: LockOwner)], in folder: StateFolder) async throws -> Bool
    {
        owners = try owners.filter { try LockOwner.of($0.burst, in: folder, identity: .current()) == $0.owner }
        return owners.isEmpty
    }
}
