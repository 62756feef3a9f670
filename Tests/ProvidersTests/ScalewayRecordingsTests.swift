import Foundation
import SpillwayCore
import TestSupport
import Testing

@testable import SpillwayProviders

@Suite struct ScalewayRecordingsTests {
    /// `make test-recordings RECORDINGS=DIR` runs this over another folder.
    @Test func `every recorded body that the provider reads decodes`() throws {
        var (decoded, skipped) = (0, 0)
        var failed: [String] = []
        for exchange in try Recordings.exchanges(in: Recordings.folder) {
            switch Self.verdict(exchange) {
            case .decoded: decoded += 1
            case .skipped: skipped += 1
            case .failed(let why): failed.append("\(exchange.name): \(why)")
            }
        }
        print("\(decoded) bodies decoded, \(skipped) skipped, \(failed.count) failed")
        #expect(failed.isEmpty, "\(failed.joined(separator: "\n"))")
        #expect(decoded > 0, "no body of a path that the provider uses in \(Recordings.folder.path())")
    }

    private enum Verdict {
        case decoded, skipped
        case failed(String)
    }

    private static func verdict(_ exchange: Recordings.Exchange) -> Verdict {
        let (method, path) = (exchange.method, exchange.path)
        let used = UsedBody.reading(exchange)
        guard used != nil || UsedBody.isUnread(method, path), let body = exchange.response_body else { return .skipped }
        guard exchange.status < 300 else { return errorVerdict(exchange, body) }
        guard let used else { return body.isEmpty || isJSON(body) || method == "GET" ? .decoded : .failed("not JSON") }
        do {
            try used.decode(Data(body.utf8))
            return .decoded
        } catch {
            return .failed(explain(error))
        }
    }

    /// An error answer has to become a kind that says something.
    private static func errorVerdict(_ exchange: Recordings.Exchange, _ body: String) -> Verdict {
        let response = HTTPResponse(
            status: exchange.status,
            headers: (exchange.response_headers ?? [:]).map { .init($0.key.lowercased(), $0.value) },
            body: Array(body.utf8))
        // A missing key of the user data is told by an empty text, which the provider knows.
        if exchange.path.contains("/user_data/"), exchange.status == 404, body.isEmpty { return .decoded }
        let error = ScalewayErrors.error("replay", response, effect: .read)
        return error.kind == .malformedAnswer ? .failed("\(error.kind): \(error.detail)") : .decoded
    }

