import SpillwayCore
import Synchronization

/// Answers from a closure and remembers what was asked: for answers that no honest cloud gives on demand.
final class CannedHTTP: HTTPClient {
    private let asked = Mutex<[HTTPRequest]>([])
    private let answer: @Sendable (HTTPRequest, _ number: Int) throws(HTTPFailure) -> HTTPResponse

    /// `number` counts the requests from 1.
    init(_ answer: @escaping @Sendable (HTTPRequest, _ number: Int) throws(HTTPFailure) -> HTTPResponse) {
        self.answer = answer
    }

    convenience init(always response: HTTPResponse) {
        self.init { _, _ in response }
    }

    /// What would be answered, without remembering that it was asked.
    func answer(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse { try answer(request, 0) }

    var requests: [HTTPRequest] { asked.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let number = asked.withLock { asked in
            asked.append(request)
            return asked.count
        }
        return try answer(request, number)
    }
}

extension HTTPResponse {
    static func json(_ status: Int, _ text: String, headers: [(String, String)] = []) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [.init("content-type", "application/json")] + headers.map { .init($0.0, $0.1) },
            body: Array(text.utf8))
    }

    static func text(_ status: Int, _ text: String, type: String = "text/plain") -> HTTPResponse {
        HTTPResponse(status: status, headers: [.init("content-type", type)], body: Array(text.utf8))
    }
}

extension HTTPRequest {
    var path: String { String(url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }) }
    var text: String { String(decoding: body ?? [], as: UTF8.self) }
}
