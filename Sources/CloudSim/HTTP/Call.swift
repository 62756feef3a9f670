import Foundation

/// One HTTP request, taken apart far enough for a face to answer it.
struct Call: Sendable {
    var method: String
    /// The path as sent, still percent-encoded.
    var path: String
    var segments: [String]
    var query: [(name: String, value: String)]
    var headers: [String: String]
    var body: Data
    var caller: String

    init(
        method: String, target: String, headers: [String: String] = [:], body: Data = Data(),
        caller: String = "127.0.0.1"
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(String.init) ?? ""
        segments = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? String($0) }
            return (pair.first ?? "", pair.count > 1 ? pair[1] : "")
        }
        (self.method, self.headers, self.body, self.caller) = (method, headers, body, caller)
    }

    subscript(query name: String) -> String? { query.first { $0.name == name && !$0.value.isEmpty }?.value }

    /// Every value of a parameter, given repeatedly or separated by commas: clients do either.
    func values(_ name: String) -> [String] {
        query.filter { $0.name == name }.flatMap { $0.value.split(separator: ",").map(String.init) }
    }

    var isMutating: Bool { method != "GET" && method != "HEAD" && method != "OPTIONS" }
    var isControl: Bool { segments.first == "_sim" }

    /// The path with ids, zones and keys replaced by their names: what requests are counted by.
    var template: String {
        var previous = ""
        var out = ""
        for segment in segments {
            out += "/"
            switch previous {
            case "zones": out += "{zone}"
            case "regions": out += "{region}"
            case "user_data": out += "{key}"
            case "api-keys": out += "{access_key}"
            default: out += segment.count == 36 && segment.filter({ $0 == "-" }).count == 4 ? "{id}" : segment
            }
            previous = segment
        }
        return out
    }
}
