/// What a sweep would remove, what it leaves, and why. Nothing of another owner is ever in it.
package struct SweepDecision: Sendable, Hashable {
    package struct Candidate: Sendable, Hashable, Codable {
        package enum Reason: String, Sendable, Hashable, Codable {
            /// Its deadline has passed.
            case expired
            /// It carries the state id of a folder that has no run under way with it.
            case orphaned
            /// It hangs on a candidate of the same run.
            case dependent
            /// Everything of this owner was asked for.
            case asked
        }

        package var resource: CloudResource
        package var tags: ResourceTags
        package var reason: Reason
    }

    package struct Kept: Sendable, Hashable, Codable {
        package enum Reason: String, Sendable, Hashable, Codable {
            /// Of a run that this folder has under way, before its deadline.
            case underWay = "under_way"
            /// Unexpired, and of another state folder: only that one can know whether it is wanted.
            case elsewhere
            /// Created too recently for `--older-than`.
            case tooYoung = "too_young"
            /// Held by a server that stays.
            case inUse = "in_use"
            /// The state of its burst cannot be read, so nobody can say whether it is wanted.
            case stateUnreadable = "state_unreadable"
        }

        package var resource: CloudResource
        package var tags: ResourceTags
        package var reason: Reason
        /// It should be gone by now, and stays for `reason`.
        package var overdue: Bool
    }

    /// In the order they can go: servers first.
    package var candidates: [Candidate]
    package var kept: [Kept]
}
