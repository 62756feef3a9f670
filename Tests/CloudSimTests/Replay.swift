import Foundation
import TestSupport

@testable import CloudSim

/// Sends a recorded lifecycle to a running cloudsim whose time stands still, and compares what comes back.
///
/// Compared: status, content type, presence of `Location`, `Link` and `X-Total-Count`, key sets and value types of every
/// body, and the sequence of states of each resource. Normalised, and nothing else:
/// 1. ids and addresses are mapped, recorded to simulated, as they first appear; the project is mapped from the start;
/// 2. texts and numbers are compared by type: names, dates, prices and sizes differ;
/// 3. while a recorded read shows another state, the simulated clock is moved on and the read repeated: the recording
///    polled every five seconds, so either side may show *transient* states that the other missed;
/// 4. keys that came or went between the recordings of 2019 to 2026 (`datedKeys`) may be missing on either side;
/// 5. of lists and maps of the catalogue (`openLists`) the first elements stand for all; their length differs by date, and
///    images are compared by architecture, whatever their order;
/// 6. `null` against a value passes for `openNulls`, which depend on the moment of the poll.
struct Replay {
    let api: SimulatedAPI
    var ids: [String: String]
    var findings: [String] = []
    var recordedStates: [String: [String]] = [:]
    var simulatedStates: [String: [String]] = [:]
    var compared = 0

    static let datedKeys: Set<String> = [
        "admin_password_encryption_ssh_key_id", "kms_key_id", "export_uri", "end_of_service", "filesystems", "dns",
        "creation_ip", "admin_password_encrypted_value", "public_ips", "ipam_id", "dest_ip_range", "error_details",
    ]
    static let openLists: Set<String> = ["compatible_commercial_types", "servers", "local_images"]
    static let openNulls: Set<String> = ["location", "last_detached_at"]
    /// Not part of the simulation; the replay leaves them out and says how many.
    static let otherServices = [
        "/vpc/", "/ipam/", "/iam/v1alpha1/applications", "/instance/v2alpha1/zones/fr-par-1/placement",
    ]

    private static let transient: Set<String> = [
        "starting", "stopping", "creating", "updating", "detaching", "attaching", "snapshotting", "in_use", "syncing",
        "available", "running", "attached",
    ]

    private struct Stop: Error {}

    init(api: SimulatedAPI) {
        self.api = api
        let projects = ["105bdce1-64c0-48ab-899d-868455867ecf", "fa1e3217-dc80-42ac-85c3-3f034b78b552"]
        ids = Dictionary(uniqueKeysWithValues: projects.map { ($0, api.cloud.projectID) })
    }

    mutating func run(_ exchanges: [Exchange]) async throws {
        for exchange in exchanges where !Self.otherServices.contains(where: exchange.target.contains) {
            do { try await play(exchange) } catch is Stop { return }
        }
        for (id, states) in recordedStates { compareStates(of: id, recorded: states) }
    }

    private func mapped(_ text: String) -> String {
        var text = text
        for (recorded, simulated) in ids where text.contains(recorded) {
            text = text.replacing(recorded, with: simulated)
        }
        return text
    }

    private mutating func play(_ exchange: Exchange) async throws {
        let target = mapped(exchange.target)
        let body = exchange.request_body.map(mapped)
        var answer = try await send(exchange, target, body)
        observe(answer, exchange)
        var moves = 0
        while exchange.method == "GET" || exchange.method == "DELETE", moves < 150, !matches(answer, exchange) {
            moves += 1
            _ = try await api.send("POST", "/_sim/clock", ["advance_seconds": .double(moves < 20 ? 0.5 : 1.5)])
            answer = try await send(exchange, target, body)
            observe(answer, exchange)
        }
        compared += 1
        let place = "\(exchange.seq) \(exchange.method) \(exchange.target)"
        if answer.status != exchange.status {
            findings.append(
                "\(place): status \(answer.status), recorded \(exchange.status): \(answer.text.prefix(300))")
        }
        compareHeaders(answer, exchange, place)
        guard let recorded = exchange.json else { return }
        if let id = exchange.subject, let state = recorded.state { append(state, to: id, in: \.recordedStates) }
        if exchange.status == 404, let id = exchange.subject { append("404", to: id, in: \.recordedStates) }
        // Waiting for one resource moved the clock past a passing state of another.
        if let state = recorded.state, state != answer.json.state, Self.transient.contains(state) { return }
        compare(recorded, answer.json, "", place)
    }

    private func send(_ exchange: Exchange, _ target: String, _ body: String?) async throws -> SimulatedAPI.Answer {
        let isText = target.contains("/user_data/") && exchange.method == "PATCH"
        let json = isText ? nil : body.flatMap { try? JSON.parse(Data($0.utf8)) }
        return try await api.send(exchange.method, target, json, text: isText ? body : nil)
    }

    /// Whether the simulation is where the recording is, as far as time decides it.
    private func matches(_ answer: SimulatedAPI.Answer, _ exchange: Exchange) -> Bool {
        guard answer.status == exchange.status else { return false }
        guard let recorded = exchange.json else { return true }
        return recorded.state == answer.json.state && recorded.signs == answer.json.signs
    }

    private mutating func observe(_ answer: SimulatedAPI.Answer, _ exchange: Exchange) {
        guard let id = exchange.subject else { return }
        if answer.status == 404 { append("404", to: id, in: \.simulatedStates) }
        if let state = answer.json.state { append(state, to: id, in: \.simulatedStates) }
    }

