internal import CCurl
internal import Glibc
internal import SpillwayCore

/// Where a request goes, as libcurl itself reads the URL, so that what was judged is what is contacted.
struct HTTPTarget: Sendable, Hashable {
    let isTLS: Bool
    let host: String
    let port: String
    /// 127.0.0.0/8, ::1 or "localhost": plain http is for these and the metadata services alone.
    let isLoopback: Bool

    /// Where the host of a virtual machine or a container hands out its credentials, by plain http and no other way.
    private static let metadataServices: Set<String> = ["169.254.169.254", "169.254.170.2", "169.254.170.23"]

    /// On this machine or its own host: no proxy is asked.
    var isDirect: Bool { isLoopback || Self.metadataServices.contains(host) }

    /// What a connection is shared by.
    var origin: String { "\(isTLS ? "https" : "http")://\(host):\(port)" }
    var name: String { "\(host):\(port)" }

    /// Throws `.malformed` or `.insecureURL`; nothing is sent or resolved.
    init(_ url: String) throws(HTTPFailure) {
        guard !url.utf8.contains(0), let parts = curl_url() else {
            throw HTTPFailure(.malformed, reachedServer: false, detail: "the URL cannot be read")
        }
        defer { curl_url_cleanup(parts) }
        let code = curl_url_set(parts, CURLUPART_URL, url, UInt32(CURLU_NON_SUPPORT_SCHEME))
        guard code == CURLUE_OK, let scheme = Self.part(CURLUPART_SCHEME, of: parts)?.lowercased() else {
            let reason = curl_url_strerror(code).map { String(cString: $0) } ?? "unknown"
            throw HTTPFailure(.malformed, reachedServer: false, detail: "the URL cannot be read: \(reason)")
        }
        guard scheme == "https" || scheme == "http" else {
            throw HTTPFailure(.insecureURL, reachedServer: false, detail: "only https is spoken, not '\(scheme)'")
        }
        guard let host = Self.part(CURLUPART_HOST, of: parts)?.lowercased(), !host.isEmpty,
            let port = Self.part(CURLUPART_PORT, of: parts, flags: CURLU_DEFAULT_PORT)
        else { throw HTTPFailure(.malformed, reachedServer: false, detail: "the URL names no host") }
        guard Self.part(CURLUPART_USER, of: parts) == nil, Self.part(CURLUPART_PASSWORD, of: parts) == nil else {
            throw HTTPFailure(
                .insecureURL, reachedServer: false, detail: "the URL for \(host) holds a user or password; leave it out"
            )
        }
        isTLS = scheme == "https"
        (self.host, self.port) = (host, port)
        isLoopback = Self.isLoopback(host)
        guard isTLS || isDirect else {
            throw HTTPFailure(
                .insecureURL, reachedServer: false,
                detail: "plain http to \(host) is refused: use https (http is for loopback addresses only)")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" { return true }
        if let v4 = address(AF_INET, host) { return v4.first == 127 }
        guard host.hasPrefix("["), host.hasSuffix("]") else { return false }
        return address(AF_INET6, String(host.dropFirst().dropLast())) == [UInt8](repeating: 0, count: 15) + [1]
    }

    private static func address(_ family: Int32, _ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    private static func part(_ part: CURLUPart, of parts: OpaquePointer, flags: Int32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
