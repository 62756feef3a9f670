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

    package struct Answer: Sendable {
        /// Whether there was anybody to ask.
        package var wasAnybody = false
        /// Who is at work still.
        package var remaining: [Diagnostic] = []

        /// Nobody.
        package init() {}
    }

    /// Returns when everybody who was asked has let go, or the patience is over.
    package func request(in folder: StateFolder) async throws -> Answer {
        var owners: [Owner] = []
        for burst in try folder.lockable() {
            guard let owner = try LockOwner.of(burst, in: folder, identity: .current()) else { continue }
            guard try owner.askToHandOver() else { continue }
            emit(.note("Asked to stop: \(owner.holder.words), at work on \(burst)."))
            owners.append((burst, owner))
        }
        let wasAnybody = !owners.isEmpty
        try await wait(for: &owners, in: folder)
        if kills, !owners.isEmpty {
            for (burst, owner) in owners where try owner.kill() {
                emit(.note("Ended, for it did not let go of \(burst): \(owner.holder.words)."))
            }
            try await wait(for: &owners, in: folder)
        }
        var answer = Answer()
        (answer.wasAnybody, answer.remaining) = (wasAnybody, owners.map(Self.atWork))
        return answer
    }

    private typealias Owner = (burst: String, owner: LockOwner)

    private func wait(for owners: inout [Owner], in folder: StateFolder) async throws {
        let giveUp = ambient.now() + patience
        while true {
            owners = try owners.filter { try LockOwner.of($0.burst, in: folder, identity: .current()) == $0.owner }
            guard !owners.isEmpty, ambient.now() < giveUp else { return }
            try await ambient.sleep(.milliseconds(50))
        }
    }

    private static func atWork(_ one: Owner) -> Diagnostic {
        Diagnostic(
            "sweep.at-work", "Another command did not let go",
            detail: "It is at work on \(one.burst): \(one.owner.holder.words).",
            remedy: "End it, then run this again; or say --now.", command: "kill \(one.owner.holder.pid)",
            exists: "What it may still make, and what that costs, is not known.", exit: .partial)
    }
}
