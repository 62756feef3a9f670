/// One line of `state/<burst>.journal.jsonl`: `{"seq":7,"at":"…","intent":{…}}`.
package struct JournalRecord: Codable, Hashable, Sendable {
    /// What changed.
    package enum Change: Hashable, Sendable {
        /// A new run begins; the remains of the one before are dropped from the state.
        case run(RunRecord)
        /// The present run goes on with other facts: phase, zone, attempt, pinned keys.
        case revised(RunRecord)
        case intent(Intent)
        case outcome(of: Int, Outcome)
        /// A listing showed it; replaces what was known of that id.
        case seen(CloudResource)
        /// Verified gone: 404 and no longer listed.
        case gone(ResourceID)
        case job(JobRecord)
    }

    package var seq: Int
    package var at: Timestamp
    package var change: Change

    package init(seq: Int, at: Timestamp, change: Change) {
        self.seq = seq
        self.at = at
        self.change = change
    }

    private enum Key: String, CodingKey {
        case seq, at, run, revised, intent, of, outcome, seen, gone, job
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        seq = try container.decode(Int.self, forKey: .seq)
        at = try container.decode(Timestamp.self, forKey: .at)
        if let run = try container.decodeIfPresent(RunRecord.self, forKey: .run) {
            change = .run(run)
        } else if let run = try container.decodeIfPresent(RunRecord.self, forKey: .revised) {
            change = .revised(run)
        } else if let intent = try container.decodeIfPresent(Intent.self, forKey: .intent) {
            change = .intent(intent)
        } else if let outcome = try container.decodeIfPresent(Outcome.self, forKey: .outcome) {
            change = .outcome(of: try container.decode(Int.self, forKey: .of), outcome)
        } else if let resource = try container.decodeIfPresent(CloudResource.self, forKey: .seen) {
            change = .seen(resource)
        } else if let id = try container.decodeIfPresent(ResourceID.self, forKey: .gone) {
            change = .gone(id)
        } else {
            change = .job(try container.decode(JobRecord.self, forKey: .job))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(seq, forKey: .seq)
        try container.encode(at, forKey: .at)
        switch change {
        case .run(let run): try container.encode(run, forKey: .run)
        case .revised(let run): try container.encode(run, forKey: .revised)
        case .intent(let intent): try container.encode(intent, forKey: .intent)
        case .outcome(let seq, let outcome):
            try container.encode(seq, forKey: .of)
            try container.encode(outcome, forKey: .outcome)
        case .seen(let resource): try container.encode(resource, forKey: .seen)
        case .gone(let id): try container.encode(id, forKey: .gone)
        case .job(let job): try container.encode(job, forKey: .job)
        }
    }
}
