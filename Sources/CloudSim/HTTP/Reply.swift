import Foundation

/// What a face answers.
struct Reply: Sendable {
    var status: Int
    var headers: [String: String]
    var body: Data

    init(status: Int, headers: [String: String] = [:], body: Data = Data()) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    static func json(_ value: JSON, status: Int = 200, headers: [String: String] = [:]) -> Reply {
        Reply(
            status: status, headers: headers.merging(["Content-Type": "application/json"]) { own, _ in own },
            body: value.data)
    }

    static func text(_ text: String, status: Int = 200) -> Reply {
        Reply(status: status, headers: ["Content-Type": "text/plain"], body: Data(text.utf8))
    }

    /// 204, with the content type that the real API sends even then.
    static func empty(type: String = "application/json") -> Reply {
        Reply(status: 204, headers: ["Content-Type": type])
    }
}
