/// Which offers of a catalogue can take a spec, in the order they are tried: the spec's zones, in the spec's order.
package struct OfferSelection: Sendable {
    package var offers: [Offer]
    /// Offers that were passed over, one line of reason each.
    package var skipped: [String]

    /// Throws every problem at once: unknown zone, type or image with what is there instead; a disk the type cannot
    /// have; a price that no source covers. Throws `capacity.none` (exit 5) when all that fit are out of stock.
    /// `defaultZone` is used where the spec names none; without it, the first zone that has the type.
    package static func select(
        _ spec: Spec, rules: ProviderRules, catalogue: Catalogue, defaultZone: String?
    ) throws(Diagnostics) -> OfferSelection {
        var selection = Selecting(spec: spec, rules: rules, catalogue: catalogue)
        selection.checkImage()
        let zones = selection.zones(defaultZone)
        let typeName = selection.typeName()
        for zone in zones {
            guard let typeName else { break }
            selection.consider(typeName, zone)
        }
        if selection.problems.isEmpty, selection.offers.isEmpty, let typeName {
            selection.explainNothing(typeName)
        }
        guard selection.problems.isEmpty else { throw Diagnostics(selection.problems) }
        return OfferSelection(offers: selection.offers, skipped: selection.skipped)
    }
}

private struct Selecting {
    let spec: Spec
    let rules: ProviderRules
    let catalogue: Catalogue
    var offers: [Offer] = []
    var skipped: [String] = []
    var problems: [Diagnostic] = []
    private var outOfStock = false

    init(spec: Spec, rules: ProviderRules, catalogue: Catalogue) {
        self.spec = spec
        self.rules = rules
        self.catalogue = catalogue
    }

    mutating func checkImage() {
        do {
            try rules.checkImage(spec.resources.image.value)
        } catch {
            var problem = error
            problem.source = spec.resources.image.location
            problems.append(problem)
        }
    }

    mutating func zones(_ defaultZone: String?) -> [Catalogue.Zone] {
        let known = rules.traits.zones
        guard !spec.zones.isEmpty else {
            if let zone = defaultZone.flatMap(catalogue.zone) { return [zone] }
            let type = spec.resources.instanceType?.value
            let first = catalogue.zones.first { zone in type.map { zone.type($0) != nil } ?? true }
            return first.map { [$0] } ?? Array(catalogue.zones.prefix(1))
        }
        return spec.zones.compactMap { zone in
            if let found = catalogue.zone(zone.value) { return found }
            problems.append(
                Diagnostic(
                    "spec.unknown-zone", "Unknown zone",
                    detail: "\(rules.traits.name) has no zone \"\(zone.value)\".",
                    remedy: Suggestion.nearest(to: zone.value, among: known).map { "Did you mean \($0)?" }
                        ?? "Its zones are \(known.joined(separator: ", ")).", exists: "Nothing was created.",
                    source: zone.location, exit: .usage))
            return nil
        }
    }

    mutating func typeName() -> Located<String>? {
        if let type = spec.resources.instanceType { return type }
        problems.append(
            Diagnostic(
                "spec.missing-key", "Missing key", detail: "resources.instance_type is missing.",
                remedy: "Name the type, for example instance_type: \(catalogue.zones.first?.types.first?.name ?? "").",
                exists: "Nothing was created.", source: spec.resources.location, exit: .usage))
        return nil
    }

    mutating func consider(_ name: Located<String>, _ zone: Catalogue.Zone) {
        guard let type = zone.type(name.value) else {
            skipped.append("\(zone.name): \(name.value) is not offered there")
            return
        }
        if let arch = spec.resources.arch, arch.value != type.arch {
            problems.append(
                Diagnostic(
                    "spec.arch", "The instance type has another architecture",
                    detail: "\(type.name) is \(type.arch.rawValue), the spec asks for \(arch.value.rawValue).",
                    remedy: "Drop arch, or choose a type of that architecture.", exists: "Nothing was created.",
                    source: arch.location, exit: .usage))
            return
        }
        guard type.availability != .shortage else {
            outOfStock = true
            skipped.append("\(zone.name): \(type.name) is out of stock")
            return
        }
        do {
            let root = try rules.root(type, spec.resources.disk?.value.count, spec.resources.image.value)
            let volume = root.kind == .block ? zone.blockVolume : zone.localVolume
            guard let volume, let ipv4 = zone.ipv4 else {
                problems.append(unpriced(zone.name, volume == nil ? "\(root.kind.rawValue) volumes" : "public IPv4"))
                return
            }
            offers.append(
                Offer(
                    zone: zone.name, type: type, root: root,
                    rates: RunRates(server: type.rate, volume: volume, address: ipv4)))
        } catch {
            var problem = error
            problem.source = spec.resources.disk?.location ?? name.location
            if !problems.contains(problem) { problems.append(problem) }
        }
    }

    /// Every zone was passed over: the type does not exist, is offered elsewhere, or has no stock anywhere.
    mutating func explainNothing(_ name: Located<String>) {
        if outOfStock {
            problems.append(
                Diagnostic(
                    "capacity.none", "No offer has capacity", detail: skipped.joined(separator: "\n"),
                    remedy: "Name more zones or another instance_type in the spec, or try later.",
                    exists: "Nothing was created.", source: name.location, exit: .noCapacity))
            return
        }
        let elsewhere = rules.catalogue().zones.filter { $0.type(name.value) != nil }.map(\.name)
        let names = Set(rules.catalogue().zones.flatMap { $0.types.map(\.name) }).sorted()
        problems.append(
            Diagnostic(
                "spec.unknown-instance-type", "Unknown instance type",
                detail: elsewhere.isEmpty
                    ? "\(rules.traits.name) has no instance type \"\(name.value)\"."
                    : skipped.joined(separator: "\n"),
                remedy: elsewhere.isEmpty
                    ? Suggestion.nearest(to: name.value, among: names).map { "Did you mean \($0)?" }
                        ?? "Its types are \(names.joined(separator: ", "))."
                    : "It is offered in \(elsewhere.joined(separator: ", ")).",
                exists: "Nothing was created.", source: name.location, exit: .usage))
    }

    private func unpriced(_ zone: String, _ what: String) -> Diagnostic {
        Diagnostic(
            "cost.unknown-price", "A price is not known",
            detail: "No source has a price for \(what) in \(zone). An unknown price is never taken for zero.",
            remedy: "Choose another zone, or plan with credentials so that the price is read from the API.",
            exists: "Nothing was created.", source: spec.resources.location, exit: .refused)
    }
}
