import Foundation
import FoundationNetworking
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
        guard let url = URL(string: cloud.apiURL + path) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.setValue(token ?? cloud.secretKey, forHTTPHeaderField: "X-Auth-Token")
        request.setValue(text == nil ? "application/json" : "text/plain", forHTTPHeaderField: "Content-Type")
        request.httpBody = body?.data ?? text.map { Data($0.utf8) }
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
        return Answer(status: response.statusCode, headers: headers, body: data)
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
