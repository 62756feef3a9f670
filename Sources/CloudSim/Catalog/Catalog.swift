import Foundation

/// What the cloud sells: types with prices and stock per zone, and images.
struct Catalog: Sendable {
    struct Offer: Sendable {
        var type: String
        var hourly: String
        var monthly: String
        var availability: String
        var billingUnit: String
        var nanos: Int
        var status: String
    }

    /// The part of a type's definition that the world's rules need.
    struct Definition: Sendable, Decodable {
        var arch: String
        var ncpus: Int
        var gpu: Int
        var volumesConstraint: Constraint

        struct Constraint: Sendable, Decodable {
            var minSize: Int
            var maxSize: Int

            enum CodingKeys: String, CodingKey {
                case minSize = "min_size"
                case maxSize = "max_size"
            }
        }

        enum CodingKeys: String, CodingKey {
            case arch, ncpus, gpu
            case volumesConstraint = "volumes_constraint"
        }
    }

    let definitions: [String: Definition]
    let offers: [String: [Offer]]
    let rawDefinitions: [String: Substring]
    let rawProperties: [String: Substring]
    let images: ImageCatalog

    static let zones = [
        "fr-par-1", "fr-par-2", "fr-par-3", "nl-ams-1", "nl-ams-2", "nl-ams-3", "pl-waw-1", "pl-waw-2", "pl-waw-3",
        "it-mil-1",
    ]

    init() throws {
        rawDefinitions = Self.table(CatalogData.types)
        rawProperties = Self.table(CatalogData.properties)
        let decoder = JSONDecoder()
        definitions = try rawDefinitions.mapValues { try decoder.decode(Definition.self, from: Data($0.utf8)) }
        offers = Self.offers(CatalogData.offers)
        images = ImageCatalog(definitions: definitions)
    }

    func offer(_ type: String, zone: String) -> Offer? { offers[zone]?.first { $0.type == type } }

    /// The entry of `products/servers`: the definition with the zone's prices put in.
    func product(_ offer: Offer) -> JSON {
        let definition = rawDefinitions[offer.type] ?? "{}"
        return .raw("{\"hourly_price\":\(offer.hourly),\"monthly_price\":\(offer.monthly),\(definition.dropFirst())")
    }

    /// The record of the public product catalogue, the only place that names the billing unit.
    func record(_ offer: Offer, zone: String) -> JSON {
        let parts = zone.split(separator: "-")
        let sku = offer.type.lowercased().replacingOccurrences(of: "-", with: "_")
        let euros = Double(offer.nanos) / 1e9
        return [
            "sku": .string("/compute/\(sku)/run_\(parts.dropFirst().joined())"),
            "service_category": "Compute", "product_category": "Instance", "product": .string(offer.type),
            "variant": .string("\(offer.type) - \(zone)"),
            "description": .string("\(offer.type) - \(zone) (\(euros)€ per \(offer.billingUnit))"),
            "locality": ["zone": .string(zone)], "price": Self.price(nanos: offer.nanos),
            "properties": .raw(String(rawProperties[offer.type] ?? "{}")),
            "environmental_impact_estimation": ["kg_co2_equivalent": 0, "m3_water_usage": 0],
            "unit_of_measure": ["unit": .string(offer.billingUnit), "size": 1], "status": .string(offer.status),
            "badges": [],
        ]
    }

    static func price(nanos: Int) -> JSON {
        [
            "retail_price": [
                "currency_code": "EUR", "units": .int(nanos / 1_000_000_000), "nanos": .int(nanos % 1_000_000_000),
            ]
        ]
    }

    private static func table(_ text: String) -> [String: Substring] {
        var rows: [String: Substring] = [:]
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "\t", maxSplits: 1)
            if cells.count == 2 { rows[String(cells[0])] = cells[1] }
        }
        return rows
    }

    private static func offers(_ text: String) -> [String: [Offer]] {
        var offers: [String: [Offer]] = [:]
        var zone = ""
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: " ").map(String.init)
            if cells.count == 2 {
                zone = cells[1]
            } else if cells.count == 7 {
                offers[zone, default: []].append(
                    Offer(
                        type: cells[0], hourly: cells[1], monthly: cells[2], availability: cells[3],
                        billingUnit: cells[4], nanos: Int(cells[5]) ?? 0, status: cells[6]))
            }
        }
        return offers
    }
}
