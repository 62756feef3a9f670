/// What may be launched, and where.
extension EC2Face {
    private var types: [EC2Catalog.InstanceType] { catalog.types.values.sorted { $0.name < $1.name } }

    func describeInstanceTypes() throws -> [XMLNode?] {
        let names = query.list("InstanceType")
        let lost = names.filter { catalog.types[$0] == nil }
        guard lost.isEmpty else {
            throw EC2Error(
                "InvalidInstanceType",
                "The following supplied instance types do not exist: [\(lost.joined(separator: ", "))]")
        }
        if query["MaxResults"] != nil, !names.isEmpty {
            throw EC2Error.combination(
                "The parameter InstanceTypes cannot be used with the parameter MaxResults")
        }
        let flag = { (holds: Bool) in [holds ? "true" : "false"] }
        let found = try Filters(query).apply(
            types.filter { names.isEmpty || names.contains($0.name) }, tags: nil,
            [
                "instance-type": { [$0.name] }, "processor-info.supported-architecture": { $0.architectures },
                "supported-usage-class": { $0.usages }, "current-generation": { flag($0.isCurrent) },
                "burstable-performance-supported": { flag($0.isBurstable) }, "bare-metal": { flag($0.isBareMetal) },
                "vcpu-info.default-vcpus": { [String($0.cpus)] }, "memory-info.size-in-mib": { [String($0.memory)] },
                "supported-root-device-type": { _ in ["ebs"] }, "supported-virtualization-type": { _ in ["hvm"] },
                "hypervisor": { $0.hypervisor.map { [$0] } ?? [] },
                "instance-storage-supported": { flag($0.storage > 0) },
            ])
        // At most a hundred to a page, whether asked for or not.
        let most = try query.int("MaxResults") ?? 100
        guard (5...100).contains(most) else {
            throw EC2Error.invalid(
                "Value ( \(most) ) for parameter maxResults is invalid. Expecting a value between 5 and 100.")
        }
        let (shown, next) = try page(found, size: names.isEmpty ? most : found.count)
        return [.list("instanceTypeSet", shown.map(view)), next]
    }

    private func view(_ type: EC2Catalog.InstanceType) -> [XMLNode?] {
        let gpus = type.gpus.map { gpu -> [XMLNode?] in
            [
                .text("name", gpu.name), .text("manufacturer", gpu.manufacturer), .int("count", gpu.count),
                .node("memoryInfo", [.int("sizeInMiB", gpu.memory)]),
            ]
        }
        return [
            .text("instanceType", type.name), .bool("currentGeneration", type.isCurrent),
            .texts("supportedUsageClasses", type.usages), .texts("supportedRootDeviceTypes", ["ebs"]),
            .texts("supportedVirtualizationTypes", ["hvm"]), .bool("bareMetal", type.isBareMetal),
            .text("hypervisor", type.hypervisor),
            .node("processorInfo", [.texts("supportedArchitectures", type.architectures)]),
            .node(
                "vCpuInfo",
                [
                    .int("defaultVCpus", type.cpus), .int("defaultCores", type.cpus / max(1, type.threads)),
                    .int("defaultThreadsPerCore", type.threads),
                ]),
            .node("memoryInfo", [.int("sizeInMiB", type.memory)]),
            .bool("instanceStorageSupported", type.storage > 0),
            type.storage > 0 ? .node("instanceStorageInfo", [.int("totalSizeInGB", type.storage)]) : nil,
            .node("networkInfo", [.text("networkPerformance", type.network)]),
            gpus.isEmpty ? nil : .node("gpuInfo", [.list("gpus", gpus)]),
            .bool("burstablePerformanceSupported", type.isBurstable),
        ]
    }

    func describeOfferings() throws -> [XMLNode?] {
        struct Offering {
            var type: String
            var location: String
        }
        let kind = query["LocationType"] ?? "region"
        let offerings: [Offering]
        switch kind {
        case "region": offerings = types.map { Offering(type: $0.name, location: EC2Account.region) }
        case "availability-zone":
            offerings = types.flatMap { type in type.zones.map { Offering(type: type.name, location: $0) } }
        default: throw EC2Error.invalid("Invalid value '\(kind)' for LocationType.")
        }
        let found = try Filters(query).apply(
            offerings, tags: nil, ["instance-type": { [$0.type] }, "location": { [$0.location] }])
        let (shown, next) = try page(found, size: try query.int("MaxResults") ?? 1000)
        let items = shown.map { offering -> [XMLNode?] in
            [
                .text("instanceType", offering.type), .text("locationType", kind), .text("location", offering.location),
            ]
        }
        return [.list("instanceTypeOfferingSet", items), next]
    }
}
