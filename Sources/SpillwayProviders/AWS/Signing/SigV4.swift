package import SpillwayCore

/// AWS Signature Version 4: pure, of request, credentials and time.
///
/// Reference: "AWS Signature Version 4 signing process" in the IAM user guide, and its published vectors.
package struct SigV4: Sendable {
    package enum Style: Sendable, Hashable {
        /// Every service but S3: the path is normalised, and what is escaped in it is escaped once more.
        case standard
        /// S3 and what speaks its language: the path as it is, escaped once; the payload's hash is a header.
        case s3
    }

    package enum Payload: Sendable, Hashable {
        case hashed
        /// "UNSIGNED-PAYLOAD": for presigned URLs, and for bodies that are streamed over TLS.
        case unsigned
    }

    package var region: String
    package var service: String
    package var style: Style
    private let cryptography: Cryptography

    package init(region: String, service: String, style: Style = .standard, cryptography: Cryptography) {
        self.region = region
        self.service = service
        self.style = style
        self.cryptography = cryptography
    }

    /// The request with the headers `X-Amz-Date`, `Authorization` and, for temporary credentials,
    /// `X-Amz-Security-Token`; for S3 also `X-Amz-Content-Sha256`. What of these was there before is replaced.
    package func signed(
        _ request: HTTPRequest, by credentials: AWSCredentials, at now: Timestamp, payload: Payload = .hashed
    ) -> HTTPRequest {
        let time = Time(now)
        let content = contentHash(request, payload)
        var signed = request
        signed.set("X-Amz-Date", time.full)
        if style == .s3 { signed.set("X-Amz-Content-Sha256", content) }
        if let token = credentials.sessionToken { signed.set("X-Amz-Security-Token", token.value, isSecret: true) }
        let headers = canonicalHeaders(signed)
        let canonical = CanonicalRequest(signed, headers: headers, content: content, style: style).text
        let signature = signature(stringToSign(canonical, time), credentials, time)
        signed.set(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope(time)), "
                + "SignedHeaders=\(headers.names), Signature=\(signature)", isSecret: true)
        return signed
    }

    /// A URL that carries its own signature and is good for `expires` (S3 allows seven days at most). Of the request
    /// it signs method, URL and the headers given; the caller of the URL has to send those headers.
    package func presigned(
        _ request: HTTPRequest, by credentials: AWSCredentials, at now: Timestamp, expires: Seconds,
        payload: Payload = .unsigned
    ) -> String {
        let time = Time(now)
        let headers = canonicalHeaders(request)
        var query = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(time))"),
            ("X-Amz-Date", time.full), ("X-Amz-Expires", String(expires.count)), ("X-Amz-SignedHeaders", headers.names),
        ]
        if let token = credentials.sessionToken { query.append(("X-Amz-Security-Token", token.value)) }
        let added = query.map { "\($0)=\(percentEncoded($1))" }.joined(separator: "&")
        var request = request
        request.url += (request.url.contains("?") ? "&" : "?") + added
        // Other services take the hash of the empty body where S3 takes the body as it comes.
        let content = style == .s3 ? contentHash(request, payload) : contentHash(request, .hashed)
        let canonical = CanonicalRequest(request, headers: headers, content: content, style: style).text
        return request.url + "&X-Amz-Signature=" + signature(stringToSign(canonical, time), credentials, time)
    }

    // MARK: Parts

    /// For the tests: what `signed` hashes, and what it signs.
    func steps(_ request: HTTPRequest, at now: Timestamp) -> (canonical: String, toSign: String) {
        let canonical = CanonicalRequest(
            request, headers: canonicalHeaders(request), content: contentHash(request, .hashed), style: style
        ).text
        return (canonical, stringToSign(canonical, Time(now)))
    }

    private func canonicalHeaders(_ request: HTTPRequest) -> CanonicalHeaders {
        var headers = request.headers
        if !headers.contains(where: { $0.name.lowercased() == "host" }) {
            headers.append(.init("host", CanonicalRequest.host(of: request.url)))
        }
        return CanonicalHeaders(headers)
    }

    private func contentHash(_ request: HTTPRequest, _ payload: Payload) -> String {
        payload == .unsigned ? "UNSIGNED-PAYLOAD" : cryptography.sha256(request.body ?? []).hex
    }

    private func scope(_ time: Time) -> String { "\(time.day)/\(region)/\(service)/aws4_request" }

    private func stringToSign(_ canonical: String, _ time: Time) -> String {
        "AWS4-HMAC-SHA256\n\(time.full)\n\(scope(time))\n" + cryptography.sha256(Array(canonical.utf8)).hex
    }

    private func signature(_ text: String, _ credentials: AWSCredentials, _ time: Time) -> String {
        var key = Array("AWS4\(credentials.secretKey.value)".utf8)
        for part in [String(time.day), region, service, "aws4_request", text] {
            key = cryptography.hmacSHA256(key, Array(part.utf8))
        }
        return key.hex
    }

    private struct Time {
        /// "20150830T123600Z"
        let full: String
        var day: Substring { full.prefix(8) }

        init(_ timestamp: Timestamp) {
            full = timestamp.description.filter { $0 != "-" && $0 != ":" }
        }
    }
}

extension HTTPRequest {
    fileprivate mutating func set(_ name: String, _ value: String, isSecret: Bool = false) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        headers.append(Header(name, value, isSecret: isSecret))
    }
}
