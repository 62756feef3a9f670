internal import FoundationEssentials

/// Proof of a finished run: what was made, what it did, what it cost, and when it was verified gone.
package struct Receipt: Sendable, Hashable {
    package struct Step: Sendable, Hashable, Codable {
        package var at: Timestamp
        package var action: String
        package var resource: String
        package var id: String
        package var zone: String
    }

    package var burst: String
    package var run: RunRecord
    package var outcome: String
    package var jobExit: RemoteExit?
    package var jobs: [JobRecord]
    package var steps: [Step]
    package var charges: Charges
    package var missing: [String]
    package var verifiedGoneAt: Timestamp

    /// `state` is that after the teardown of `run`.
    package init(
        state: BurstState, run: RunRecord, outcome: String, jobExit: RemoteExit?, missing: [String],
        verifiedGoneAt: Timestamp
    ) {
        burst = state.burst
        self.run = run
        self.outcome = outcome
        self.jobExit = jobExit
        self.missing = missing
        self.verifiedGoneAt = verifiedGoneAt
        jobs = state.jobs
        charges = Charges(state.resources, rates: run.rates, until: verifiedGoneAt)
        steps = state.resources.flatMap { known -> [Step] in
            let id = known.resource.id
            func step(_ action: String, _ at: Timestamp) -> Step {
                Step(at: at, action: action, resource: id.kind.rawValue, id: id.id, zone: id.zone)
            }
            return [step("created", known.since)] + (known.goneAt.map { [step("gone", $0)] } ?? [])
        }.sorted { ($0.at, $0.action, $0.resource, $0.id) < ($1.at, $1.action, $1.resource, $1.id) }
    }

    private var up: Transferred { Self.sum(jobs.map(\.up)) }
    private var down: Transferred { Self.sum(jobs.map(\.down)) }

    private static func sum(_ all: [Transferred]) -> Transferred {
        all.reduce(into: Transferred()) { sum, one in
            sum.files += one.files
            sum.bytes += one.bytes
        }
    }

    /// Several lines for people; ends with "verified gone".
    package var text: String {
        var lines = [
            "Receipt of run \(run.id), burst \(burst)",
            "  outcome        \(outcome)\(jobText)",
            "  machine        \(run.nodes) × \(run.instanceType) in \(run.zone)\(run.image.map { ", \($0.alias) (\($0.id))" } ?? "")",
            "  began          \(run.began), deadline \(run.expires)",
            "  sent           \(up.files) files, \(up.bytes) bytes",
            "  brought home   \(down.files) files, \(down.bytes) bytes",
        ]
        lines += missing.map { "  missing        \($0)" }
        lines += [
            "  cost           about \(charges.total); the worst case was \(run.worstCase)"
        ]
        lines += charges.lines.map { "                 \($0.cost) for \($0.what), billed \($0.billed)" }
        lines += [
            "  plan           \(run.planDigest)",
            "  verified gone  \(verifiedGoneAt)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private var jobText: String {
        guard let exit = jobExit else { return "" }
        return exit.signal.map { ", killed by SIG\($0)" } ?? ", exit status \(exit.status)"
    }
}

extension Receipt: Encodable {
    private enum Key: String, CodingKey {
        case burst, run, outcome, cost, steps, image, missing, provider, zone, nodes, began, deadline
        case jobExitCode = "job_exit_code"
        case jobSignal = "job_signal"
        case bytesUp = "bytes_up"
        case bytesDown = "bytes_down"
        case filesUp = "files_up"
        case filesDown = "files_down"
        case instanceType = "instance_type"
        case planDigest = "plan_digest"
        case specDigest = "spec_digest"
        case verifiedGoneAt = "verified_gone_at"
    }

    private enum CostKey: String, CodingKey {
        case estimate, currency, lines
        case worstCase = "worst_case"
    }

    private enum LineKey: String, CodingKey {
        case what, cost
        case billedSeconds = "billed_seconds"
    }

    private enum ImageKey: String, CodingKey { case alias, id }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(burst, forKey: .burst)
        try container.encode(run.id, forKey: .run)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(jobExit?.status, forKey: .jobExitCode)
        try container.encode(jobExit?.signal, forKey: .jobSignal)
        try container.encode(run.provider, forKey: .provider)
        try container.encode(run.zone, forKey: .zone)
        try container.encode(run.instanceType, forKey: .instanceType)
        try container.encode(run.nodes, forKey: .nodes)
        if let image = run.image {
            var nested = container.nestedContainer(keyedBy: ImageKey.self, forKey: .image)
            try nested.encode(image.alias, forKey: .alias)
            try nested.encode(image.id, forKey: .id)
        }
        try container.encode(run.began, forKey: .began)
        try container.encode(run.expires, forKey: .deadline)
        try container.encode(run.planDigest, forKey: .planDigest)
        try container.encode(run.specDigest, forKey: .specDigest)
        try container.encode(steps, forKey: .steps)
        try container.encode(up.files, forKey: .filesUp)
        try container.encode(up.bytes, forKey: .bytesUp)
        try container.encode(down.files, forKey: .filesDown)
        try container.encode(down.bytes, forKey: .bytesDown)
        try container.encode(missing, forKey: .missing)
        try container.encode(verifiedGoneAt, forKey: .verifiedGoneAt)
        var cost = container.nestedContainer(keyedBy: CostKey.self, forKey: .cost)
        try cost.encode(Self.decimal(charges.total), forKey: .estimate)
        try cost.encode(Self.decimal(run.worstCase), forKey: .worstCase)
        try cost.encode(charges.total.currency, forKey: .currency)
        var lines = cost.nestedUnkeyedContainer(forKey: .lines)
        for line in charges.lines {
            var nested = lines.nestedContainer(keyedBy: LineKey.self)
            try nested.encode(line.what, forKey: .what)
            try nested.encode(line.billed, forKey: .billedSeconds)
            try nested.encode(Self.decimal(line.cost), forKey: .cost)
        }
    }

    /// An exact JSON number.
    private static func decimal(_ money: Money) -> Decimal { Decimal(money.micros) / 1_000_000 }
}
