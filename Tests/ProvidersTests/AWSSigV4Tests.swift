import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@testable import SpillwayProviders

@Suite struct AWSSigV4Tests {
    // MARK: AWS's own vectors

    /// One folder of Tests/Recordings/aws/sigv4.
    struct Vector: Sendable, CustomTestStringConvertible {
        var name: String
        var request: HTTPRequest
        var canonical: String
        var toSign: String
        var authorization: String
        var token: String?

        var testDescription: String { name }

        init(_ folder: URL) throws {
            name = folder.lastPathComponent
            func read(_ ending: String) throws -> String {
                try String(contentsOf: folder.appending(path: "\(folder.lastPathComponent).\(ending)"), encoding: .utf8)
                    .replacing("\r", with: "")
            }
            canonical = try read("creq")
            toSign = try read("sts")
            authorization = try read("authz")
            request = try #require(Self.parse(try read("req")))
            let signed = canonical.split(separator: "\n").first { $0.hasPrefix("x-amz-security-token:") }
            token = signed.map { String($0.dropFirst("x-amz-security-token:".count)) }
        }

        private static func parse(_ text: String) -> HTTPRequest? {
            let parts = text.split(separator: "\n\n", maxSplits: 1)
            var lines = parts[0].split(separator: "\n")
            let first = lines.removeFirst()
            guard let method = HTTPRequest.Method(rawValue: String(first.prefix { $0 != " " })) else { return nil }
            // The target may hold spaces: it is everything between the method and the version.
            let target = first.dropFirst(method.rawValue.count + 1).dropLast(" HTTP/1.1".count)
            var headers: [HTTPRequest.Header] = []
            for line in lines {
                if line.first == " ", let last = headers.popLast() {
                    headers.append(.init(last.name, last.value + "\n" + line))
                } else if let colon = line.firstIndex(of: ":") {
                    headers.append(.init(String(line[..<colon]), String(line[line.index(after: colon)...])))
                }
            }
            let host = headers.first { $0.name.lowercased() == "host" }?.value ?? ""
            return HTTPRequest(
                method, "https://\(host)\(target)", headers: headers, body: parts.count > 1 ? Array(parts[1].utf8) : nil
            )
        }
    }

    static let vectors: [Vector] = {
        let root = Golden.packageRoot.appending(path: "Tests/Recordings/aws/sigv4")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        let requests = (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "req" }
        return requests.map { $0.deletingLastPathComponent() }.sorted { $0.path < $1.path }
            .compactMap { try? Vector($0) }
    }()

    static func credentials(token: String? = nil) -> AWSCredentials {
        AWSCredentials(
            accessKeyID: "AKIDEXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            sessionToken: token.map { Secret($0) }, source: "test")
    }

    private let moment = Timestamp(rfc3339: "2015-08-30T12:36:00Z") ?? Timestamp(seconds: 0)
    private let signer = SigV4(region: "us-east-1", service: "service", cryptography: LibCrypto.cryptography)

    @Test func `all of the published vectors are here`() {
        #expect(Self.vectors.count == 34)
    }

    @Test(arguments: vectors)
    func `a published vector is signed as published`(_ vector: Vector) {
        var request = vector.request
        if let token = vector.token { request.headers.append(.init("X-Amz-Security-Token", token)) }
        let once = Set(request.headers.map { $0.name.lowercased() })
        if once.count == request.headers.count {
            let steps = signer.steps(request, at: moment)
            #expect(steps.canonical == vector.canonical)
            #expect(steps.toSign == vector.toSign)
        }
        let signed = signer.signed(vector.request, by: Self.credentials(token: vector.token), at: moment)
        #expect(signed.headers.first { $0.name == "Authorization" }?.value == vector.authorization)
    }

    // MARK: S3

    /// The examples of "Signature Calculations for the Authorization Header" in the S3 API reference.
    private static let s3 = AWSCredentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        source: "test")
    private let s3Moment = Timestamp(rfc3339: "2013-05-24T00:00:00Z") ?? Timestamp(seconds: 0)
    private let s3Signer = SigV4(
        region: "us-east-1", service: "s3", style: .s3, cryptography: LibCrypto.cryptography)
    private static let bucket = "https://examplebucket.s3.amazonaws.com"

