internal import FoundationEssentials
internal import SpillwayCore

/// One authenticated connection: builds requests, repeats what may be repeated, and turns failures into errors.
struct ScalewayAPI: Sendable {
    let settings: ScalewaySettings
    let http: RetryingHTTP

    struct Call: Sendable {
        var operation: String
        var method: HTTPRequest.Method
        var path: String
        var query: [(String, String)] = []
        var contentType = "application/json"
        var body: [UInt8]?
        var effect: Effect

        init(_ operation: String, _ method: HTTPRequest.Method, _ path: String, _ effect: Effect) {
            self.operation = operation
            self.method = method
            self.path = path
            self.effect = effect
        }

        static func get(_ operation: String, _ path: String, query: [(String, String)] = []) -> Call {
            var call = Call(operation, .get, path, .read)
            call.query = query
            return call
        }

        static func delete(_ operation: String, _ path: String) -> Call {
            Call(operation, .delete, path, .named)
        }

        func sending(_ value: some Encodable) throws(ProviderError) -> Call {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            var call = self
            do {
                call.body = [UInt8](try encoder.encode(value))
            } catch {
                throw ProviderError(.invalid, operation: operation, detail: "the request cannot be written: \(error)")
            }
            return call
        }

        func sending(text: String) -> Call {
            var call = self
            call.contentType = "text/plain"
            call.body = Array(text.utf8)
            return call
        }
    }

    /// A 2xx answer. Everything else is thrown, after the repeats that the call allows.
    @discardableResult
    func send(_ call: Call) async throws(ProviderError) -> HTTPResponse {
        let response = try await exchange(call)
        guard (200..<300).contains(response.status) else {
            throw ScalewayErrors.error(call.operation, response, effect: call.effect)
        }
        return response
    }

    func send<Body: Decodable>(_ call: Call, as type: Body.Type) async throws(ProviderError) -> Body {
        try decode(type, try await send(call), of: call)
    }

    func decode<Body: Decodable>(
        _ type: Body.Type, _ response: HTTPResponse, of call: Call
    ) throws(ProviderError) -> Body {
        guard ScalewayErrors.isJSON(response) else {
            let got = response.header("content-type") ?? "no content type"
            throw ScalewayErrors.malformed(
                call.operation, response, "\(got) instead of JSON; is the API URL right?", effect: call.effect)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(response.body))
        } catch {
            throw ScalewayErrors.malformed(call.operation, response, explain(error), effect: call.effect)
        }
    }

    /// The last answer, whatever its status. A lack of stock is not waited out here: the next offer is better.
    func exchange(_ call: Call) async throws(ProviderError) -> HTTPResponse {
        do throws(HTTPFailure) {
            return try await http.send(request(call), repeatable: call.effect != .create) { response in
                response.status == 503
                    && ScalewayErrors.error(call.operation, response, effect: call.effect).kind == .noCapacity
            }
        } catch {
            throw ScalewayErrors.error(call.operation, error, effect: call.effect)
        }
    }

    func wait(_ delay: Duration, for operation: String) async throws(ProviderError) {
        do {
            try await http.sleep(delay)
        } catch {
            throw ProviderError(.cancelled, operation: operation, detail: "cancelled while waiting to try again")
        }
    }

    private func request(_ call: Call) -> HTTPRequest {
        var url = settings.apiURL + call.path
        if !call.query.isEmpty {
            url += "?" + call.query.map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&")
        }
        var headers = [
            HTTPRequest.Header("X-Auth-Token", settings.secretKey.value, isSecret: true),
            HTTPRequest.Header("Accept", "application/json"),
            HTTPRequest.Header("User-Agent", settings.userAgent),
        ]
        if call.body != nil { headers.append(HTTPRequest.Header("Content-Type", call.contentType)) }
        return HTTPRequest(call.method, url, headers: headers, body: call.body)
    }
}
