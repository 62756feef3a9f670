package import Foundation
import FoundationNetworking

/// What a simulated cloud holds, as `GET /_sim/world` counts it.
package struct SimulatedWorld: Decodable, Sendable, Hashable {
    package var servers: Int
    package var servers_powered: Int
    /// The most that were ever on at once.
    package var servers_powered_most: Int
    package var volumes: Int
    package var block_volumes: Int
    package var ips: Int
    package var security_groups: Int
    package var ssh_keys: Int
    package var sandboxes: Int
    package var is_empty: Bool
}

/// Requests so far, as `GET /_sim/requests` counts them.
package struct SimulatedRequests: Decodable, Sendable, Hashable {
    package var total: Int
    package var mutating: Int
    package var polls: Int
    package var by_path: [String: Int]
}

/// Everything that exists, as `GET /_sim/inventory` tells it, whatever listings say.
package struct SimulatedInventory: Decodable, Sendable {
    package struct Resource: Decodable, Sendable {
        package var kind: String
        package var id: String
        package var tags: [String]
        /// The server it hangs on.
        package var of: String?
    }

    package struct Server: Decodable, Sendable {
        package var id: String
        package var tags: [String]
    }

    package var resources: [Resource]
    package var ever_powered: [Server]
}

/// A rule for misbehaving; see Sources/CloudSim/Control/Fault.swift.
package struct SimulatedFault: Encodable, Sendable {
    package struct Match: Encodable, Sendable {
        package var method: String?
        package var path: String?
        package var body: String?

        package init(method: String? = nil, path: String? = nil, body: String? = nil) {
            (self.method, self.path, self.body) = (method, path, body)
        }
    }

    /// Which of the requests that match, counted from 1.
    package enum Nth: Encodable, Sendable, ExpressibleByIntegerLiteral {
        case one(Int)
        case some([Int])
        case all

        package init(integerLiteral value: Int) { self = .one(value) }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .one(let number): try container.encode(number)
            case .some(let numbers): try container.encode(numbers)
            case .all: try container.encode("all")
            }
        }
    }

    package var match: Match
    package var nth: Nth
    package var `do`: String
    package var seconds: Double?
    package var status: Int?
    package var body: String?
    package var content_type: String?

    package init(
        _ action: String, method: String? = nil, path: String? = nil, nth: Nth = 1, seconds: Double? = nil,
        status: Int? = nil, body: String? = nil, type: String? = nil
    ) {
        match = Match(method: method, path: path)
        self.nth = nth
        self.do = action
        (self.seconds, self.status, self.body, content_type) = (seconds, status, body, type)
    }
}

extension CloudSimProcess {
    /// A request to the control API or, with the cloud's key, to the public one.
    package func ask(_ method: String, _ path: String, _ body: Data? = nil) async throws -> Data {
        guard let url = URL(string: apiURL + path) else { throw Failure(description: "bad path \(path)") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body
        request.setValue(secretKey, forHTTPHeaderField: "X-Auth-Token")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let status = (response as? HTTPURLResponse)?.statusCode, status < 300 else {
            throw Failure(description: "\(method) \(path): \(String(decoding: data, as: UTF8.self))")
        }
        return data
    }

    package func world() async throws -> SimulatedWorld {
        try JSONDecoder().decode(SimulatedWorld.self, from: try await ask("GET", "/_sim/world"))
    }

    package func inventory() async throws -> SimulatedInventory {
        try JSONDecoder().decode(SimulatedInventory.self, from: try await ask("GET", "/_sim/inventory"))
    }

    /// From now on listings show what was `milliseconds` ago.
    package func lag(milliseconds: Int) async throws {
        _ = try await ask("POST", "/_sim/lag", try JSONEncoder().encode(["listings_ms": milliseconds]))
    }

    package func requests() async throws -> SimulatedRequests {
        try JSONDecoder().decode(SimulatedRequests.self, from: try await ask("GET", "/_sim/requests"))
    }

    package func misbehave(_ faults: SimulatedFault...) async throws { try await misbehave(faults) }

    package func misbehave(_ faults: [SimulatedFault]) async throws {
        _ = try await ask("PUT", "/_sim/faults", try JSONEncoder().encode(faults))
    }

    package func behave() async throws { _ = try await ask("DELETE", "/_sim/faults") }

    /// How many of the requests that a rule matched it was applied to, over all rules.
    package func misbehaved() async throws -> Int {
        struct Fired: Decodable { var fired: Int? }
        let data = try await ask("GET", "/_sim/faults")
        return try JSONDecoder().decode([Fired].self, from: data).reduce(0) { $0 + ($1.fired ?? 0) }
    }

    package func setStock(_ zone: String, _ type: String, _ availability: String) async throws {
        let body = ["zone": zone, "type": type, "availability": availability]
        _ = try await ask("PUT", "/_sim/stock", try JSONEncoder().encode(body))
    }

    /// Ids of the servers of a zone, asked through the public API.
    package func serverIDs(zone: String = "fr-par-1") async throws -> [String] {
        struct Servers: Decodable {
            struct Server: Decodable { var id: String }
            var servers: [Server]
        }
        let data = try await ask("GET", "/instance/v1/zones/\(zone)/servers?per_page=100")
        return try JSONDecoder().decode(Servers.self, from: data).servers.map(\.id)
    }

    /// What is left in the zones, asked through the public API alone: "2 servers in fr-par-1". Empty when nothing is.
    package func leftovers(in zones: [String]) async throws -> [String] {
        var left: [String] = []
        for zone in zones {
            for (path, key) in [
                ("/instance/v1/zones/\(zone)/servers", "servers"), ("/instance/v1/zones/\(zone)/volumes", "volumes"),
                ("/block/v1/zones/\(zone)/volumes", "volumes"), ("/instance/v1/zones/\(zone)/ips", "ips"),
                ("/instance/v1/zones/\(zone)/security_groups", "security_groups"),
            ] {
                let count = try await count(path, key)
                if count > 0 { left.append("\(count) of \(path)") }
            }
        }
        let keys = try await count("/iam/v1alpha1/ssh-keys", "ssh_keys")
        return keys > 0 ? left + ["\(keys) ssh keys"] : left
    }

    /// The group that a project has by itself is not counted.
    private func count(_ path: String, _ key: String) async throws -> Int {
        let data = try await ask("GET", path)
        let page = try JSONDecoder().decode([String: Anything].self, from: data)
        guard case .list(let items)? = page[key] else { throw Failure(description: "\(path) has no \(key)") }
        return items.count { $0 != true }
    }

    /// Of a JSON document only its lists of objects matter, and whether each is a project's own.
    private enum Anything: Decodable {
        case list([Bool])
        case other

        private struct Item: Decodable { var project_default: Bool? }

        init(from decoder: any Decoder) throws {
            let items = try? decoder.singleValueContainer().decode([Item].self)
            self = items.map { .list($0.map { $0.project_default ?? false }) } ?? .other
        }
    }
}
