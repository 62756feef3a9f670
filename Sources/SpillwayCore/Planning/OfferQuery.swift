/// What a burst asks of its machines, and for how long: what offers are found and ranked by.
package struct OfferQuery: Sendable, Hashable {
    package var resources: Resources
    /// In the order of preference; empty leaves the choice to whoever searches.
    package var zones: [Located<String>]
    package var nodes: Int
    package var maxDuration: Seconds
    /// See ``Desired/keeperInterval``.
    package var keeperInterval: Seconds?
    /// The most that is sent home, by all nodes together.
    package var egressGB: Int64

    package init(
        resources: Resources, zones: [Located<String>] = [], nodes: Int = 1, maxDuration: Seconds,
        keeperInterval: Seconds? = nil, egressGB: Int64 = 0
    ) {
        self.resources = resources
        self.zones = zones
        self.nodes = nodes
        self.maxDuration = maxDuration
        self.keeperInterval = keeperInterval
        self.egressGB = egressGB
    }

    package init(_ spec: Spec, keeperInterval: Seconds? = nil) {
        self.init(
            resources: spec.resources, zones: spec.zones, nodes: spec.nodes.value,
            maxDuration: spec.budget.maxDuration.value, keeperInterval: keeperInterval, egressGB: spec.egressGB)
    }

    package func assumptions(_ traits: ProviderTraits) -> WorstCase.Assumptions {
        WorstCase.Assumptions(
            maxDuration: maxDuration, boot: traits.bootAllowance, teardown: traits.teardownAllowance,
            keeperInterval: keeperInterval ?? Seconds(0), egressGB: egressGB)
    }
}

extension Spec {
    /// The most that `outputs` of all nodes can send home, in whole gigabytes.
    package var egressGB: Int64 {
        let perNode = outputs.reduce(Int128(0)) { $0 + Int128($1.maxSize.value.count) }
        return Int64(clamping: (perNode * Int128(nodes.value) + 999_999_999) / 1_000_000_000)
    }
}

/// Why an offer does not do for a query, in the order in which it is told.
package enum Misfit: String, Sendable, Hashable, CaseIterable {
    case instanceType, gpu, cpus, memory, arch, disk, spot, endOfService, price, stock
}

extension Resources {
    /// Found by what it has, a machine runs what most programs are built for unless the spec says otherwise.
    var wantedArch: InstanceType.Arch? { arch?.value ?? (instanceType == nil ? .x86_64 : nil) }

    /// What of the requirements `type` does not meet.
    func misfits(_ type: InstanceType) -> Set<Misfit> {
        var misfits: Set<Misfit> = []
        if let wanted = wantedArch, wanted != type.arch { misfits.insert(.arch) }
        if let name = instanceType?.value {
            if name != type.name { misfits.insert(.instanceType) }
            return misfits
        }
        if let cpus, !cpus.value.contains(type.cpus) { misfits.insert(.cpus) }
        if let memory, !memory.value.admits(Bytes(type.memoryBytes)) { misfits.insert(.memory) }
        // Nobody who asks for none pays for one.
        if !(gpu.map { $0.value.matches(type) } ?? (type.gpus == 0)) { misfits.insert(.gpu) }
        if type.endOfService { misfits.insert(.endOfService) }
        return misfits
    }

    /// The requirement behind a misfit, as the user wrote it.
    func requirement(_ misfit: Misfit) -> Located<String>? {
        func written<Value: CustomStringConvertible>(_ key: String, _ value: Located<Value>?) -> Located<String>? {
            value.map { Located("\(key): \($0.value)", at: $0.location) }
        }
        return switch misfit {
        case .instanceType: written("instance_type", instanceType)
        case .gpu: written("gpu", gpu) ?? Located("no gpu asked for", at: location)
        case .cpus: written("cpus", cpus)
        case .memory: written("memory", memory)
        case .arch:
            arch.map { Located("arch: \($0.value.rawValue)", at: $0.location) }
                ?? Located("arch: x86_64, taken where none is written", at: location)
        case .disk: written("disk", disk)
        case .spot: Located("spot: true", at: spot.location)
        case .endOfService, .price, .stock: nil
        }
    }
}

extension Bounds<Bytes> {
    /// Providers call a machine of 32 GiB one of 32 GB: what was written in GB takes in as many GiB.
    func admits(_ value: Bytes) -> Bool {
        guard value >= lower else { return false }
        guard let upper else { return true }
        return Int128(value.count) * 1_000_000_000 <= Int128(upper.count) << 30
    }
}

extension GPU {
    /// The count exactly; "H100" is also H100-SXM.
    func matches(_ type: InstanceType) -> Bool {
        guard type.gpus == count else { return false }
        guard let name = name?.lowercased() else { return true }
        guard let has = type.gpuName?.lowercased() else { return false }
        return has == name || has.hasPrefix(name + "-")
    }
}
