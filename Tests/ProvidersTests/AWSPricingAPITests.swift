import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@testable import SpillwayProviders

@Suite struct AWSPricingAPITests {
    private struct Asked: Decodable {
        struct Filter: Decodable {
            var Field: String
            var Value: String
        }

        var ServiceCode: String
        var Filters: [Filter]
        var NextToken: String?
    }

    /// One element of an answer, as the API nests it: a document in a string.
    private static func entry(
        _ sku: String, _ family: String, _ attributes: [String: String], _ unit: String, _ usd: String
    ) -> String {
        let has = attributes.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        return """
            {"product":{"sku":"\(sku)","productFamily":"\(family)","attributes":{\(has)}},"serviceCode":"AmazonEC2",\
            "publicationDate":"2026-10-02T00:00:00Z","terms":{"OnDemand":{"\(sku).J":{"priceDimensions":\
            {"\(sku).J.1":{"unit":"\(unit)","pricePerUnit":{"USD":"\(usd)"}}}}}}}
            """
    }

    private static func page(_ entries: [String], next: String? = nil) throws -> HTTPResponse {
        struct Page: Encodable {
            var PriceList: [String]
            var NextToken: String?
        }
        let body = try JSONEncoder().encode(Page(PriceList: entries, NextToken: next))
        return .json(200, String(decoding: body, as: UTF8.self))
    }

    private static func machine(_ sku: String, _ name: String, _ usd: String) -> String {
        entry(
            sku, "Compute Instance",
            [
                "regionCode": "eu-west-3", "operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA",
                "capacitystatus": "Used", "operation": "RunInstances", "marketoption": "OnDemand", "instanceType": name,
            ], "Hrs", usd)
    }

    private static func api(_ http: CannedHTTP) -> AWSPricingAPI {
        AWSPricingAPI(
            credentials: { () throws(Diagnostic) in
                AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretKey: Secret("wJalr"), source: "a test")
            },
            http: RetryingHTTP(
                client: http, policy: RetryPolicy(base: .milliseconds(1), ceiling: .milliseconds(1)), sleep: { _ in },
                random: { 0.5 }),
            cryptography: LibCrypto.cryptography, now: { Timestamp(seconds: 1_790_000_000) })
    }

    /// Two pages of machines, then volumes, then traffic.
    private static func cloud() -> CannedHTTP {
        CannedHTTP { request, _ throws(HTTPFailure) in
            guard let asked = try? JSONDecoder().decode(Asked.self, from: Data(request.body ?? [])),
                let answer = try? answer(asked)
            else { return .json(400, #"{"__type":"InvalidParameterException"}"#) }
            return answer
        }
    }

    private static func answer(_ asked: Asked) throws -> HTTPResponse {
        if asked.ServiceCode == "AWSDataTransfer" {
            return try page([
                entry(
                    "T", "Data Transfer",
                    ["transferType": "AWS Outbound", "fromRegionCode": "eu-west-3", "toLocation": "External"], "GB",
                    "0.09")
            ])
        }
        if asked.Filters.contains(where: { $0.Field == "volumeApiName" }) {
            return try page([
                entry(
                    "G", "Storage",
                    ["volumeApiName": "gp3", "regionCode": "eu-west-3", "usagetype": "EUW3-EBS:VolumeUsage.gp3"],
                    "GB-Mo", "0.0928")
            ])
        }
        return asked.NextToken == nil
            ? try page([machine("A", "c7i.large", "0.1019")], next: "two")
            : try page([machine("B", "t3.micro", "0.0118")])
    }

    @Test func `every page is read, and what is asked is signed for the pricing service`() async throws {
        let http = Self.cloud()
        let list = try await Self.api(http).list(region: "eu-west-3")
        #expect(list.date == "2026-10-02" && list.region == "eu-west-3")
        #expect(list.types.mapValues(\.nanos) == ["c7i.large": 101_900_000, "t3.micro": 11_800_000])
        #expect(list.gp3?.nanos == 92_800_000 && list.egress?.nanos == 90_000_000 && list.ipv4 != nil)
        #expect(http.requests.count == 4)
        for request in http.requests {
            #expect(request.url == "https://api.pricing.us-east-1.amazonaws.com/")
            let headers = Dictionary(
                request.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            #expect(headers["X-Amz-Target"] == "AWSPriceListService.GetProducts")
            #expect(headers["Authorization"]?.contains("/us-east-1/pricing/aws4_request") == true)
        }
    }

    @Test func `a region that is known is not asked for, another is asked once and kept`() async throws {
        let http = Self.cloud()
        let kept = Locked<[AWSPriceList]>([])
        let prices = AWSPrices(AWSCatalogue(), api: Self.api(http)) { list in kept.withLock { $0.append(list) } }
        #expect(try await prices.catalogue(region: "us-east-1").zones.count == 6)
        #expect(http.requests.isEmpty)
        let paris = try await prices.catalogue(region: "eu-west-3")
        #expect(
            paris.zone("eu-west-3a")?.type("c7i.large")?.rate.source == PriceSource(name: "api", date: "2026-10-02"))
        #expect(kept.withLock { $0.map(\.region) } == ["eu-west-3"])
    }

    @Test func `without the permission a price is not known; other trouble is told`() async throws {
        let denied = CannedHTTP(always: .json(400, #"{"__type":"AccessDeniedException","Message":"no"}"#))
        #expect(try await AWSPrices(AWSCatalogue(), api: Self.api(denied)).catalogue(region: "eu-west-3").zones.isEmpty)
        #expect(try await AWSPrices(AWSCatalogue(), api: nil).catalogue(region: "eu-west-3").zones.isEmpty)
        let wrong = CannedHTTP(always: .json(400, #"{"__type":"UnrecognizedClientException","message":"who?"}"#))
        let error = await #expect(throws: ProviderError.self) {
            try await AWSPrices(AWSCatalogue(), api: Self.api(wrong)).catalogue(region: "eu-west-3")
        }
        #expect(error?.kind == .unauthenticated && error?.detail == "UnrecognizedClientException: who?")
        let portal = CannedHTTP(always: .text(200, "<html>", type: "text/html"))
        let odd = await #expect(throws: ProviderError.self) { try await Self.api(portal).list(region: "eu-west-3") }
        #expect(odd?.kind == .malformedAnswer)
    }
}
