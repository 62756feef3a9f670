/// `products/servers`: a paged map from the type's name.
struct ProductsPage: Decodable, Sendable {
    struct Product: Decodable, Sendable {
        struct GPU: Decodable, Sendable {
            let gpu_name: String
        }

        struct Volumes: Decodable, Sendable {
            let max_size: Int64
        }

        let arch: String
        let ncpus: Int
        let ram: Int64
        let gpu: Nullable<Int>
        let gpu_info: Nullable<GPU>
        let volumes_constraint: Volumes
        let hourly_price: NanoPrice
        let end_of_service: Bool
    }

    let servers: [String: Product]
}

/// `products/servers/availability`: a paged map from the type's name.
struct AvailabilityPage: Decodable, Sendable {
    struct Stock: Decodable, Sendable {
        let availability: String
    }

    let servers: [String: Stock]
}

/// The public product catalogue: the one machine-readable statement of billing units.
struct PublicCataloguePage: Decodable, Sendable {
    struct Product: Decodable, Sendable {
        struct Price: Decodable, Sendable {
            struct Amount: Decodable, Sendable {
                let currency_code: String
                let units: Int64
                let nanos: Int64
            }

            let retail_price: Amount
        }

        struct Unit: Decodable, Sendable {
            let unit: String
            let size: Int64
        }

        let product: String
        let price: Price
        let unit_of_measure: Unit
    }

    let products: [Product]
    let total_count: Int
}

/// Marketplace v2: the images of one label in one zone.
struct LocalImagesPage: Decodable, Sendable {
    struct Image: Decodable, Sendable {
        let id: String
        let arch: String
        let compatible_commercial_types: [String]
        let type: String
    }

    let local_images: [Image]
    let total_count: Int
}
