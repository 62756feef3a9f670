/// What no key can say by itself: the rules between keys.
enum SpecChecks {
    static func check(_ draft: inout SpecDraft, _ record: RecordOutcome, _ reading: inout Reading) {
        if !record.failed.contains("budget") { settleBudget(&draft, &reading) }
        checkRoom(draft, &reading)
        checkMachineIsNamed(draft.spec, record, &reading)
        checkChoices(draft.spec, record, &reading)
        checkVariables(draft.spec, &reading)
        checkFiles(draft.spec, &reading)
        checkOutputs(draft.spec, &reading)
    }

    private static func settleBudget(_ draft: inout SpecDraft, _ reading: inout Reading) {
        let (budget, defaults) = (draft.budget, reading.options.defaults)
        let cost = budget.maxCost ?? defaults.maxCost.map { Located($0, at: budget.location) }
        let duration = budget.maxDuration ?? defaults.maxDuration.map { Located($0, at: budget.location) }
        if let cost { draft.spec.budget.maxCost = cost }
        if let duration { draft.spec.budget.maxDuration = duration }
        let missing = (cost == nil ? ["max_cost: 1.00 EUR"] : []) + (duration == nil ? ["max_duration: 1h"] : [])
        guard !missing.isEmpty else { return }
        let keys = missing.map { "`budget.\($0.prefix { $0 != ":" })`" }.joined(separatedBy: "and")
        reading.report(
            .missingBudget, "Neither the spec nor the user configuration sets \(keys).",
            remedy: "Add `budget: {\(missing.joined(separator: ", "))}` with bounds of your own.", at: budget.location)
    }

    private static func checkRoom(_ draft: SpecDraft, _ reading: inout Reading) {
        guard let timeout = draft.spec.timeout, draft.spec.budget.maxDuration.value.count > 0 else { return }
        let total = draft.spec.budget.maxDuration.value
        let room = Budget.room(in: total)
        guard timeout.value + room > total else { return }
        let most = total - room
        let remedy =
            most.count > 0
            ? "Write `timeout: \(most)` or less, or raise `budget.max_duration`." : "Raise `budget.max_duration`."
        reading.report(
            .noRoom,
            "`timeout` is \(timeout.value) and `budget.max_duration` is \(total), of which \(room) are kept for boot, "
                + "collecting and teardown.",
            remedy: remedy, at: timeout.location)
    }

    static func checkMachine(_ resources: inout Resources, _ record: RecordOutcome, _ reading: inout Reading) {
        guard let type = resources.instanceType else { return }
        let requirements = [
            ("cpus", resources.cpus?.location), ("memory", resources.memory?.location),
            ("gpu", resources.gpu?.location),
        ]
        for case (let key, let location?) in requirements {
            reading.report(
                .contradiction,
                "\(reading.place(key)) describes a machine that `instance_type: \(type.value)` names already.",
                remedy: "Remove `\(key)`.", at: location)
        }
    }

    private static func checkMachineIsNamed(_ spec: Spec, _ record: RecordOutcome, _ reading: inout Reading) {
        guard record.failed.isDisjoint(with: ["resources", "provider"]), spec.resources.instanceType == nil,
            !spec.resources.hasRequirements, spec.providers.value.contains(where: { $0 != .local })
        else { return }
        reading.report(
            .missingKey,
            "`resources` has no `instance_type`, `cpus`, `memory` or `gpu`: nothing says which machine to rent.",
            remedy: "Add `instance_type: DEV1-S`, or what it must have, such as `cpus: 4..`.",
            at: spec.resources.location)
    }

    private static func checkChoices(_ spec: Spec, _ record: RecordOutcome, _ reading: inout Reading) {
        guard let choices = spec.aws, !record.failed.contains("provider"), !spec.providers.value.contains(.aws)
        else { return }
        reading.report(
            .contradiction, "`aws` says what to use of an AWS account, and `provider` does not name aws.",
            remedy: "Remove `aws`.", at: choices.location)
    }

    private static func checkVariables(_ spec: Spec, _ reading: inout Reading) {
        reading.reportDuplicates(spec.secrets.map(\.name)) { $0 }
        for secret in spec.secrets where spec.env.contains(where: { $0.name.value == secret.name.value }) {
            reading.report(
                .duplicateValue, "`\(secret.name.value)` is both in `env` and in `secrets`.",
                remedy: "Remove it from `env`: a secret must not stand in the spec.", at: secret.name.location)
        }
    }

    static func checkSecret(_ secret: inout SecretDraft, _ record: RecordOutcome, _ reading: inout Reading) {
        let sources = [
            ("environment", secret.environment != nil), ("file", secret.file != nil),
            ("command", secret.command != nil),
        ]
        .filter(\.1).map { "`\($0.0)`" }
        guard sources.count > 1 else { return }
        reading.report(
            .contradiction, "\(reading.place) takes its value from \(sources.joined(separatedBy: "and")).",
            remedy: "Keep one of them.", at: record.location)
    }

    private static func checkFiles(_ spec: Spec, _ reading: inout Reading) {
        for (index, file) in spec.files.enumerated() {
            let isRepeated = spec.files[..<index].contains {
                $0.from.value == file.from.value && $0.to.value == file.to.value
            }
            guard isRepeated else { continue }
            reading.report(
                .duplicateValue, "`files` ships `\(file.from.value)` to `\(file.to.value)` already.",
                remedy: "Remove the entry.", at: file.from.location)
        }
    }

    private static func checkOutputs(_ spec: Spec, _ reading: inout Reading) {
        for (index, output) in spec.outputs.enumerated() {
            let to = output.to.value
            if let other = spec.outputs[..<index].first(where: { overlap($0.to.value, to) }) {
                reading.report(
                    .overlap,
                    "`outputs` entry \(index + 1) lands in `\(to)`, which overlaps `\(other.to.value)` of another entry.",
                    remedy: "Give each entry a `to` of its own.", at: output.to.location)
            }
            if let file = spec.files.first(where: { PathNotations.covers(to, $0.from.value) }) {
                reading.report(
                    .overlap,
                    "`outputs` entry \(index + 1) lands in `\(to)`, from where `files` ships `\(file.from.value)`.",
                    remedy: "Collect into a folder of its own, such as `out`.", at: output.to.location)
            }
            if let state = reading.options.stateFolder, overlap(to, state) {
                reading.report(
                    .overlap,
                    "`outputs` entry \(index + 1) lands in `\(to)`, which overlaps the state folder `\(state)`.",
                    remedy: "Collect into a folder of its own, such as `out`.", at: output.to.location)
            }
        }
    }

    private static func overlap(_ a: String, _ b: String) -> Bool {
        PathNotations.covers(a, b) || PathNotations.covers(b, a)
    }

    static func checkAddresses(_ blocks: [Located<AddressBlock>], _ reading: inout Reading) {
        reading.reportDuplicates(blocks) { $0.description }
        for block in blocks where block.value.isEverything {
            reading.report(
                .openToTheWorld, "\(reading.place) contains `\(block.value)`: anyone may try to log in.",
                remedy: "Write `auto`, or the networks you come from.", at: block.location, severity: .warning)
        }
    }
}

extension Reading {
    mutating func reportDuplicates<Value: Hashable>(_ values: [Located<Value>], name: (Value) -> String) {
        var seen: Set<Value> = []
        for item in values where !seen.insert(item.value).inserted {
            report(
                .duplicateValue, "`\(name(item.value))` stands here already.", remedy: "Remove it.", at: item.location)
        }
    }
}