    private static func isJSON(_ text: String) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
    }

    // MARK: Required fields

    /// Takes each field out of recorded bodies in turn: exactly those that the provider uses must be missed.
    @Test(arguments: UsedBody.all)
    func `each used field is required and no other is`(_ used: UsedBody) throws {
        var missed: Set<String> = []
        var spared: Set<String> = []
        var tries: [String: Int] = [:]
        for body in try samples(of: used).map(Self.trimmed) {
            try used.decode(try JSONSerialization.data(withJSONObject: body))
            for path in Self.paths(body) {
                let general = Self.general(path, in: body)
                // Taking an element out of a list takes no field away; a field of many elements needs few tries.
                guard !general.hasSuffix("*"), tries[general, default: 0] < 4 else { continue }
                tries[general, default: 0] += 1
                let without = try JSONSerialization.data(withJSONObject: Self.removing(path[...], from: body))
                do {
                    try used.decode(without)
                    spared.insert(general)
                } catch {
                    missed.insert(general)
                }
            }
        }
        #expect(missed == used.fields)
        #expect(missed.isDisjoint(with: spared))
    }

    /// Bodies that show every field at least once; listings that were never recorded are made of recorded objects.
    private func samples(of used: UsedBody) throws -> [Any] {
        let exchanges = try Recordings.ours.get().filter { $0.status < 300 }
        func recorded(_ used: UsedBody) throws -> [Any] {
            try exchanges.filter { UsedBody.reading($0)?.name == used.name }.compactMap(\.response_body)
                .map { try JSONSerialization.jsonObject(with: Data($0.utf8)) }
        }
        func listing(of name: String, wrapped key: String?, as list: String, _ more: [String: Any] = [:]) throws
            -> [Any]
        {
            let single = try #require(UsedBody.all.first { $0.name == name })
            let items = Self.varied(try recorded(single)).map {
                key == nil ? $0 : ($0 as? [String: Any])?[key ?? ""] as Any
            }
            return [more.merging([list: items]) { $1 }]
        }
        if used.name == "groups" {
            let group = try #require(UsedBody.all.first { $0.name == "group" })
            let items = try samples(of: group).compactMap { ($0 as? [String: Any])?["security_group"] }
            return [["security_groups": items]]
        }
        switch used.name {
        case "addresses": return try listing(of: "address", wrapped: "ip", as: "ips")
        case "local volumes": return try listing(of: "local volume", wrapped: "volume", as: "volumes")
        case "block volumes": return try listing(of: "block volume", wrapped: nil, as: "volumes", ["total_count": 1])
        case "servers": return try listing(of: "server", wrapped: "server", as: "servers")
        case "types": return [try Self.types()]
        case "group": return try Self.inUse(Self.varied(try recorded(used)))
        default: return Self.varied(try recorded(used))
        }
    }

    /// No recorded group has servers; the official SDK's type says what stands there.
    private static func inUse(_ groups: [Any]) throws -> [Any] {
        var answer = try #require(groups.first as? [String: Any])
        var group = try #require(answer["security_group"] as? [String: Any])
        group["servers"] = [["id": "c633e742-02c8-4ae7-a465-5fe8e4b1715f", "name": "tf-server"]]
        answer["security_group"] = group
        return groups + [answer]
    }

    /// Long lists of plain values, and long maps of equals, say no more than short ones.
    private static func trimmed(_ value: Any) -> Any {
        if let map = value as? [String: Any] {
            let isCollection = map.count > 3 && map.values.allSatisfy { $0 is [String: Any] }
            let kept = isCollection ? map.filter { $0.key <= map.keys.sorted()[2] } : map
            return kept.mapValues(trimmed)
        }
        guard let list = value as? [Any] else { return value }
        return list.first is [String: Any] ? list.prefix(12).map(trimmed) : Array(list.prefix(1))
    }

    /// One type of each family is enough, and some GPUs.
    private static func types() throws -> Any {
        let file = Golden.packageRoot.appending(path: "Tests/Recordings/scaleway/products/products-fr-par-2.json")
        let all = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        let servers = try #require(all?["servers"] as? [String: Any])
        return ["servers": servers.filter { ["DEV1-S", "L4-1-24G", "POP2-2C-8G"].contains($0.key) }]
    }

    /// At most a handful, of as many different shapes as there are.
    private static func varied(_ bodies: [Any]) -> [Any] {
        var seen: Set<Set<String>> = []
        return bodies.filter { body in seen.insert(Set(paths(body).map { general($0, in: body) })).inserted }
    }

    private static func paths(_ value: Any) -> [[String]] {
        children(value).flatMap { key, child in [[key]] + paths(child).map { [key] + $0 } }
    }

    private static func children(_ value: Any) -> [(String, Any)] {
        if let map = value as? [String: Any] { return map.map { ($0.key, $0.value) } }
        if let list = value as? [Any] { return list.enumerated().map { (String($0.offset), $0.element) } }
        return []
    }

    private static func removing(_ path: ArraySlice<String>, from value: Any) -> Any {
        guard let key = path.first else { return value }
        if var map = value as? [String: Any] {
            map[key] = path.count == 1 ? nil : map[key].map { removing(path.dropFirst(), from: $0) }
            return map
        }
        guard var list = value as? [Any], let index = Int(key) else { return value }
        if path.count == 1 {
            list.remove(at: index)
        } else {
            list[index] = removing(path.dropFirst(), from: list[index])
        }
        return list
    }

    /// List indexes, and the keys of maps that are collections, become `*`.
    private static func general(_ path: [String], in body: Any) -> String {
        var value: Any = body
        var words: [String] = []
        for key in path {
            let isCollection = words.last == "volumes" || (words == ["servers"] && value is [String: Any])
            if let list = value as? [Any], let index = Int(key) {
                words.append("*")
                value = list[index]
            } else {
                words.append(isCollection ? "*" : key)
                value = (value as? [String: Any])?[key] ?? NSNull()
            }
        }
        return words.joined(separator: ".")
    }
}
