/// Types, stock, images and the product catalogue: what is for sale, without a token.
extension ScalewayFace {
    /// A paged map, not a list: pages are merged by key.
    func listTypes() throws -> Reply {
        let offers = catalog.offers[zone] ?? []
        return try instancePage(offers.count, path: "products/servers") { range in
            let page = offers[range].map { ($0.type, catalog.product($0)) }
            return ["servers": .object(Dictionary(page) { first, _ in first })]
        }
    }

    func listAvailability() throws -> Reply {
        let offers = catalog.offers[zone] ?? []
        return try instancePage(offers.count, path: "products/servers/availability") { range in
            let page = offers[range].map { offer -> (String, JSON) in
                let stock = world.stock["\(zone)/\(offer.type)"]?.availability ?? offer.availability
                return (offer.type, ["availability": .string(stock)])
            }
            return ["servers": .object(Dictionary(page) { first, _ in first })]
        }
    }

    func listVolumeTypes() throws -> Reply {
        let volumes: JSON = [
            "l_ssd": [
                "capabilities": ["snapshot": true], "display_name": "Local SSD",
                "constraints": ["min": 1_000_000_000, "max": 800_000_000_000],
            ],
            "scratch": [
                "capabilities": ["snapshot": false], "display_name": "Scratch Storage",
                "constraints": ["min": 1_000_000_000, "max": 60_000_000_000_000],
            ],
        ]
        return try instancePage(2, path: "products/volumes") { _ in ["volumes": volumes] }
    }

    // MARK: Marketplace

    private func marketplace(_ image: ImageCatalog.Image) -> JSON {
        [
            "id": .string(image.id), "arch": .string(image.arch), "zone": .string(image.zone),
            "compatible_commercial_types": .list(catalog.images.compatibleTypes(image)),
            "label": .string(image.label), "type": .string(image.type),
        ]
    }

    func listImages() throws -> Reply {
        let label = call[query: "image_label"]
        if let label, !catalog.images.hasLabel(label) { throw APIError.notFound("MarketplaceImage", label) }
        if label == nil, call[query: "image_id"] == nil, call[query: "version_id"] == nil {
            throw APIError.invalid(.required("image_label"))
        }
        let type = call[query: "type"].flatMap { $0 == "unknown_type" ? nil : $0 }
        let images = catalog.images.listed(label: label, zone: call[query: "zone"], type: type)
        return try totalPage(images.map(marketplace), key: "local_images")
    }

    func getMarketplaceImage() throws -> Reply {
        guard let image = catalog.images.image(id: id) else { throw APIError.notFound("local_image", id) }
        return .json(marketplace(image))
    }

    // MARK: Product catalogue

    func listProducts() throws -> Reply {
        let kinds = call.values("product_types")
        let zones = call[query: "zone"].map { [$0] } ?? Catalog.zones
        let wanted = Set(call.values("api_ids"))
        var records: [JSON] = []
        for zone in zones {
            if kinds.isEmpty || kinds.contains("instance") {
                let offers = (catalog.offers[zone] ?? []).filter { wanted.isEmpty || wanted.contains($0.type) }
                records += offers.map { catalog.record($0, zone: zone) }
            }
            records += storage(zone: zone).filter { kinds.isEmpty || kinds.contains($0.kind) }.map(\.record)
        }
        if let status = call[query: "status"] { records = records.filter { $0["status"]?.string == status } }
        return try totalPage(records, key: "products")
    }

    /// Storage prices are those of the public price page of 2025; in fr-par-3 they are half as high again.
    private func storage(zone: String) -> [(kind: String, record: JSON)] {
        let percent = zone == "fr-par-3" ? 150 : 100
        func record(_ product: String, _ nanos: Int) -> JSON {
            [
                "sku": .string("/storage/\(product.lowercased().replacing(" ", with: "_"))/\(zone)"),
                "service_category": "Storage", "product_category": "Block Storage", "product": .string(product),
                "variant": .string("\(product) - \(zone)"), "description": .string("\(product) - \(zone)"),
                "locality": ["zone": .string(zone)], "price": Catalog.price(nanos: nanos * percent / 100),
                "properties": [:], "unit_of_measure": ["unit": "gigabyte_hour", "size": 1],
                "status": "general_availability", "badges": [],
            ]
        }
        return [
            ("block_storage", record("SBS 5K", 118_000)), ("instance_local_ssd_storage", record("Local SSD", 44_000)),
        ]
    }
}
