import Foundation

/// A rule for misbehaving: which requests, and what happens to them.
struct Fault: Sendable, Codable {
    struct Match: Sendable, Codable {
        /// A regular expression for the whole of it: "POST", "POST|DELETE".
        var method: String?
        /// Regular expressions, found anywhere in the path with its query, or in the body.
        var path: String?
        var body: String?
        /// A regular expression for the whole of an EC2 action: "RunInstances|CreateTags".
        var action: String?
    }

    enum Action: String, Sendable, Codable {
        /// The connection closes and the cloud never sees the request.
        case drop_before
        /// The cloud has done it; the client gets a closed connection.
        case drop_after
        /// The client gets the headers and half of the body.
        case drop_mid
        /// Wait before doing it.
        case delay
        /// Do it, then wait before answering.
        case delay_after
        /// Do it, hold the connection, close it.
        case hang
        /// Hold the connection, close it; never do it.
        case hang_before
        /// Answer with `status` without doing it.
        case status
        /// Do it twice and answer the second, as a retrying middlebox would.
        case duplicate
    }

    /// Which of the matching requests, counted from 1: a number, several, or all.
    enum Nth: Sendable, Codable {
        case some([Int])
        case all

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Int.self) {
                self = .some([number])
            } else if let numbers = try? value.decode([Int].self) {
                self = .some(numbers)
            } else if try value.decode(String.self) == "all" {
                self = .all
            } else {
                throw DecodingError.dataCorruptedError(in: value, debugDescription: "a number, a list or \"all\"")
            }
        }

        func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            switch self {
            case .some(let numbers): try value.encode(numbers)
            case .all: try value.encode("all")
            }
        }
    }

    var match: Match?
    var nth: Nth?
    var `do`: Action
    var seconds: Double?
    var status: Int?
    /// The error of AWS that a `status` fault answers with: "RequestLimitExceeded".
    var code: String?
    var message: String?
    var body: JSON?
    var content_type: String?
    var headers: [String: String]?
    var seen: Int?
    var fired: Int?

    /// The answer of a `status` fault: a body given as text goes out as it is.
    func reply(to call: Call) -> Reply {
        if let code, call.action != nil {
            return EC2Error(code, message ?? code, status: status ?? 503).reply(call.service)
        }
        var reply = Reply(status: status ?? 503, headers: headers ?? [:])
        switch body {
        case nil, .null: break
        case .string(let text): reply.body = Data(text.utf8)
        case let body?: reply.body = body.data
        }
        if let type = content_type ?? (reply.body.isEmpty ? nil : "application/json") {
            reply.headers["Content-Type"] = type
        }
        return reply
    }

    func matches(_ call: Call, target: String) -> Bool {
        func finds(_ pattern: String?, in text: String) -> Bool {
            guard let pattern else { return true }
            return text.range(of: pattern, options: .regularExpression) != nil
        }
        return finds(match?.method.map { "^(\($0))$" }, in: call.method) && finds(match?.path, in: target)
            && (match?.action == nil || call.action != nil)
            && finds(match?.action.map { "^(\($0))$" }, in: call.action ?? "")
            && finds(match?.body, in: String(decoding: call.body, as: UTF8.self))
    }
}

/// The rules in force.
struct Faults: Sendable {
    var rules: [Fault] = []

    /// The first rule that applies to this request; every matching rule counts it.
    mutating func pick(_ call: Call, target: String) -> Fault? {
        var hit: Fault?
        for index in rules.indices where rules[index].matches(call, target: target) {
            let seen = (rules[index].seen ?? 0) + 1
            rules[index].seen = seen
            let applies =
                switch rules[index].nth ?? .some([1]) {
                case .all: true
                case .some(let numbers): numbers.contains(seen)
                }
            if hit == nil, applies {
                rules[index].fired = (rules[index].fired ?? 0) + 1
                hit = rules[index]
            }
        }
        return hit
    }
}
