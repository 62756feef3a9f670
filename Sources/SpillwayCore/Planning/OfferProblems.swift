/// What a selection has to say when offers do not do, with where in the spec each was asked for.
struct OfferProblems {
    let query: OfferQuery
    let rules: ProviderRules
    let catalogue: Catalogue
    private(set) var found: [Diagnostic] = []

    private var resources: Resources { query.resources }

    init(query: OfferQuery, rules: ProviderRules, catalogue: Catalogue) {
        self.query = query
        self.rules = rules
        self.catalogue = catalogue
    }

    mutating func checkImage() {
        do {
            try rules.checkImage(resources.image.value)
        } catch {
            var problem = error
            problem.source = resources.image.location
            found.append(problem)
        }
    }

    /// The zones of the query as far as they exist. Where it names none: by requirements all there are, by name the
    /// default one, else the first that has the type.
    mutating func zones(defaultZone: String?) -> [Catalogue.Zone] {
        guard !query.zones.isEmpty else {
            guard let type = resources.instanceType?.value else { return catalogue.zones }
            if let zone = defaultZone.flatMap(catalogue.zone) { return [zone] }
            let first = catalogue.zones.first { $0.type(type) != nil }
            return first.map { [$0] } ?? Array(catalogue.zones.prefix(1))
        }
        return query.zones.compactMap { zone in
            if let found = catalogue.zone(zone.value) { return found }
            found.append(rules.traits.zones.contains(zone.value) ? unpriced(zone) : unknown(zone))
            return nil
        }
    }

    private func unknown(_ zone: Located<String>) -> Diagnostic {
        let known = rules.traits.zones
        return Diagnostic(
            "spec.unknown-zone", "Unknown zone",
            detail: "\(rules.traits.name) has no zone \"\(zone.value)\".",
            remedy: Suggestion.nearest(to: zone.value, among: known).map { "Did you mean \($0)?" }
                ?? "Its zones are \(known.joined(separator: ", ")).", exists: "Nothing was created.",
            source: zone.location, exit: .usage)
    }

    /// A zone that exists and whose prices are not known here.
    private func unpriced(_ zone: Located<String>) -> Diagnostic {
        let command = rules.priceCommand(zone.value)
        return Diagnostic(
            "cost.unknown-price", "A price is not known",
            detail: "No source has the prices of \(zone.value). An unknown price is never taken for zero.",
            remedy: command == nil
                ? "Choose another zone, or plan with credentials so that prices are read from the API."
                : "Fetch them once, from the provider's public list:",
            command: command, exists: "Nothing was created.", source: zone.location, exit: .refused)
    }

    // MARK: Of one type

    mutating func hasWantedArch(_ type: InstanceType) -> Bool {
        guard let arch = resources.arch, arch.value != type.arch else { return true }
        found.append(
            Diagnostic(
                "spec.arch", "The instance type has another architecture",
                detail: "\(type.name) is \(type.arch.rawValue), the spec asks for \(arch.value.rawValue).",
                remedy: "Drop arch, or choose a type of that architecture.", exists: "Nothing was created.",
                source: arch.location, exit: .usage))
        return false
    }

    mutating func offers(_ type: InstanceType, _ zone: Catalogue.Zone) -> [Offer] {
        do {
            let root = try rules.root(type, resources.disk?.value.count, resources.image.value)
            do {
                let offers = try Offer.of(type, in: zone, root: root, for: query)
                if offers.isEmpty { reportNoSpot(type.name) }
                return offers
            } catch {
                found.append(unpriced(zone.name, error.what))
            }
        } catch {
            var problem = error
            problem.source = resources.disk?.location ?? resources.instanceType?.location
            if !found.contains(problem) { found.append(problem) }
        }
        return []
    }

    /// Nothing is taken back where nothing is lent: said for the provider, or for a type of one that lends others.
    mutating func checkSpot() {
        if resources.spot.value == .always, !rules.traits.hasSpot { reportNoSpot(nil) }
    }

    private mutating func reportNoSpot(_ type: String?) {
        let problem = Diagnostic(
            "spec.no-spot", "Spot machines are not offered",
            detail: type.map { "\(rules.traits.name) does not offer \($0) as spot." }
                ?? "\(rules.traits.name) has no machines that it can take back.",
            remedy: "Write `spot: prefer`, which takes an ordinary machine where there is no other, or `spot: false`.",
            exists: "Nothing was created.", source: resources.spot.location, exit: .usage)
        if !found.contains(problem) { found.append(problem) }
    }

    private func unpriced(_ zone: String, _ what: String) -> Diagnostic {
        Diagnostic(
            "cost.unknown-price", "A price is not known",
            detail: "No source has a price for \(what) in \(zone). An unknown price is never taken for zero.",
            remedy: "Choose another zone, or plan with credentials so that the price is read from the API.",
            exists: "Nothing was created.", source: resources.location, exit: .refused)
    }

    // MARK: When nothing is left

    mutating func reportMissingMachine() {
        found.append(
            Diagnostic(
                "spec.missing-key", "Missing key",
                detail: "resources has neither instance_type nor cpus, memory or gpu: nothing says which machine.",
                remedy: "Name the type, for example instance_type: \(catalogue.zones.first?.types.first?.name ?? ""), "
                    + "or say what it must have: cpus: 4..",
                exists: "Nothing was created.", source: resources.location, exit: .usage))
    }

