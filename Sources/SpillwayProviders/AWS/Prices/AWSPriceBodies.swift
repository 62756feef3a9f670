/// What the price list and the Pricing API say of a product and of its price, as far as it is used.
enum AWSPriceBodies {
    struct Product: Decodable {
        var sku: String
        var productFamily: String?
        var attributes: [String: String]
    }

    struct Term: Decodable {
        struct Dimension: Decodable {
            var unit: String
            var pricePerUnit: [String: String]
        }

        var priceDimensions: [String: Dimension]
    }

    /// One element of the Pricing API's list, itself a document in a string.
    struct Entry: Decodable {
        struct Terms: Decodable {
            var OnDemand: [String: Term]?
        }

        var product: Product
        var terms: Terms
        var publicationDate: String
    }
}