    private mutating func append(_ state: String, to id: String, in path: WritableKeyPath<Replay, [String: [String]]>) {
        if self[keyPath: path][id]?.last != state { self[keyPath: path][id, default: []].append(state) }
    }

    private mutating func compareStates(of id: String, recorded: [String]) {
        let simulated = simulatedStates[id] ?? []
        var rest = recorded[...]
        for state in simulated {
            if state == rest.first {
                rest = rest.dropFirst()
            } else if !Self.transient.contains(state) {
                findings.append(
                    "\(id): state \(state) was never recorded; recorded \(recorded), simulated \(simulated)")
            }
        }
        if !rest.isEmpty { findings.append("\(id): recorded \(recorded), simulated \(simulated)") }
    }

    private mutating func compareHeaders(_ answer: SimulatedAPI.Answer, _ exchange: Exchange, _ place: String) {
        var recorded: [String: String] = [:]
        for (name, value) in exchange.response_headers ?? [:] { recorded[name.lowercased()] = value }
        let type = recorded["content-type"]?.split(separator: ";").first
        if let type, answer.headers["content-type"]?.split(separator: ";").first != type {
            findings.append("\(place): content type \(answer.headers["content-type"] ?? "none"), recorded \(type)")
        }
        // Until 2025 a task had an id and a place of its own.
        let hadTask = exchange.json?["task"]?["description"] != "fake task" && exchange.status == 202
        for name in ["location", "link", "x-total-count"] where !(hadTask && name == "location") {
            guard (recorded[name] == nil) != (answer.headers[name] == nil) else { continue }
            findings.append("\(place): header \(name) is \(recorded[name] == nil ? "new" : "missing")")
        }
    }

    private mutating func compare(_ recorded: JSON, _ simulated: JSON, _ path: String, _ place: String) {
        let key = path.split(separator: ".").last.map(String.init) ?? ""
        switch (recorded, simulated) {
        case (.object(let old), .object(let new)):
            if Self.openLists.contains(key), old["id"] == nil { return }
            compare(old, new, path, place)
        case (.array(let old), .array(let new)):
            let isOpen = Self.openLists.contains(key)
            if !isOpen, old.count != new.count {
                findings.append("\(place): \(path) has \(new.count) elements, recorded \(old.count)")
            }
            // Images come in no particular order.
            func sorted(_ items: [JSON]) -> [JSON] { items.sorted { $0.kind < $1.kind } }
            for (old, new) in zip(sorted(old), sorted(new)).prefix(isOpen ? 2 : 100) { compare(old, new, path, place) }
        case (.string(let old), .string(let new)):
            if old.isIdentifier, new.isIdentifier, ids[old] == nil { ids[old] = new }
        case (.int, .int), (.int, .double), (.double, .int), (.double, .double), (.bool, .bool), (.null, .null): break
        case (.null, _) where Self.openNulls.contains(key), (_, .null) where Self.openNulls.contains(key): break
        default:
            findings.append("\(place): \(path) is \(simulated.text.prefix(120)), recorded \(recorded.text.prefix(120))")
        }
    }

    private mutating func compare(_ old: [String: JSON], _ new: [String: JSON], _ path: String, _ place: String) {
        for (key, value) in old {
            if let other = new[key] {
                compare(value, other, path + "." + key, place)
            } else if !Self.datedKeys.contains(key) {
                findings.append("\(place): \(path).\(key) is missing")
            }
        }
        for key in new.keys where old[key] == nil && !Self.datedKeys.contains(key) {
            findings.append("\(place): \(path).\(key) was never recorded")
        }
    }
}

extension Exchange {
    /// The resource whose life is followed: a server or a volume read by its id.
    fileprivate var subject: String? {
        guard method == "GET" else { return nil }
        let parts = (target.split(separator: "?").first ?? "").split(separator: "/")
        guard let last = parts.last, String(last).isIdentifier else { return nil }
        let isBlock = parts.first == "block"
        return (isBlock ? "block " : "") + (parts.dropLast().last ?? "") + "/" + last
    }
}

extension JSON {
    /// The state of the one resource in a reply, whatever it is wrapped in.
    fileprivate var state: String? {
        let inner = object?.count == 1 ? object?.values.first ?? self : self
        return inner["state"]?.string ?? inner["status"]?.string
    }

    fileprivate var kind: String { self["arch"].map { "\($0.string ?? "") \(self["type"]?.string ?? "")" } ?? "" }

    /// What else changes with time: references of a volume, public addresses and volumes of a server.
    fileprivate var signs: [String] {
        let inner = object?.count == 1 ? object?.values.first ?? self : self
        let references = inner["references"]?.array?.compactMap { $0["status"]?.string } ?? []
        let addresses = inner["public_ips"]?.array?.compactMap { $0["state"]?.string } ?? []
        let volumes =
            inner["volumes"]?.object?.sorted { $0.key < $1.key }.compactMap { $0.value["state"]?.string } ?? []
        let owner = inner["server"].map { $0.isNull ? "free" : "owned" }
        return references + addresses + volumes + (owner.map { [$0] } ?? [])
    }
}

extension String {
    fileprivate var isIdentifier: Bool {
        let parts = split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.joined().allSatisfy(\.isHexDigit)
    }
}
