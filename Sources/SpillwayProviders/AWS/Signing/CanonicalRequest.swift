internal import SpillwayCore

/// A request in the one form that both sides hash.
struct CanonicalRequest {
    let text: String

    init(_ request: HTTPRequest, headers: CanonicalHeaders, content: String, style: SigV4.Style) {
        let (path, query) = Self.parts(of: request.url)
        text = [
            request.method.rawValue, Self.path(path, style), Self.query(query), headers.lines, headers.names, content,
        ].joined(separator: "\n")
    }

    /// With the port unless it is the scheme's own: as it stands in the header that is sent.
    static func host(of url: String) -> String {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        let authority = url.dropFirst(scheme.count + 3).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let port = scheme == "https" ? ":443" : ":80"
        return String(host.hasSuffix(port) ? host.dropLast(port.count) : host).lowercased()
    }

    private static func parts(of url: String) -> (path: Substring, query: Substring) {
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let target = afterScheme.drop { $0 != "/" && $0 != "?" && $0 != "#" }.prefix { $0 != "#" }
        guard let mark = target.firstIndex(of: "?") else { return (target, "") }
        return (target[..<mark], target[target.index(after: mark)...])
    }

    private static func path(_ path: Substring, _ style: SigV4.Style) -> String {
        guard !path.isEmpty else { return "/" }
        switch style {
        case .s3:
            // Decoded first, so that a `+` or `=` that was sent as it is and one that was escaped are the same.
            return path.split(separator: "/", omittingEmptySubsequences: false)
                .map { percentEncoded(bytes: percentDecoded($0)) }.joined(separator: "/")
        case .standard:
            var kept: [Substring] = []
            for segment in path.split(separator: "/") where segment != "." {
                if segment == ".." { _ = kept.popLast() } else { kept.append(segment) }
            }
            let last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
            let closes = kept.isEmpty || ["", ".", ".."].contains(last)
            return "/" + kept.map { percentEncoded(String($0)) }.joined(separator: "/")
                + (closes && !kept.isEmpty ? "/" : "")
        }
    }

    /// Sorted by name, then value, both escaped anew.
    private static func query(_ query: Substring) -> String {
        query.split(separator: "&").map { pair -> (String, String) in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1] : ""
            return (percentEncoded(bytes: percentDecoded(parts[0])), percentEncoded(bytes: percentDecoded(value)))
        }
        .sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
    }
}

/// The signed headers: lower-case names in order, values trimmed, several of one name joined.
struct CanonicalHeaders {
    /// "host;x-amz-date"
    let names: String
    /// Each ends with a line feed.
    let lines: String

    /// Proxies and clients change these on the way.
    private static let unsigned: Set<String> = [
        "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
    ]

    init(_ headers: [HTTPRequest.Header]) {
        var values: [String: [String]] = [:]
        for header in headers where !Self.unsigned.contains(header.name.lowercased()) {
            let words = header.value.split { $0 == " " || $0 == "\t" || $0.isNewline }
            values[header.name.lowercased(), default: []].append(words.joined(separator: " "))
        }
        let sorted = values.sorted { $0.key < $1.key }
        names = sorted.map(\.key).joined(separator: ";")
        lines = sorted.map { "\($0.key):\($0.value.joined(separator: ","))\n" }.joined()
    }
}
