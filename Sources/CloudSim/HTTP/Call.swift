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
    /// The parameters of a request to a Query API of AWS, which all go to `/`; nil for everything else.
    let form: [(name: String, value: String)]?
    /// `RunInstances`; of a request in JSON what its header names.
    let action: String?

    init(
        method: String, target: String, headers: [String: String] = [:], body: Data = Data(),
        caller: String = "127.0.0.1"
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(String.init) ?? ""
        segments = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        query = Self.pairs(parts.count > 1 ? parts[1] : "")
        (self.method, self.headers, self.body, self.caller) = (method, headers, body, caller)
        let target = headers["x-amz-target"]?.split(separator: ".").last.map(String.init)
        let isForm = headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        let pairs =
            segments.isEmpty && target == nil
            ? query + (isForm ? Self.pairs(String(decoding: body, as: UTF8.self)[...]) : []) : []
        action = segments.isEmpty ? target ?? pairs.first { $0.name == "Action" }?.value : nil
        form = action == nil ? nil : pairs
    }

    private static func pairs(_ text: Substring) -> [(name: String, value: String)] {
        text.split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? String($0) }
            return (pair.first ?? "", pair.count > 1 ? pair[1] : "")
        }
    }

    subscript(query name: String) -> String? { query.first { $0.name == name && !$0.value.isEmpty }?.value }

    /// Every value of a parameter, given repeatedly or separated by commas: clients do either.
    func values(_ name: String) -> [String] {
        query.filter { $0.name == name }.flatMap { $0.value.split(separator: ",").map(String.init) }
    }

    var isMutating: Bool {
        if isMetadata { return false }
        guard let action else { return method != "GET" && method != "HEAD" && method != "OPTIONS" }
        let isRead = ["Describe", "Get", "List"].contains { action.hasPrefix($0) }
        return !isRead && form?.contains { $0 == ("DryRun", "true") } != true
    }
    /// Whether it needs a sandbox.
    var startsMachines: Bool {
        if let action { return action == "RunInstances" || action == "StartInstances" }
        return segments.last == "action" && isMutating
    }
    var service: AWSDialect {
        if headers["x-amz-target"] != nil { return .ssm }
        return form?.contains { $0 == ("Version", "2011-06-15") } == true ? .sts : .ec2
    }
    var isControl: Bool { segments.first == "_sim" }
    /// A guest asks about itself: no request of a client.
    var isMetadata: Bool { segments.first == Metadata.root }

    /// The path with ids, zones and keys replaced by their names: what requests are counted by.
    var template: String {
        if let action { return "/?Action=\(action)" }
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
