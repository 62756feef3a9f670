package import SpillwayCore

extension ScalewayProvider {
    /// Three listings per zone: types with their prices, stock, and billing units. What volumes and addresses cost
    /// has no listing that was ever recorded: those are the published, dated prices in the binary.
    package func catalogue(zones: [String]) async throws(ProviderError) -> Catalogue {
        Catalogue(
            zones: try await boundedTryMap(zones, width: 3) { zone throws(ProviderError) in try await offers(in: zone) }
        )
    }

    private func offers(in zone: String) async throws(ProviderError) -> Catalogue.Zone {
        async let products = products(zone)
        async let stock = stock(zone)
        async let records = records(zone)
        do {
            let (types, stock, records) = try await (products, stock, records)
            let source = PriceSource(name: "api", date: String(now().description.prefix(10)))
            let sorted = types.sorted { $0.key < $1.key }.compactMap { name, product in
                InstanceType(name, product, stock: stock[name], record: records[name], source: source)
            }
            return Catalogue.Zone(
                name: zone, types: sorted, blockVolume: ScalewayRates.blockVolume(zone: zone),
                localVolume: ScalewayRates.localVolume(zone: zone), ipv4: ScalewayRates.ipv4,
                egress: ScalewayRates.egress)
        } catch let error as ProviderError {
            throw error
        } catch {
            throw ProviderError(.cancelled, operation: "read the offers of \(zone)", detail: "\(error)")
        }
    }

    private func products(_ zone: String) async throws(ProviderError) -> [String: ProductsPage.Product] {
        let all = try await ScalewayPaging(api: api, style: .header).all(
            .get("list types in \(zone)", instance(zone, "/products/servers")), as: ProductsPage.self
        ) { body in .init(items: body.servers.map { ($0.key, $0) }) }
        return Dictionary(all.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private func stock(_ zone: String) async throws(ProviderError) -> [String: AvailabilityPage.Stock] {
        let all = try await ScalewayPaging(api: api, style: .header).all(
            .get("list stock in \(zone)", instance(zone, "/products/servers/availability")), as: AvailabilityPage.self
        ) { body in .init(items: body.servers.map { ($0.key, $0) }) }
        return Dictionary(all.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private func records(_ zone: String) async throws(ProviderError) -> [String: PublicCataloguePage.Product] {
        let call = ScalewayAPI.Call.get(
            "list billing units in \(zone)", "/product-catalog/v2alpha1/public-catalog/products",
            query: [("product_types", "instance"), ("zone", zone)])
        let all = try await ScalewayPaging(api: api, style: .body).all(call, as: PublicCataloguePage.self) { body in
            .init(items: body.products.map { ($0.product, $0) }, total: body.total_count)
        }
        return Dictionary(all.map { ($0.product, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension InstanceType {
    /// nil for an architecture that Spillway does not know, and for types licensed for Windows, which it cannot use.
    init?(
        _ name: String, _ product: ProductsPage.Product, stock: AvailabilityPage.Stock?,
        record: PublicCataloguePage.Product?, source: PriceSource
    ) {
        guard let arch = Arch(rawValue: product.arch), !name.hasSuffix("-WIN") else { return nil }
        let gpus = product.gpu.value ?? 0
        let unit = record.map(\.billingUnit) ?? ScalewayRates.documentedUnit(gpus: gpus, type: name)
        self.init(
            name: name, arch: arch, cpus: product.ncpus, memoryBytes: product.ram, gpus: gpus,
            gpuName: product.gpu_info.value?.gpu_name, localDiskBytes: product.volumes_constraint.max_size,
            rate: ScalewayRates.server(
                // Two listings state the price; where they differ the dearer one is planned with.
                nanosPerHour: max(product.hourly_price.nanos, record?.nanosPerHour ?? 0), unit: unit, source: source),
            availability: stock.flatMap { Availability(rawValue: $0.availability) } ?? .unknown,
            endOfService: product.end_of_service)
    }
}

extension PublicCataloguePage.Product {
    /// A unit that is not known counts as an hour.
    var billingUnit: ScalewayRates.Unit {
        unit_of_measure.unit == "minute" && unit_of_measure.size == 1 ? .minute : .hour
    }

    /// nil when the record states no price per minute or hour in EUR.
    var nanosPerHour: Int64? {
        let perHour: [String: Int64] = ["minute": 60, "hour": 1]
        let price = price.retail_price
        guard price.currency_code == "EUR", let factor = perHour[unit_of_measure.unit], unit_of_measure.size > 0,
            (0...1_000_000).contains(price.units), (0...999_999_999).contains(price.nanos)
        else { return nil }
        return (price.units * 1_000_000_000 + price.nanos) * factor / unit_of_measure.size
    }
}
