import Foundation
import TestSupport

@testable import CloudSim

/// A small client of the simulated EC2, for tests: it signs, and says what came back.
struct SimulatedEC2: Sendable {
    let cloud: CloudSimProcess
    /// What a test spoils.
    var accessKeyID: String?
    var secret: String?
    var token: String?
    var date = Date()
    var region = "us-east-1"
    var service = "ec2"
    var isSigned = true

    struct Answer: Sendable {
        var status: Int
        var text: String
        var headers: [String: String]

        /// The text of the first element of a name.
        subscript(_ name: String) -> String? { all(name).first }

        func all(_ name: String) -> [String] {
            text.components(separatedBy: "<\(name)>").dropFirst().map {
                $0.components(separatedBy: "</\(name)>").first ?? ""
            }
        }

        var code: String? { self["Code"] }
    }

    func send(_ action: String, _ parameters: [String: String] = [:], method: String = "POST") async throws -> Answer {
        let version = service == "sts" ? "2011-06-15" : "2016-11-15"
        let all = parameters.merging(["Action": action, "Version": version]) { own, _ in own }
        let form = all.sorted { $0.key < $1.key }.map { "\(Self.encoded($0.key))=\(Self.encoded($0.value))" }
            .joined(separator: "&")
        let isGet = method == "GET"
        return try await exchange(method, query: isGet ? form : "", body: isGet ? "" : form)
    }

    private func exchange(_ method: String, query: String, body: String) async throws -> Answer {
        let host = String(cloud.ec2.endpoint_url.dropFirst("http://".count))
        let parts = host.split(separator: ":")
        var headers = ["host": host, "x-amz-date": stamp]
        if let token { headers["x-amz-security-token"] = token }
        if method == "POST" { headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8" }
        if isSigned { headers["authorization"] = authorization(method, query: query, headers, body: body) }
        let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
        let head =
            "\(method) /\(query.isEmpty ? "" : "?" + query) HTTP/1.1\r\n\(lines)Connection: close\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n"
        let (answer, content) = try await PlainHTTP.exchange(
            host: String(parts[0]), port: UInt16(parts[1]) ?? 0, head: head, body: Data(body.utf8))
        var got: [String: String] = [:]
        for line in answer.split(separator: "\r\n").dropFirst() {
            let field = line.split(separator: ":", maxSplits: 1)
            if field.count == 2 { got[field[0].lowercased()] = String(field[1]).trimmed }
        }
        let status = answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(status: status, text: String(decoding: content, as: UTF8.self), headers: got)
    }

    private var stamp: String {
        Instant(microseconds: Int64(date.timeIntervalSince1970 * 1_000_000)).basicText
    }

    private func authorization(
        _ method: String, query: String, _ headers: [String: String], body: String
    ) -> String {
        let names = headers.keys.sorted()
        let canonical = [
            method, "/", query, names.map { "\($0):\(headers[$0] ?? "")\n" }.joined(), names.joined(separator: ";"),
            SHA256.hex(SHA256.digest(Array(body.utf8))),
        ].joined(separator: "\n")
        let scope = [String(stamp.prefix(8)), region, service, "aws4_request"]
        let text = [
            "AWS4-HMAC-SHA256", stamp, scope.joined(separator: "/"), SHA256.hex(SHA256.digest(Array(canonical.utf8))),
        ].joined(separator: "\n")
        let seed = Array("AWS4\(secret ?? cloud.ec2.secret_access_key)".utf8)
        let key = scope.reduce(seed) { SHA256.hmac(key: $0, Array($1.utf8)) }
        return "AWS4-HMAC-SHA256 Credential=\(accessKeyID ?? cloud.ec2.access_key_id)/\(scope.joined(separator: "/")), "
            + "SignedHeaders=\(names.joined(separator: ";")), "
            + "Signature=\(SHA256.hex(SHA256.hmac(key: key, Array(text.utf8))))"
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: Self.plain) ?? text
    }

    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    // MARK: Short cuts

    var control: SimulatedAPI { SimulatedAPI(cloud: cloud) }

    func imageID(_ alias: String = "*ubuntu-noble*-amd64-*", owner: String = "099720109477") async throws -> String {
        let answer = try await send(
            "DescribeImages", ["Owner.1": owner, "Filter.1.Name": "name", "Filter.1.Value.1": alias])
        return answer["imageId"] ?? ""
    }

    func run(_ more: [String: String] = [:]) async throws -> Answer {
        let standard = [
            "ImageId": try await imageID(), "InstanceType": "t3.small", "MinCount": "1", "MaxCount": "1",
        ]
        return try await send("RunInstances", standard.merging(more) { _, new in new })
    }

    /// Asks until an instance is as wanted; a test's own time limit bounds it.
    @discardableResult
    func wait(_ id: String, state: String) async throws -> Answer {
        while true {
            let answer = try await send("DescribeInstances", ["InstanceId.1": id])
            if answer["instanceState"]?.contains("<name>\(state)</name>") == true { return answer }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
