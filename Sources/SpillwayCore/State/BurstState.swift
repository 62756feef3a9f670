/// Everything that one state folder knows of one burst. Written as `state/<burst>.json`; see docs/state-format.md.
///
/// The truth is `fold(snapshot, journal)`: a snapshot holds every record up to `journalSeq`, the journal the rest.
package struct BurstState: Codable, Hashable, Sendable {
    package static let currentVersion = 1

    package var version: Int
    /// Grows by one with each snapshot.
    package var serial: Int
    /// Random, given at the first write: tells two histories of the same burst name apart.
    package var lineage: String
    package var stateID: String
    package var burst: String
    /// The last journal record folded in; older ones found in a journal are skipped.
    package var journalSeq: Int
    package var run: RunRecord?
    /// Sorted by id. Those verified gone stay until the next run begins, for receipts.
    package var resources: [KnownResource]
    /// Intents without an outcome, oldest first.
    package var open: [OpenIntent]
    /// At most one a node, sorted by node.
    package var jobs: [JobRecord]

    package init(lineage: String, stateID: String, burst: String) {
        version = Self.currentVersion
        serial = 0
        self.lineage = lineage
        self.stateID = stateID
        self.burst = burst
        journalSeq = 0
        resources = []
        open = []
        jobs = []
    }

    /// What exists as far as this folder knows.
    package var live: [KnownResource] { resources.filter { $0.goneAt == nil } }

    /// True when a run has begun and something of it may remain to be done or paid.
    package var isLive: Bool { run.map { $0.phase != .ended } ?? false || !live.isEmpty || !open.isEmpty }

    package func known(_ id: ResourceID) -> KnownResource? { resources.first { $0.resource.id == id } }
}

package struct KnownResource: Codable, Hashable, Sendable {
    package var resource: CloudResource
    package var since: Timestamp
    /// nil while it may exist. Only set after the provider said 404 and a listing no longer showed it.
    package var goneAt: Timestamp?
    /// A server that was ever asked to power on: of two for one node it is the one that stays, so that no late power-on
    /// of the other can take effect.
    package var powerAsked: Bool?

    package init(resource: CloudResource, since: Timestamp, goneAt: Timestamp? = nil) {
        self.resource = resource
        self.since = since
        self.goneAt = goneAt
    }
}

package struct OpenIntent: Codable, Hashable, Sendable {
    package var seq: Int
    package var at: Timestamp
    package var intent: Intent
    /// Set when a call was made and its answer lost, as opposed to a process that died.
    package var lost: ProviderError?

    package init(seq: Int, at: Timestamp, intent: Intent, lost: ProviderError? = nil) {
        self.seq = seq
        self.at = at
        self.intent = intent
        self.lost = lost
    }
}
