import Foundation
import SpillwayCore
import Testing

@testable import SpillwayProviders

/// One kind of answer that the provider reads: where it comes from, what it is decoded as, and each field it uses.
struct UsedBody: Sendable, CustomTestStringConvertible {
    var name: String
    var matches: @Sendable (_ method: String, _ path: String) -> Bool
    var decode: @Sendable (Data) throws -> Void
    /// As paths; `*` stands for each element of a list or value of a map.
    var fields: Set<String>

    var testDescription: String { name }

    private init<Body: Decodable & Sendable>(
        _ name: String, _ methods: Set<String>, _ pattern: String, as type: Body.Type, _ fields: [String]
    ) {
        self.name = name
        matches = { method, path in
            methods.contains(method) && path.range(of: "^\(pattern)$", options: .regularExpression) != nil
        }
        decode = { _ = try JSONDecoder().decode(type, from: $0) }
        self.fields = Set(fields)
    }

    private static func below(_ prefix: String, _ fields: [String]) -> [String] {
        [prefix] + fields.map { "\(prefix).\($0)" }
    }

    private static let server = [
        "id", "name", "commercial_type", "image", "image.id", "volumes", "volumes.*.id", "volumes.*.volume_type",
        "tags",
        "state", "state_detail", "public_ips", "public_ips.*.id", "public_ips.*.address", "public_ips.*.family",
        "public_ips.*.dynamic", "creation_date", "security_group", "security_group.id",
    ]
    private static let address = ["id", "address", "server", "server.id", "state", "tags"]
    private static let group = [
        "id", "name", "description", "servers", "servers.*.id", "state", "tags", "creation_date",
    ]
    private static let localVolume = [
        "id", "name", "volume_type", "server", "server.id", "size", "state", "tags", "creation_date",
    ]
    private static let blockVolume = [
        "id", "name", "size", "created_at", "references", "references.*.product_resource_type",
        "references.*.product_resource_id", "references.*.status", "status", "tags",
    ]
    private static let zone = "/(?:instance|block)/v1/zones/[a-z0-9-]+"

    static let all: [UsedBody] = [
        UsedBody(
            "servers", ["GET"], "\(zone)/servers", as: ServersPage.self, ["servers"] + server.map { "servers.*.\($0)" }),
        UsedBody(
            "server", ["GET", "POST"], "\(zone)/servers(/[0-9a-f-]{36})?", as: ServerAnswer.self,
            below("server", server)),
        UsedBody("addresses", ["GET"], "\(zone)/ips", as: AddressesPage.self, ["ips"] + address.map { "ips.*.\($0)" }),
        UsedBody(
            "address", ["GET", "POST"], "\(zone)/ips(/[0-9a-f-]{36})?", as: AddressAnswer.self, below("ip", address)),
        UsedBody(
            "groups", ["GET"], "\(zone)/security_groups", as: SecurityGroupsPage.self,
            ["security_groups"] + group.map { "security_groups.*.\($0)" }),
        UsedBody(
            "group", ["GET", "POST", "PATCH"], "\(zone)/security_groups(/[0-9a-f-]{36})?", as: SecurityGroupAnswer.self,
            below("security_group", group)),
        UsedBody(
            "local volumes", ["GET"], "/instance/v1/zones/[a-z0-9-]+/volumes", as: InstanceVolumesPage.self,
            ["volumes"] + localVolume.map { "volumes.*.\($0)" }),
        UsedBody(
            "local volume", ["GET", "PATCH"], "/instance/v1/zones/[a-z0-9-]+/volumes/[0-9a-f-]{36}",
            as: InstanceVolumeAnswer.self, below("volume", localVolume)),
        UsedBody(
            "block volumes", ["GET"], "/block/v1/zones/[a-z0-9-]+/volumes", as: BlockVolumesPage.self,
            ["volumes", "total_count"] + blockVolume.map { "volumes.*.\($0)" }),
        UsedBody(
            "block volume", ["GET", "PATCH"], "/block/v1/zones/[a-z0-9-]+/volumes/[0-9a-f-]{36}",
            as: BlockVolumeBody.self, blockVolume),
        UsedBody(
            "types", ["GET"], "\(zone)/products/servers", as: ProductsPage.self,
            ["servers"]
                + [
                    "arch", "ncpus", "ram", "gpu", "gpu_info", "gpu_info.gpu_name", "volumes_constraint",
                    "volumes_constraint.max_size", "hourly_price", "end_of_service",
                ].map { "servers.*.\($0)" }),
        UsedBody(
            "stock", ["GET"], "\(zone)/products/servers/availability", as: AvailabilityPage.self,
            ["servers", "servers.*.availability"]),
        UsedBody(
            "product catalogue", ["GET"], "/product-catalog/v2alpha1/public-catalog/products",
            as: PublicCataloguePage.self,
            ["products", "total_count"]
                + [
                    "product", "price", "price.retail_price", "price.retail_price.currency_code",
                    "price.retail_price.units", "price.retail_price.nanos", "unit_of_measure", "unit_of_measure.unit",
                    "unit_of_measure.size",
                ].map { "products.*.\($0)" }),
        UsedBody(
            "images", ["GET"], "/marketplace/v2/local-images", as: LocalImagesPage.self,
            ["local_images", "total_count"]
                + ["id", "arch", "compatible_commercial_types", "type"].map { "local_images.*.\($0)" }),
    ]

    /// The first that fits: a path with an id comes after its listing.
    static func reading(_ exchange: Recordings.Exchange) -> UsedBody? {
        let used = all.first { $0.matches(exchange.method, exchange.path) }
        // Of the catalogue of all products the provider reads one kind.
        let isOther = used?.name == "product catalogue" && !exchange.query.contains("product_types=instance")
        return isOther ? nil : used
    }

    /// Paths the provider calls without reading what a success brings.
    static let unread = [
        "(POST|DELETE) \(zone)/servers/[0-9a-f-]{36}(/action)?",
        "PATCH \(zone)/servers/[0-9a-f-]{36}/user_data/cloud-init",
        "DELETE \(zone)/servers/[0-9a-f-]{36}/user_data/cloud-init",
        "DELETE \(zone)/(ips|security_groups|volumes)/[0-9a-f-]{36}", "PUT \(zone)/security_groups/[0-9a-f-]{36}/rules",
    ]

    static func isUnread(_ method: String, _ path: String) -> Bool {
        unread.contains { "\(method) \(path)".range(of: "^\($0)$", options: .regularExpression) != nil }
    }
}

extension Recordings.Exchange {
    var path: String {
        let path = url.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
        return String(path.prefix { $0 != "?" })
    }

    var query: [Substring] { url.drop { $0 != "?" }.dropFirst().split(separator: "&") }
}
