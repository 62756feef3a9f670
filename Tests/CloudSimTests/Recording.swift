import Foundation

@testable import CloudSim

/// One recorded exchange with the real API.
struct Exchange: Decodable, Sendable {
    var seq: Int
    var method: String
    var url: String
    var request_headers: [String: String]?
    var request_body: String?
    var status: Int
    var response_headers: [String: String]?
    var response_body: String?

    /// Path and query, without the host.
    var target: String {
        guard let parts = URLComponents(string: url) else { return url }
        return parts.percentEncodedPath + (parts.percentEncodedQuery.map { "?" + $0 } ?? "")
    }

    var json: JSON? { response_body.flatMap { try? JSON.parse(Data($0.utf8)) } }
}

enum Recording {
    static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Recordings/scaleway/recordings")
    }

    static func load(_ name: String) throws -> [Exchange] {
        let text = try String(contentsOf: folder.appending(path: name + ".jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Exchange.self, from: Data($0.utf8)) }
    }
}
