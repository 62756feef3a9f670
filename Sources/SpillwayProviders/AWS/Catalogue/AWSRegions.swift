/// The regions of AWS that a price can be fetched for, and the letters of their zones.
///
/// Which zones an account has is its own matter, and a live plan asks for it; these are the names that may stand in a
/// spec. Regions of other partitions (China, GovCloud) are not among them.
package enum AWSRegions {
    package static let letters: [(region: String, letters: String)] = [
        ("us-east-1", "abcdef"), ("us-east-2", "abc"), ("us-west-1", "abc"), ("us-west-2", "abcd"),
        ("ca-central-1", "abd"), ("ca-west-1", "abc"), ("mx-central-1", "abc"), ("sa-east-1", "abc"),
        ("eu-central-1", "abc"), ("eu-central-2", "abc"), ("eu-north-1", "abc"), ("eu-south-1", "abc"),
        ("eu-south-2", "abc"), ("eu-west-1", "abc"), ("eu-west-2", "abc"), ("eu-west-3", "abc"),
        ("af-south-1", "abc"), ("ap-east-1", "abc"), ("ap-northeast-1", "abcd"), ("ap-northeast-2", "abcd"),
        ("ap-northeast-3", "abc"), ("ap-south-1", "abc"), ("ap-south-2", "abc"), ("ap-southeast-1", "abc"),
        ("ap-southeast-2", "abc"), ("ap-southeast-3", "abc"), ("ap-southeast-4", "abc"), ("ap-southeast-5", "abc"),
        ("ap-southeast-7", "abc"), ("il-central-1", "abc"), ("me-central-1", "abc"), ("me-south-1", "abc"),
    ]

    package static var names: [String] { letters.map(\.region) }

    package static var zones: [String] { letters.flatMap { zones(of: $0.region) } }

    /// Empty for a region that is not known.
    package static func zones(of region: String) -> [String] {
        letters.first { $0.region == region }?.letters.map { "\(region)\($0)" } ?? []
    }

    /// "eu-west-3" of "eu-west-3a"; nil for what is no zone of these.
    package static func region(of zone: String) -> String? {
        let region = String(zone.dropLast())
        return zones(of: region).contains(zone) ? region : nil
    }
}
