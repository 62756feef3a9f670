package import SpillwayCore

extension AWSProvider {
    /// A region's name among `zones` stands for all of its zones.
    ///
    /// One request per kind and region, plus further pages, narrowed by tag at the far side and checked again here.
    ///
    /// A look at more than two kinds asks first which there are: one request for the tags themselves, and then one
    /// for each kind that has any. What the instances listed account for is not asked about: volumes that are theirs,
    /// interfaces and spot requests that go with them.
    package func list(
        _ kinds: Set<ResourceKind>, scope: TagScope, zones: [String]
    ) async throws(ProviderError) -> [CloudResource] {
        let found = try await boundedTryMap(regions(zones), width: Self.width) { region throws(ProviderError) in
            try await list(kinds, scope, region: region, zones: zones)
        }
        let asked = Set(zones)
        return found.flatMap { $0 }.filter { resource in
            (asked.contains(resource.id.zone) || asked.contains(resource.id.region))
                && resource.tags.map(scope.contains) ?? false
        }
    }

    private func list(
        _ kinds: Set<ResourceKind>, _ scope: TagScope, region: String, zones: [String]
    ) async throws(ProviderError) -> [CloudResource] {
        var kinds = kinds.intersection(Listing.all.keys)
        var tagged: [ResourceKind: Set<String>]?
        if kinds.count > 2 {
            let there = try await self.tagged(scope, region: region)
            kinds.formIntersection(there.keys)
            tagged = there
        }
        let read = EC2Reader(operation: "list what there is in \(region)", region: region)
        var found: [CloudResource] = []
        var held = Held()
        let first = kinds.intersection([.server, .firewall]).sorted { $0.rank > $1.rank }
        let answers = try await boundedTryMap(first, width: 2) { kind throws(ProviderError) in
            try await items(kind, scope, region: region)
        }
        for (kind, items) in zip(first, answers) {
            for item in items {
                if let resource = try Listing.read(kind, item, read, zones: zones) { found.append(resource) }
                if kind == .server { held.add(item, read) }
            }
        }
        for kind in kinds.subtracting(first).sorted(by: { $0.rank > $1.rank }) {
            if let ids = tagged?[kind], let known = held.resources(kind, ids) {
                found += known
                continue
            }
            for item in try await items(kind, scope, region: region) {
                if let resource = try Listing.read(kind, item, read, zones: zones) { found.append(resource) }
            }
        }
        return found
    }

    /// What instances have, as their own listing tells it.
    private struct Held {
        private var volumes: [String: CloudResource] = [:]
        private var others: Set<String> = []

        mutating func add(_ item: XMLElement, _ read: EC2Reader) {
            others.formUnion(item.items("networkInterfaceSet").compactMap { $0.text("networkInterfaceId") })
            if let request = item.text("spotInstanceRequestId") { others.insert(request) }
            if let root = read.root(of: item) { volumes[root.id.id] = root }
        }

        /// nil unless it is known of all `ids`.
        func resources(_ kind: ResourceKind, _ ids: Set<String>) -> [CloudResource]? {
            guard kind == .volume else { return ids.isSubset(of: others) ? [] : nil }
            let known = ids.compactMap { volumes[$0] }
            return known.count == ids.count ? known : nil
        }
    }

    /// Which kinds there are with the scope's tag, and their ids.
    private func tagged(
        _ scope: TagScope, region: String
    ) async throws(ProviderError) -> [ResourceKind: Set<String>] {
        let call = AWSAPI.Call("list the tags in \(region)", "DescribeTags", region: region, .read) { query in
            query.filters(
                AWSTags.filter(ofTags: scope) + [("resource-type", Listing.all.values.map(\.tagged).sorted())])
        }
        var there: [ResourceKind: Set<String>] = [:]
        for item in try await api.items(call, "tagSet", pageSize: 1000) {
            guard let kind = Listing.all.first(where: { $0.value.tagged == item.text("resourceType") })?.key,
                let id = item.text("resourceId")
            else { continue }
            there[kind, default: []].insert(id)
        }
        return there
    }

    private func items(
        _ kind: ResourceKind, _ scope: TagScope, region: String
    ) async throws(ProviderError) -> [XMLElement] {
        try await items(kind, AWSTags.filters(scope) + (Listing.all[kind]?.alive ?? []), region: region)
    }

    func items(
        _ kind: ResourceKind, _ filters: [(name: String, values: [String])], region: String
    ) async throws(ProviderError) -> [XMLElement] {
        guard let listing = Listing.all[kind] else { return [] }
        let call = AWSAPI.Call("list \(kind.plural) in \(region)", listing.action, region: region, .read) {
            $0.filters(filters)
        }
        let items = try await api.items(call, listing.set, pageSize: listing.page)
        return kind == .server ? items.flatMap { $0.items("instancesSet") } : items
    }

    // MARK: Gone

