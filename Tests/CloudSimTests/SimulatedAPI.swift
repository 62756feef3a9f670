import Foundation
import TestSupport

@testable import CloudSim

/// A small client of the simulated cloud, for tests.
struct SimulatedAPI: Sendable {
    let cloud: CloudSimProcess
    var zone = "fr-par-1"

    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        var body: Data
        var json: JSON { (try? JSON.parse(body)) ?? .null }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    var instance: String { "/instance/v1/zones/\(zone)" }
    var block: String { "/block/v1/zones/\(zone)" }

    func send(
        _ method: String, _ path: String, _ body: JSON? = nil, text: String? = nil, token: String? = nil
    ) async throws -> Answer {
        let parts = cloud.apiURL.dropFirst("http://".count).split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { throw URLError(.badURL) }
        let data = body?.data ?? text.map { Data($0.utf8) } ?? Data()
        let type = text == nil ? "application/json" : "text/plain"
        let head = """
            \(method) \(path) HTTP/1.1\r
            Host: \(parts[0]):\(port)\r
            Connection: close\r
            X-Auth-Token: \(token ?? cloud.secretKey)\r
            Content-Type: \(type)\r
            Content-Length: \(data.count)\r
            \r

            """
        let (answer, content) = try await PlainHTTP.exchange(host: String(parts[0]), port: port, head: head, body: data)
        let lines = answer.split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let field = line.split(separator: ":", maxSplits: 1)
            if field.count == 2 { headers[field[0].lowercased()] = String(field[1]).trimmed }
        }
        return Answer(status: status, headers: headers, body: content)
    }

    func get(_ path: String) async throws -> Answer { try await send("GET", path) }

    func imageID(_ label: String = "ubuntu_jammy", type: String = "instance_sbs") async throws -> String {
        let path = "/marketplace/v2/local-images?image_label=\(label)&zone=\(zone)&type=\(type)"
        let images = try await get(path).json["local_images"]?.array ?? []
        return images.first { $0["arch"] == "x86_64" }?["id"]?.string ?? ""
    }

    func createAddress() async throws -> (id: String, address: String) {
        let ip = try await send("POST", instance + "/ips", ["project": .string(cloud.projectID)]).json["ip"]
        return (ip?["id"]?.string ?? "", ip?["address"]?.string ?? "")
    }

    func createServer(_ more: JSON = [:]) async throws -> JSON {
        let body: JSON = [
            "name": "worker", "commercial_type": "DEV1-S", "image": .string(try await imageID()),
            "project": .string(cloud.projectID), "dynamic_ip_required": false,
        ]
        let answer = try await send("POST", instance + "/servers", body.merging(more.object ?? [:]))
        return answer.json["server"] ?? answer.json
    }

    func act(_ action: String, on id: String) async throws -> Answer {
        try await send("POST", instance + "/servers/\(id)/action", ["action": .string(action)])
    }

    func server(_ id: String) async throws -> JSON {
        try await get(instance + "/servers/\(id)").json["server"] ?? .null
    }

    /// Asks until the answer is as wanted; a test's own time limit bounds it.
    func wait(_ path: String, until isDone: (Answer) -> Bool) async throws -> Answer {
        while true {
            let answer = try await get(path)
            if isDone(answer) { return answer }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func wait(server id: String, state: String) async throws {
        _ = try await wait(instance + "/servers/\(id)") { $0.json["server"]?["state"]?.string == state }
    }
}