    @Test(arguments: [
        (
            HTTPRequest(.get, "\(bucket)/test.txt", headers: [.init("Range", "bytes=0-9")]),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        (
            HTTPRequest(
                .put, "\(bucket)/test$file.text",
                headers: [
                    .init("Date", "Fri, 24 May 2013 00:00:00 GMT"), .init("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ], body: Array("Welcome to Amazon S3.".utf8)),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        ),
        (HTTPRequest(.get, "\(bucket)/?lifecycle"), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        (
            HTTPRequest(.get, "\(bucket)/?max-keys=2&prefix=J"),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ])
    func `S3's examples are signed as published`(_ request: HTTPRequest, _ signature: String) {
        let signed = s3Signer.signed(request, by: Self.s3, at: s3Moment)
        let header = signed.headers.first { $0.name == "Authorization" }?.value
        #expect(header?.hasSuffix("Signature=\(signature)") == true, "\(header ?? "")")
    }

    @Test func `S3's example of a presigned URL comes out as published`() {
        let url = s3Signer.presigned(
            HTTPRequest(.get, "\(Self.bucket)/test.txt"), by: Self.s3, at: s3Moment, expires: .hours(24))
        #expect(
            url == "\(Self.bucket)/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    @Test func `an S3 path is escaped once, however it was written, and never normalised`() {
        func canonicalPath(_ path: String, _ signer: SigV4) -> String {
            let text = signer.steps(HTTPRequest(.get, Self.bucket + path), at: s3Moment).canonical
            return String(text.split(separator: "\n")[1])
        }
        for path in ["/a+b=c d", "/a%2Bb%3Dc%20d", "/a%2bb=c%20d"] {
            #expect(canonicalPath(path, s3Signer) == "/a%2Bb%3Dc%20d")
        }
        #expect(canonicalPath("/a//b/../c/", s3Signer) == "/a//b/../c/")
        #expect(canonicalPath("/a%20b", signer) == "/a%2520b")
    }

    @Test func `an unsigned payload is said, and the hash of a signed one is a header`() {
        let request = HTTPRequest(.put, "\(Self.bucket)/x", body: Array("body".utf8))
        func content(_ payload: SigV4.Payload) -> String? {
            s3Signer.signed(request, by: Self.s3, at: s3Moment, payload: payload).headers
                .first { $0.name == "X-Amz-Content-Sha256" }?.value
        }
        #expect(content(.unsigned) == "UNSIGNED-PAYLOAD")
        #expect(content(.hashed) == "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5")
    }

    // MARK: Around it

    @Test func `signing again replaces the old signature`() {
        let request = HTTPRequest(.post, "https://ec2.us-east-1.amazonaws.com/", body: Array("Action=X".utf8))
        let once = signer.signed(request, by: Self.credentials(token: "t1"), at: moment)
        let twice = signer.signed(once, by: Self.credentials(token: "t1"), at: moment)
        #expect(once == twice)
    }

    @Test func `the port is part of the host unless it is the scheme's own`() {
        #expect(CanonicalRequest.host(of: "http://127.0.0.1:5000/x") == "127.0.0.1:5000")
        #expect(CanonicalRequest.host(of: "https://Example.com:443?a") == "example.com")
        #expect(CanonicalRequest.host(of: "http://example.com:443/") == "example.com:443")
    }

    @Test func `what is secret in a signed request is marked so`() {
        let signed = signer.signed(
            HTTPRequest(.get, "https://example.com/"), by: Self.credentials(token: "t"), at: moment)
        let secrets = signed.headers.filter(\.isSecret).map(\.name)
        #expect(Set(secrets) == ["Authorization", "X-Amz-Security-Token"])
    }
}
