/// One HTTP exchange, whatever the answer's status: 4xx and 5xx are results, not errors.
///
/// Implementations verify TLS, refuse plain http to anything but loopback, cap the body, and never retry by
/// themselves: whether a request may be repeated is the caller's knowledge (`RetryPolicy`).
package protocol HTTPClient: Sendable {
    /// Throws ``HTTPFailure``; a cancelled task throws one with `kind == .cancelled` and leaves no transfer behind.
    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse
}

/// For answers that are too large to be held.
package protocol HTTPStreaming: HTTPClient {
    /// As ``HTTPClient/send(_:)``, but the body of a 2xx answer goes to `sink` piece by piece, in order and on a thread of
    /// the client's own; the answer given back has none of it. `sink` ends the transfer early, and well, with false.
    func stream(
        _ request: HTTPRequest, into sink: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(HTTPFailure) -> HTTPResponse
}

package struct HTTPRequest: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// True when the method changes something at the far side.
        package var isMutating: Bool { self != .get }
    }

    package var method: Method
    package var url: String
    package var headers: [Header]
    package var body: [UInt8]?
    /// Whole exchange, connection included.
    package var timeout: Duration

    package struct Header: Sendable, Hashable {
        package var name: String
        package var value: String
        /// A secret's value never reaches a log.
        package var isSecret: Bool

        package init(_ name: String, _ value: String, isSecret: Bool = false) {
            self.name = name
            self.value = value
            self.isSecret = isSecret
        }
    }

    package init(
        _ method: Method, _ url: String, headers: [Header] = [], body: [UInt8]? = nil, timeout: Duration = .seconds(30)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

package struct HTTPResponse: Sendable, Hashable {
    package var status: Int
    /// Names in lower case, in the order received.
    package var headers: [HTTPRequest.Header]
    package var body: [UInt8]

    package init(status: Int, headers: [HTTPRequest.Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package func header(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }
}

/// No answer: nothing usable came back. `reachedServer` says whether the far side may have acted.
package struct HTTPFailure: Error, Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case resolve, connect, tls, timeout, cutOff, bodyTooLarge, insecureURL, cancelled, malformed, other
    }

    package var kind: Kind
    /// False only when it is certain that the request never left: DNS, connect, TLS set-up, refused URL.
    package var reachedServer: Bool
    package var detail: String

    package init(_ kind: Kind, reachedServer: Bool, detail: String) {
        self.kind = kind
        self.reachedServer = reachedServer
        self.detail = detail
    }
}
