package enum AWSZones {
    /// "us-east-1" of "us-east-1a"; of a local zone ("us-east-1-bos-1a") the region it belongs to.
    package static func region(of zone: String) -> String {
        var parts = zone.split(separator: "-", omittingEmptySubsequences: false)
        // The region ends with its first part that begins with a digit.
        if let number = parts.firstIndex(where: { $0.first?.isNumber ?? false }) {
            parts = Array(parts[...number])
            parts[number] = parts[number].prefix { $0.isNumber }
        }
        return parts.joined(separator: "-")
    }
}
