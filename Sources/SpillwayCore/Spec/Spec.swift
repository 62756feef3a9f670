/// What the user wrote in `spillway.yaml`, decoded and checked as far as the file alone allows.
///
/// Zones, instance types, images and prices are the provider's knowledge and are checked by the planner, which finds
/// here where each of them was written.
package struct Spec: Codable, Hashable, Sendable {
    /// No burst has this name: `keeper.json` in a state folder is the heartbeat of sweeps.
    package static let reservedName = "keeper"

    package var name: Located<String>
    /// Never empty; in the order written.
    package var providers: Located<[ProviderName]>
    /// Tried in order; empty leaves the choice to the provider's default zone.
    package var zones: [Located<String>] = []
    package var resources: Resources
    package var nodes: Located<Int>
    package var budget: Budget
    package var files: [FileMapping] = []
    /// In the order written; names are unique, also among `secrets`.
    package var env: [EnvironmentVariable] = []
    package var secrets: [Secret] = []
    /// A shell text run as root before the job.
    package var setup: String?
    /// Nil when the spec only provisions, or when the command comes after `--`.
    package var run: Run?
    package var timeout: Located<Seconds>?
    package var retries = Retries()
    package var outputs: [Output] = []
    package var onFailure = OnFailure.destroy
    package var ssh: SSHAccess
    package var aws: AWSChoices?

    /// A spec with every default in place and `name`, `providers` and `budget` still to be filled in.
    package init(at location: SourceLocation) {
        name = Located("", at: location)
        providers = Located([], at: location)
        resources = Resources(at: location)
        nodes = Located(1, at: location)
        budget = Budget(
            maxCost: Located(Money(micros: 0, currency: .eur), at: location),
            maxDuration: Located(Seconds(0), at: location))
        ssh = SSHAccess(at: location)
    }

    /// What bounds the job: `timeout`, or all that `max_duration` leaves after room for boot and collecting.
    package var jobTimeout: Seconds {
        timeout?.value ?? budget.maxDuration.value - Budget.room(in: budget.maxDuration.value)
    }
}

package enum ProviderName: String, Codable, Hashable, Sendable, CaseIterable {
    case local, scaleway, aws
}

package enum OnFailure: String, Codable, Hashable, Sendable, CaseIterable {
    case destroy, keep
}

package struct EnvironmentVariable: Codable, Hashable, Sendable {
    package var name: Located<String>
    package var value: String

    package init(name: Located<String>, value: String) {
        self.name = name
        self.value = value
    }
}

/// How often a failed job, or an instance taken away, is tried anew under the same cap.
package struct Retries: Codable, Hashable, Sendable {
    package var job = 0
    package var preempted = 0

    package init(job: Int = 0, preempted: Int = 0) {
        self.job = job
        self.preempted = preempted
    }
}
