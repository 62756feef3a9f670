import Foundation

/// The parameters of a request to a Query API. Lists count from 1: `InstanceId.1`, `Filter.2.Value.1`.
struct EC2Query: Sendable {
    let values: [String: String]
    /// How the parameters around these are called, for messages: `TagSpecification.1.`.
    private let path: String

    init(_ pairs: [(name: String, value: String)]) {
        values = Dictionary(pairs) { first, _ in first }
        path = ""
    }

    private init(values: [String: String], path: String) { (self.values, self.path) = (values, path) }

    subscript(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    func required(_ name: String) throws -> String {
        guard let value = self[name] else { throw EC2Error.missing(path + name) }
        return value
    }

    func int(_ name: String) throws -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text) else {
            throw EC2Error.invalid("Invalid value '\(text)' for \(path)\(name). Must be an integer.")
        }
        return number
    }

    func bool(_ name: String) throws -> Bool? {
        switch self[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        case let text?: throw EC2Error.invalid("Invalid value '\(text)' for \(path)\(name). Must be true or false.")
        }
    }

    /// The items of a list of values, in order.
    func list(_ name: String) -> [String] { members(name).compactMap { $0.values[""] } }

    func requiredList(_ name: String) throws -> [String] {
        let items = list(name)
        guard !items.isEmpty else { throw EC2Error.missing(path + name) }
        return items
    }

    /// The items of a list of structures, in order.
    func members(_ name: String) -> [EC2Query] {
        var items: [Int: [String: String]] = [:]
        for (key, value) in values where key.hasPrefix(name + ".") {
            let rest = key.dropFirst(name.count + 1).split(separator: ".", maxSplits: 1)
            guard let index = rest.first.flatMap({ Int($0) }) else { continue }
            items[index, default: [:]][rest.count > 1 ? String(rest[1]) : ""] = value
        }
        return items.sorted { $0.key < $1.key }.map { EC2Query(values: $0.value, path: "\(path)\(name).\($0.key).") }
    }

    /// The parameters below a name: `Placement.AvailabilityZone` as `AvailabilityZone`.
    func below(_ name: String) -> EC2Query {
        var found: [String: String] = [:]
        for (key, value) in values where key.hasPrefix(name + ".") {
            found[String(key.dropFirst(name.count + 1))] = value
        }
        return EC2Query(values: found, path: "\(path)\(name).")
    }

    var isEmpty: Bool { values.isEmpty }

    /// The first name that is in none of the families of parameters: `BlockDeviceMapping` stands for all that begin so.
    func stranger(to families: Set<String>) -> String? {
        values.keys.sorted().first { key in
            !families.contains(key.split(separator: ".").first.map(String.init) ?? key)
        }
    }

    /// All but what may differ when a request is sent again.
    var fingerprint: String {
        let volatile: Set = ["Action", "Version", "ClientToken", "DryRun"]
        return values.filter { !volatile.contains($0.key) }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
    }
}
