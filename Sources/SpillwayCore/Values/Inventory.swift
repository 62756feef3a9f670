/// What exists, said in one sentence with its cost: every message about money ends with it.
package struct Inventory: Sendable {
    private let resources: [CloudResource]
    private let rates: RunRates?

    package init(_ resources: [CloudResource], rates: RunRates?) {
        self.resources = resources
        self.rates = rates
    }

    /// "2 servers, 2 volumes and 1 address exist (0.16 EUR/h)." or "Nothing exists."
    package var sentence: String {
        let counts = ResourceKind.allCases.compactMap { kind -> String? in
            let count = resources.filter { $0.id.kind == kind }.count
            guard count > 0 else { return nil }
            return "\(count) \(count == 1 ? kind.rawValue : kind.plural)"
        }
        guard let last = counts.last else { return "Nothing exists." }
        let list = counts.count == 1 ? last : counts.dropLast().joined(separator: ", ") + " and " + last
        let verb = resources.count == 1 ? "exists" : "exist"
        return "\(list) \(verb)\(hourly.map { " (\($0)/h)" } ?? "")."
    }

    /// nil when no price is known or nothing costs anything.
    package var hourly: Money? {
        let costs = resources.compactMap { rates?.hourly($0) }
        guard let first = costs.first else { return nil }
        return Money(micros: costs.reduce(0) { $0 + $1.micros }, currency: first.currency)
    }
}

extension ResourceKind {
    package var plural: String { self == .address ? "addresses" : rawValue + "s" }
}
