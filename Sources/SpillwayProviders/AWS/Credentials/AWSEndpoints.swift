/// The services of AWS that are spoken to, by the names that the official variables use.
package enum AWSEndpointName: String, Sendable, Hashable, CaseIterable {
    case ec2, sts, ssm, pricing, sso
}

/// Where each service is reached: an override, or its regional endpoint.
package struct AWSEndpoints: Sendable, Hashable {
    package var overrides: [AWSEndpointName: String] = [:]

    package init(_ overrides: [AWSEndpointName: String] = [:]) { self.overrides = overrides }

    /// Without a trailing slash.
    package func url(_ service: AWSEndpointName, region: String) -> String {
        if let override = overrides[service] { return override }
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        return switch service {
        case .pricing: "https://api.pricing.\(region).\(domain)"
        case .sso: "https://portal.sso.\(region).\(domain)"
        case .ec2, .sts, .ssm: "https://\(service.rawValue).\(region).\(domain)"
        }
    }
}

/// What an endpoint's URL must look like.
enum EndpointURL {
    static func trimmed(_ url: String) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }

    /// nil when it may be used: https, or http on loopback, with nothing but a host, a port and a path.
    static func problem(_ text: String) -> String? {
        guard let end = text.firstRange(of: "://") else { return "it has no scheme" }
        let scheme = text[..<end.lowerBound].lowercased()
        let authority = text[end.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty else { return "it names no host" }
        guard !authority.contains("@") else { return "it holds a user or a password" }
        guard !text.contains("?"), !text.contains("#") else { return "it has a query" }
        if scheme == "https" || (scheme == "http" && isLoopback(authority)) { return nil }
        return scheme == "http" ? "it is plain http to another machine" : "it is neither https nor http"
    }

    private static func isLoopback(_ authority: Substring) -> Bool {
        if authority.hasPrefix("[") { return authority == "[::1]" || authority.hasPrefix("[::1]:") }
        let host = authority.prefix { $0 != ":" }
        if host == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
