import FlyingFox
import FlyingSocks
import Foundation

/// HTTP in front of the cloud: takes requests apart, misbehaves where a fault says so, writes the request log.
struct Gateway: HTTPHandler {
    let cloud: Cloud

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        let began = Instant.now()
        let target = request.target.rawValue
        var headers: [String: String] = [:]
        for header in request.headers { headers[header.key.rawValue.lowercased()] = header.value }
        var call = Call(
            method: request.method.rawValue, target: target, headers: headers, body: try await request.bodyData)
        if case .ip4(let address, _) = request.remoteAddress { call.caller = address }
        let fault = await cloud.pickFault(call, target: target)
        let (response, status) = try await answer(call, fault)
        await cloud.record(call, status: status, seconds: Instant.now() - began, fault: fault?.do.rawValue)
        return response
    }

    private func answer(_ call: Call, _ fault: Fault?) async throws -> (HTTPResponse, Int) {
        func pause() async throws { try await Task.sleep(for: .seconds(fault?.seconds ?? 1)) }
        switch fault?.do {
        case .drop_before: return (.dropped, 0)
        case .hang_before:
            try await pause()
            return (.dropped, 0)
        case .status:
            let reply = fault?.reply(to: call) ?? Reply(status: 503)
            return (HTTPResponse(reply), reply.status)
        case .delay: try await pause()
        case .duplicate: _ = await cloud.answer(call)
        default: break
        }
        let reply = await cloud.answer(call)
        switch fault?.do {
        case .drop_after: return (.dropped, 0)
        case .hang:
            try await pause()
            return (.dropped, 0)
        case .delay_after: try await pause()
        case .drop_mid: return (HTTPResponse(reply, truncated: true), reply.status)
        default: break
        }
        return (HTTPResponse(reply), reply.status)
    }
}

extension HTTPResponse {
    init(_ reply: Reply, truncated: Bool = false) {
        var headers = HTTPHeaders()
        headers[HTTPHeader("Server")] = "cloudsim"
        headers[HTTPHeader("X-Request-Id")] = UUID().uuidString.lowercased()
        for (name, value) in reply.headers { headers[HTTPHeader(name)] = value }
        let code = HTTPStatusCode(reply.status, phrase: Self.phrases[reply.status] ?? "Status")
        if truncated {
            let bytes = TruncatedBytes(bytes: Array(reply.body.prefix(reply.body.count / 2)))
            let body = HTTPBodySequence(from: bytes, count: max(1, reply.body.count))
            self.init(statusCode: code, headers: headers, body: body)
        } else {
            self.init(statusCode: code, headers: headers, body: reply.body)
        }
    }

    /// A connection that closes without an answer: the server closes it when an upgrade cannot be made.
    static var dropped: HTTPResponse { HTTPResponse(webSocket: DroppingHandler()) }

    private static let phrases = [
        200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 400: "Bad Request", 401: "Unauthorized",
        403: "Forbidden", 404: "Not Found", 409: "Conflict", 412: "Precondition Failed", 429: "Too Many Requests",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    ]
}

private struct Dropped: Error {}

private struct DroppingHandler: WSHandler {
    func makeFrames(for client: AsyncThrowingStream<WSFrame, any Error>) async throws -> AsyncStream<WSFrame> {
        throw Dropped()
    }
}

/// Half of a body, and then the connection breaks.
private struct TruncatedBytes: AsyncBufferedSequence {
    typealias Element = UInt8
    let bytes: [UInt8]

    func makeAsyncIterator() -> Iterator { Iterator(rest: bytes[...]) }

    struct Iterator: AsyncBufferedIteratorProtocol {
        var rest: ArraySlice<UInt8>

        mutating func next() async throws -> UInt8? {
            guard let byte = rest.popFirst() else { throw Dropped() }
            return byte
        }

        mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
            guard !rest.isEmpty else { throw Dropped() }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
    }
}
