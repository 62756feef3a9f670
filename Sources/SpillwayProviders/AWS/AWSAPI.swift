internal import SpillwayCore

/// One authenticated connection: signs requests, repeats what may be repeated, and turns failures into errors.
///
/// Everything asked here may be asked twice: launches carry a token, groups a name that is unique in their network.
struct AWSAPI: Sendable {
    let settings: AWSSettings
    let http: RetryingHTTP
    let cryptography: Cryptography
    let xml: @Sendable ([UInt8]) throws(Diagnostic) -> XMLElement
    let now: @Sendable () -> Timestamp

    struct Call: Sendable {
        var operation: String
        var service: AWSEndpointName = .ec2
        var region: String
        var query: AWSQuery
        var effect: Effect

        /// A call to EC2.
        init(
            _ operation: String, _ action: String, region: String, _ effect: Effect,
            _ fill: (inout AWSQuery) -> Void = { _ in }
        ) {
            self.operation = operation
            self.region = region
            self.effect = effect
            query = AWSQuery(action, version: "2016-11-15")
            fill(&query)
        }
    }

    /// The root of a 2xx answer. Everything else is thrown, after the repeats that the call allows.
    @discardableResult
    func send(_ call: Call) async throws(ProviderError) -> XMLElement {
        let response = try await exchange(call)
        guard (200..<300).contains(response.status) else { throw error(call, response) }
        guard let root = try? xml(response.body), root.name == "\(call.query.action)Response" else {
            let got = response.header("content-type") ?? "no content type"
            throw AWSErrors.malformed(call, response, "\(got) that is no \(call.query.action)Response")
        }
        return root
    }

    /// Every page's items, to the end.
    /// Where ids are named EC2 refuses to page.
    func items(
        _ call: Call, _ set: String, pageSize: Int, isPaged: Bool = true
    ) async throws(ProviderError) -> [XMLElement] {
        var items: [XMLElement] = []
        var call = call
        if isPaged { call.query["MaxResults"] = String(pageSize) }
        var seen: Set<String> = []
        while true {
            let root = try await send(call)
            items += root[set]?.all("item") ?? []
            guard let token = nonEmpty(root["nextToken"]?.text) else { return items }
            guard seen.insert(token).inserted else {
                throw ProviderError(
                    .malformedAnswer, operation: call.operation, detail: "the same page is announced for ever")
            }
            call.query["NextToken"] = token
        }
    }

    /// As ``send(_:)`` for what builds upon something made a moment ago, which may not be known everywhere yet.
    @discardableResult
    func settling(_ call: Call) async throws(ProviderError) -> XMLElement {
        var attempt = 1
        while true {
            do throws(ProviderError) {
                return try await send(call)
            } catch {
                guard error.kind == .notFound, attempt < http.policy.attempts else { throw error }
            }
            try await wait(http.policy.base * (1 << attempt), for: call.operation)
            attempt += 1
        }
    }

    /// The last answer, whatever its status. Expired credentials are replaced once, where their source has others.
    func exchange(_ call: Call) async throws(ProviderError) -> HTTPResponse {
        let used = try await credentials(call)
        let response = try await exchange(call, by: used)
        guard response.status >= 400, let code = AWSErrors.code(response, xml), AWSErrors.expired.contains(code) else {
            return response
        }
        await settings.discard(used)
        let fresh = try await credentials(call)
        return fresh == used ? response : try await exchange(call, by: fresh)
    }

    func error(_ call: Call, _ response: HTTPResponse) -> ProviderError {
        AWSErrors.error(call, response, xml: xml, now: now())
    }

    func wait(_ delay: Duration, for operation: String) async throws(ProviderError) {
        do {
            try await http.sleep(delay)
        } catch {
            throw ProviderError(.cancelled, operation: operation, detail: "cancelled while waiting to try again")
        }
    }

    private func exchange(_ call: Call, by credentials: AWSCredentials) async throws(ProviderError) -> HTTPResponse {
        let signer = SigV4(region: call.region, service: call.service.rawValue, cryptography: cryptography)
        let request = HTTPRequest(
            .post, settings.endpoints.url(call.service, region: call.region) + "/",
            headers: [AWSQuery.contentType, .init("User-Agent", settings.userAgent)], body: call.query.body,
            timeout: .seconds(60))
        let final: Set<ProviderError.Kind> = [.noCapacity, .quota, .spent]
        do throws(HTTPFailure) {
            return try await http.send(signer.signed(request, by: credentials, at: now()), repeatable: true) {
                // A lack of capacity comes as a 500: the next offer is better than waiting.
                $0.status >= 500 && final.contains(error(call, $0).kind)
            }
        } catch {
            throw AWSErrors.error(call, error)
        }
    }

    private func credentials(_ call: Call) async throws(ProviderError) -> AWSCredentials {
        do {
            return try await settings.credentials()
        } catch {
            throw ProviderError(
                .unauthenticated, operation: call.operation,
                detail: [error.summary + ".", error.detail, error.remedy, error.command].compactMap { nonEmpty($0) }
                    .joined(separator: " "))
        }
    }
}

extension XMLElement {
    /// The text at a path of names; nil when it is not there or empty.
    func text(_ path: String...) -> String? {
        var element: XMLElement? = self
        for name in path { element = element?[name] }
        return nonEmpty(element?.text)
    }

    /// The `item`s of a list.
    func items(_ name: String) -> [XMLElement] { self[name]?.all("item") ?? [] }
}
