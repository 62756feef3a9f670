import Foundation
import TestSupport

/// Exchanges with Scaleway's API as JSON lines; the format is described in Tests/Recordings/scaleway/INDEX.md.
struct Recordings: Sendable {
    struct Exchange: Decodable, Sendable {
        var cassette: String?
        var seq: Int?
        var method: String
        var url: String
        var status: Int
        var response_headers: [String: String]?
        var response_body: String?

        var name: String { "\(cassette ?? "?")#\(seq ?? -1) \(method) \(url) \(status)" }
    }

    static let checkedIn = Golden.packageRoot.appending(path: "Tests/Recordings/scaleway/recordings")

    /// Another folder in the same format, from the variable `RECORDINGS`.
    static var folder: URL {
        ProcessInfo.processInfo.environment["RECORDINGS"].map { URL(filePath: $0) } ?? checkedIn
    }

    /// Read once: fourteen tests take their samples from here.
    static let ours = Result { try exchanges(in: checkedIn) }

    static func exchanges(in folder: URL) throws -> [Exchange] {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "jsonl" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
        return try files.flatMap { file in
            try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map {
                try JSONDecoder().decode(Exchange.self, from: Data($0))
            }
        }
    }
}
