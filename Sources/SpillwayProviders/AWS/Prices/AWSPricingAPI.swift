internal import FoundationEssentials
package import SpillwayCore

/// The prices of a region by the Pricing API (`pricing:GetProducts`), which wants credentials and answers from
/// us-east-1 for every region.
package struct AWSPricingAPI: Sendable {
    private static let home = "us-east-1"

    private let url: String
    private let credentials: @Sendable () async throws(Diagnostic) -> AWSCredentials
    private let http: RetryingHTTP
    private let cryptography: Cryptography
    private let now: @Sendable () -> Timestamp

    package init(
        endpoints: AWSEndpoints = AWSEndpoints(),
        credentials: @escaping @Sendable () async throws(Diagnostic) -> AWSCredentials, http: RetryingHTTP,
        cryptography: Cryptography, now: @escaping @Sendable () -> Timestamp
    ) {
        url = endpoints.url(.pricing, region: Self.home) + "/"
        self.credentials = credentials
        self.http = http
        self.cryptography = cryptography
        self.now = now
    }

    /// Some dozen pages. Reads only.
    package func list(region: String) async throws(ProviderError) -> AWSPriceList {
        var gathering = AWSPriceGathering(region: region, known: AWSCatalogue.builtIn?.types ?? [:])
        let machines = [
            ("regionCode", region), ("operatingSystem", "Linux"), ("tenancy", "Shared"), ("preInstalledSw", "NA"),
            ("capacitystatus", "Used"), ("operation", "RunInstances"), ("marketoption", "OnDemand"),
        ]
        try await ask("AmazonEC2", machines, &gathering)
        try await ask("AmazonEC2", [("regionCode", region), ("volumeApiName", "gp3")], &gathering)
        let traffic = [("fromRegionCode", region), ("transferType", "AWS Outbound"), ("toLocation", "External")]
        try await ask("AWSDataTransfer", traffic, &gathering)
        return gathering.priceList
    }

    private struct Question: Encodable {
        struct Filter: Encodable {
            var `Type` = "TERM_MATCH"
            var Field: String
            var Value: String
        }

        var ServiceCode: String
        var Filters: [Filter]
        var FormatVersion = "aws_v1"
        var MaxResults = 100
        var NextToken: String?
    }

    private struct Page: Decodable {
        var PriceList: [String]
        var NextToken: String?
    }

    private func ask(
        _ service: String, _ filters: [(String, String)], _ gathering: inout AWSPriceGathering
    ) async throws(ProviderError) {
        let operation = "read the prices of \(gathering.list.region)"
        var question = Question(
            ServiceCode: service, Filters: filters.map { Question.Filter(Field: $0.0, Value: $0.1) })
        var seen: Set<String> = []
        while true {
            let body = try await send(question, operation)
            do {
                let page = try JSONDecoder().decode(Page.self, from: Data(body))
                for text in page.PriceList {
                    let entry = try JSONDecoder().decode(AWSPriceBodies.Entry.self, from: Data(text.utf8))
                    gathering.published(entry.publicationDate)
                    gathering.take(entry.product)
                    if let terms = entry.terms.OnDemand { gathering.take(entry.product.sku, terms) }
                }
                guard let token = page.NextToken, !token.isEmpty else { return }
                question.NextToken = token
            } catch {
                throw ProviderError(.malformedAnswer, operation: operation, detail: explain(error))
            }
            guard seen.insert(question.NextToken ?? "").inserted else {
                throw ProviderError(
                    .malformedAnswer, operation: operation, detail: "the same page is announced for ever")
            }
        }
    }

    private func send(_ question: Question, _ operation: String) async throws(ProviderError) -> [UInt8] {
        let signing: AWSCredentials
        do {
            signing = try await credentials()
        } catch {
            throw ProviderError(.unauthenticated, operation: operation, detail: error.detail)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let body = (try? encoder.encode(question)) ?? Data()
        let request = HTTPRequest(
            .post, url,
            headers: [
                .init("Content-Type", "application/x-amz-json-1.1"),
                .init("X-Amz-Target", "AWSPriceListService.GetProducts"),
            ], body: [UInt8](body), timeout: .seconds(60))
        let signer = SigV4(region: Self.home, service: "pricing", cryptography: cryptography)
        let response: HTTPResponse
        do throws(HTTPFailure) {
            response = try await http.send(signer.signed(request, by: signing, at: now()), repeatable: true)
        } catch {
            throw ProviderError(.unavailable, operation: operation, detail: error.detail)
        }
        guard response.status == 200 else { throw refused(response, operation) }
        return response.body
    }

    private func refused(_ response: HTTPResponse, _ operation: String) -> ProviderError {
        struct Refusal: Decodable {
            var __type: String?
            var message: String?
            var Message: String?
        }
        let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(response.body))
        let code = refusal?.__type?.split(separator: "#").last.map { String($0) } ?? "status \(response.status)"
        let kind: ProviderError.Kind =
            switch code {
            case "AccessDeniedException": .forbidden
            case "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException": .unauthenticated
            case "ThrottlingException": .rateLimited
            default: response.status >= 500 ? .unavailable : .invalid
            }
        let words = refusal?.message ?? refusal?.Message
        return ProviderError(
            kind, operation: operation, detail: [code, words].compactMap(\.self).joined(separator: ": "),
            httpStatus: response.status, requestID: response.header("x-amzn-requestid"))
    }
}