    /// One request per region and kind, and a hundred ids; those of one kind and region one after the other, as each answer
    /// takes its room. What this very process launched a moment ago and nobody
    /// knows yet is not gone: EC2 tells of a new thing everywhere only after a while.
    package func areGone(_ ids: [ResourceID]) async -> [Result<Bool, ProviderError>] {
        struct Group: Hashable {
            var kind: ResourceKind
            var region: String
        }
        var groups: [Group: [String]] = [:]
        for id in ids { groups[Group(kind: id.kind, region: id.region), default: []].append(id.id) }
        let asked = Array(groups)
        let answers = await boundedResults(asked, width: Self.width) { group, ids throws(ProviderError) in
            var living: Set<String> = []
            for start in stride(from: 0, to: ids.count, by: 100) {
                let some = Array(ids[start..<min(start + 100, ids.count)])
                living.formUnion(try await self.living(group.kind, some, region: group.region))
            }
            return living
        }
        var living: Set<String> = []
        var failures: [Group: ProviderError] = [:]
        for ((group, _), answer) in zip(asked, answers) {
            switch answer {
            case .success(let ids): living.formUnion(ids)
            case .failure(let error): failures[group] = error
            }
        }
        return ids.map { id in
            if let error = failures[Group(kind: id.kind, region: id.region)] { return .failure(error) }
            return .success(!living.contains(id.id))
        }
    }

    /// How long something new may be unknown to a part of EC2.
    private static let settling = Seconds.minutes(5)

    private func living(
        _ kind: ResourceKind, _ ids: [String], region: String
    ) async throws(ProviderError) -> Set<String> {
        guard let listing = Listing.all[kind] else { return [] }
        let read = EC2Reader(operation: "look up \(kind.plural)", region: region)
        var living: Set<String> = []
        var seen: Set<String> = []
        for item in try await items(kind, [(listing.idFilter, ids)], region: region) {
            seen.insert(try read.required(item, listing.id))
            guard let resource = try Listing.read(kind, item, read, zones: []) else { continue }
            let isOver = kind == .request && !["open", "active"].contains(item.text("state") ?? "open")
            if !isOver { living.insert(resource.id.id) }
        }
        for id in ids where !seen.contains(id) {
            if let birth = memory.birth(of: id), now() - birth < Self.settling { living.insert(id) }
        }
        return living
    }
}

extension AWSProvider {
    /// Elements of an instance that nothing here reads, and that are most of it: two hundred of them fit into a small
    /// machine's memory once these are left out. Only a saving: one that is missing here does no harm.
    package static let unread: Set<String> = [
        "association", "capacityReservationSpecification", "clientToken", "cpuOptions", "dnsName", "ebsOptimized",
        "enaSupport", "enclaveOptions", "hibernationOptions", "hypervisor", "ipv6AddressesSet", "macAddress",
        "maintenanceOptions", "metadataOptions", "monitoring", "networkPerformanceOptions", "platformDetails",
        "privateDnsName", "privateDnsNameOptions", "privateIpAddress", "privateIpAddressesSet", "productCodes",
        "sourceDestCheck", "sriovNetSupport", "usageOperation",
    ]
}

/// How each kind is listed.
struct Listing: Sendable {
    var action: String
    /// The element that holds the items, and what names one.
    var set: String
    var id: String
    /// The most that a page may hold.
    var page: Int
    /// As `DescribeTags` calls the kind.
    var tagged: String
    var idFilter: String
    /// What of the kind still matters.
    var alive: [(name: String, values: [String])] = []

    static let all: [ResourceKind: Listing] = [
        .server: Listing(
            action: "DescribeInstances", set: "reservationSet", id: "instanceId", page: 1000, tagged: "instance",
            idFilter: "instance-id",
            alive: [("instance-state-name", ["pending", "running", "shutting-down", "stopping", "stopped"])]),
        .volume: Listing(
            action: "DescribeVolumes", set: "volumeSet", id: "volumeId", page: 500, tagged: "volume",
            idFilter: "volume-id"),
        .firewall: Listing(
            action: "DescribeSecurityGroups", set: "securityGroupInfo", id: "groupId", page: 1000,
            tagged: "security-group", idFilter: "group-id"),
        .interface: Listing(
            action: "DescribeNetworkInterfaces", set: "networkInterfaceSet", id: "networkInterfaceId", page: 1000,
            tagged: "network-interface", idFilter: "network-interface-id", alive: [("status", ["available"])]),
        .request: Listing(
            action: "DescribeSpotInstanceRequests", set: "spotInstanceRequestSet", id: "spotInstanceRequestId",
            page: 1000, tagged: "spot-instances-request", idFilter: "spot-instance-request-id",
            alive: [("state", ["open"])]),
    ]

    static func read(
        _ kind: ResourceKind, _ item: XMLElement, _ read: EC2Reader, zones: [String]
    ) throws(ProviderError) -> CloudResource? {
        switch kind {
        case .server: try read.instance(item)
        case .volume: try read.volume(item)
        case .firewall: try read.group(item, zones: zones)
        case .interface: try read.interface(item)
        case .request: try read.request(item, zones: zones)
        case .address, .key: nil
        }
    }
}