    mutating func reportNoStock(_ reasons: [String], at location: SourceLocation) {
        found.append(
            Diagnostic(
                "capacity.none", "No offer has capacity", detail: reasons.joined(separator: "\n"),
                remedy: "Name more zones or another instance_type in the spec, or try later.",
                exists: "Nothing was created.", source: location, exit: .noCapacity))
    }

    /// The type does not exist, or only elsewhere.
    mutating func reportUnknown(_ name: Located<String>, _ skipped: [String]) {
        let all = rules.catalogue().zones
        let elsewhere = all.filter { $0.type(name.value) != nil }.map(\.name)
        let names = Set(all.flatMap { $0.types.map(\.name) }).sorted()
        let near = Suggestion.nearest(to: name.value, among: names)
        found.append(
            Diagnostic(
                "spec.unknown-instance-type", "Unknown instance type",
                detail: elsewhere.isEmpty
                    ? "\(rules.traits.name) has no instance type \"\(name.value)\"."
                    : skipped.joined(separator: "\n"),
                remedy: elsewhere.isEmpty
                    ? near.map { "Did you mean \($0)?" } ?? "See what there is:"
                    : "It is offered in \(elsewhere.joined(separator: ", ")).",
                command: elsewhere.isEmpty && near == nil
                    ? "spillway offers --offline --provider \(rules.traits.name)" : nil,
                exists: "Nothing was created.", source: name.location, exit: .usage))
    }

    /// Says which requirement excludes how much, and what comes nearest.
    mutating func reportNothingFits(_ search: OfferSearch) {
        let gone = search.passedOver.filter { $0.misfits == [.stock] }
        if !gone.isEmpty {
            return reportNoStock(
                gone.map { "\($0.zone): \($0.type.name) is out of stock" }, at: resources.location)
        }
        if search.passedOver.contains(where: { $0.misfits == [.price] }) {
            let zones = Set(search.passedOver.filter { $0.misfits == [.price] }.map(\.zone)).sorted()
            found.append(unpriced(zones.joined(separator: ", "), "volumes or public IPv4"))
            return
        }
        if let name = resources.instanceType, search.passedOver.allSatisfy({ $0.misfits.contains(.instanceType) }) {
            return reportUnknown(name, [])
        }
        let account = MisfitAccount(search.passedOver, resources: resources)
        found.append(
            Diagnostic(
                "spec.nothing-fits", "No machine has what the spec asks for", detail: account.text,
                remedy: "Ask for less, name more zones, or name an instance_type. See what there is:",
                command: "spillway offers --offline --provider \(rules.traits.name)",
                exists: "Nothing was created.", source: resources.location, exit: .usage))
    }
}

/// Which requirement excludes how many machines, and the machines that miss the fewest.
struct MisfitAccount {
    let text: String

    init(_ passed: [OfferSearch.PassedOver], resources: Resources) {
        var byName: [String: OfferSearch.PassedOver] = [:]
        for one in passed where (byName[one.type.name]?.misfits.count ?? .max) > one.misfits.count {
            byName[one.type.name] = one
        }
        let types = byName.values
        var lines = Misfit.allCases.compactMap { misfit -> String? in
            let count = types.count { $0.misfits.contains(misfit) }
            guard count > 0 else { return nil }
            let what =
                misfit == .endOfService ? "end of service" : resources.requirement(misfit)?.value ?? misfit.rawValue
            return "\(what): excludes \(count) of \(types.count) machines"
        }
        let nearest = types.sorted { a, b in
            let (left, right) = (Self.distance(a, resources), Self.distance(b, resources))
            return left == right ? a.type.name < b.type.name : left < right
        }.prefix(3)
        if !nearest.isEmpty {
            lines.append("nearest: " + nearest.map { "\($0.zone) \($0.type.summary)" }.joined(separator: "; "))
        }
        text = lines.joined(separator: "\n")
    }

    /// How many requirements are missed, then by how much; what is dearer comes later.
    private static func distance(_ one: OfferSearch.PassedOver, _ resources: Resources) -> Distance {
        func off(_ value: Int64, _ lower: Int64, _ upper: Int64?) -> Int64 {
            let (bound, gap) =
                value < lower
                ? (lower, lower - value) : (upper ?? value, value - (upper.map { min($0, value) } ?? value))
            return Int64(clamping: Int128(gap) * 1_000_000 / Int128(max(bound, 1)))
        }
        let cpus = resources.cpus?.value
        let memory = resources.memory?.value
        let offBy =
            (cpus.map { off(Int64(one.type.cpus), Int64($0.lower), $0.upper.map(Int64.init)) } ?? 0)
            + (memory.map { off(one.type.memoryBytes, $0.lower.count, $0.upper?.count) } ?? 0)
        return Distance(
            lacksGPU: one.misfits.contains(.gpu) ? 1 : 0, misfits: one.misfits.count, offBy: offBy,
            price: one.type.rate.perHour().micros)
    }

    private struct Distance: Comparable {
        /// Nothing else makes up for another GPU.
        var lacksGPU: Int
        var misfits: Int
        /// In millionths of the bound.
        var offBy: Int64
        var price: Int64

        static func < (a: Distance, b: Distance) -> Bool {
            (a.lacksGPU, a.misfits, a.offBy, a.price) < (b.lacksGPU, b.misfits, b.offBy, b.price)
        }
    }
}
