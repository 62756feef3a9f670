internal import SpillwayCore

/// A volume of Block v1, as far as it is read. Single volumes come bare, without a wrapping object.
struct BlockVolumeBody: Decodable, Sendable {
    struct Reference: Decodable, Sendable {
        let product_resource_type: String
        let product_resource_id: String
        let status: String
    }

    let id: String
    let name: String
    let size: Int64
    let created_at: Timestamp
    let references: [Reference]
    let status: String
    let tags: [String]
}

struct BlockVolumesPage: Decodable, Sendable {
    let volumes: [BlockVolumeBody]
    let total_count: Int
}
