import SpillwayCore
import SpillwayEngine

/// Which provider a spec that names several goes to.
struct ProviderOrder: Sendable {
    let invocation: Invocation
    let file: SpecFile
    let stateDir: String
    /// From the catalogues alone, and without a look at the state.
    var offline = false

    /// The spec as it reads for each provider that has what fits, cheapest first; of a live burst for the one it is in.
    /// Never empty. Throws why no provider will do.
    func files() async throws -> [SpecFile] { try await choices().map(\.file) }

    private struct Choice {
        var file: SpecFile
        /// What trying it and finding no capacity costs at the worst, in the currency of the cap.
        var attempt = Money(micros: 0, currency: .eur)
    }

    private func choices() async throws -> [Choice] {
        let names = file.spec.providers.value
        guard names.count > 1 else { return [Choice(file: file)] }
        if !offline, let live = try liveProvider() { return [Choice(file: file.narrowed(to: live))] }
        let finder = OfferFinder(
            invocation: invocation, spec: file.spec, stateDir: stateDir, offline: offline, needsCredentials: true)
        let found = try await finder.find()
        for note in found.flatMap(\.notes) { invocation.output.show(.note(note)) }
        let candidates = found.compactMap { offers in
            offers.search.cheapest.map { ProviderChoice.Candidate(name: offers.provider, worstCase: $0) }
        }
        let rates = try invocation.configuration().exchangeRates
        let cap = file.spec.budget.maxCost
        let order = try ProviderChoice.cheapestFirst(candidates, cap: cap, rates: rates)
        if order.count > 1 {
            let costs = order.map { "\($0.name.rawValue) costs \($0.worstCase)" }.joined(separator: ", ")
            invocation.output.show(.note("At the worst \(costs)."))
        }
        return order.map { candidate in
            let offers = found.first { $0.provider == candidate.name }?.search.found.map(\.offer) ?? []
            let micros = WorstCase.abandoned(
                Array(offers.prefix(OfferSelection.most)), nodes: file.spec.nodes.value)
            let attempt = Money(micros: micros, currency: candidate.worstCase.currency)
            return Choice(
                file: file.narrowed(to: candidate.name),
                attempt: rates.convert(attempt, to: cap.value.currency, rounding: .up) ?? attempt)
        }
    }

    /// Carries out `body` for one provider after another, as long as each says that it has no capacity and that nothing
    /// of it exists. All share one cap: `spent` is what those before may have cost.
    func firstWithCapacity<Value>(_ body: (SpecFile, _ spent: [Money]) async throws -> Value) async throws -> Value {
        var choices = try await choices()
        var spent: [Money] = []
        while true {
            let choice = choices.removeFirst()
            do {
                return try await body(choice.file, spent)
            } catch let error where !choices.isEmpty && Self.isLackOfCapacity(error) {
                let next = choices[0].file.spec.providers.value[0].rawValue
                let name = choice.file.spec.providers.value[0].rawValue
                invocation.output.show(
                    .note("\(name) has no capacity, and nothing exists there; going on with \(next)."))
                spent.append(choice.attempt)
            }
        }
    }

    private static func isLackOfCapacity(_ error: any Error) -> Bool {
        switch error {
        case let one as Diagnostic: one.code == "capacity.none"
        case let several as Diagnostics: several.all.contains { $0.code == "capacity.none" }
        default: false
        }
    }

    private func liveProvider() throws -> ProviderName? {
        let folder = try StateFolder.existing(stateDir)
        let state = try folder.flatMap { try FileStateStore($0, burst: file.spec.name.value).load() }
        return state?.run.flatMap { $0.phase == .ended ? nil : $0.source.cloud }
    }
}

extension SpecFile {
    /// As if the spec named `provider` alone, with those of its zones that are that provider's.
    func narrowed(to provider: ProviderName) -> SpecFile {
        guard spec.providers.value != [provider] else { return self }
        var file = self
        let zones = Cloud.rules(of: provider).traits.zones
        file.spec.providers.value = [provider]
        file.spec.zones.removeAll { !zones.contains($0.value) }
        return file
    }
}
