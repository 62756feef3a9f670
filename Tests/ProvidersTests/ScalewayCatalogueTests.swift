import Foundation
import SpillwayCore
import TestSupport
import Testing

@testable import SpillwayProviders

@Suite struct ScalewayCatalogueTests {
    private static let folder = Golden.packageRoot.appending(path: "Tests/Recordings/scaleway/products")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    private func type(_ name: String, _ zone: String) throws -> InstanceType {
        try #require(ScalewayCatalogue.offline.zone(zone)?.type(name))
    }

    @Test func `the catalogue in the binary is what its source says`() throws {
        let records = try JSONDecoder().decode(
            [String: [PublicCataloguePage.Product]].self, from: Data(Self.text("product-catalog-instances.json").utf8))
        let products = try #require(records["products"])
        #expect(ScalewayCatalogue.offline.zones.map(\.name) == ScalewayZones.all)
        for zone in ScalewayCatalogue.offline.zones {
            let page = try JSONDecoder().decode(
                ProductsPage.self, from: Data(Self.text("products-\(zone.name).json").utf8))
            #expect(zone.types.map(\.name) == page.servers.keys.filter { !$0.hasSuffix("-WIN") }.sorted())
            for type in zone.types {
                let product = try #require(page.servers[type.name])
                let units = Set(products.filter { $0.product == type.name }.map(\.billingUnit))
                let unit = units.first ?? ScalewayRates.documentedUnit(gpus: product.gpu.value ?? 0, type: type.name)
                #expect(units.count <= 1)
                #expect(type.rate.granule == unit.span && type.rate.minimum == unit.span)
                #expect(type.rate.nanos >= product.hourly_price.nanos)
                #expect(type.arch.rawValue == product.arch && type.cpus == product.ncpus)
                #expect(type.memoryBytes == product.ram && type.gpus == (product.gpu.value ?? 0))
                #expect(type.localDiskBytes == product.volumes_constraint.max_size)
                #expect(type.gpuName == product.gpu_info.value?.gpu_name)
                #expect(type.endOfService == product.end_of_service)
                #expect(type.availability == .unknown)
            }
        }
    }

    @Test func `every recorded price is read exactly`() throws {
        var prices = 0
        for zone in ScalewayZones.all {
            let text = try Self.text("products-\(zone).json")
            let page = try JSONDecoder().decode(ProductsPage.self, from: Data(text.utf8))
            // The digits as they stand in the file, next to what was decoded.
            let written = text.matches(of: /"hourly_price": ([0-9.]+)/).map { NanoPrice(String($0.1))?.nanos }
            #expect(written.compactMap(\.self).sorted() == page.servers.values.map(\.hourly_price.nanos).sorted())
            prices += page.servers.keys.count { !$0.hasSuffix("-WIN") }
        }
        #expect(prices == ScalewayCatalogue.offline.zones.map(\.types.count).reduce(0, +))
    }

    @Test(arguments: [
        ("0.008976", 8_976_000), ("0.0006", 600_000), ("60", 60_000_000_000), ("1.469916", 1_469_916_000),
        ("0.0000000001", 1), ("0.1000000000", 100_000_000), ("123456.789012345", 123_456_789_012_345),
    ])
    func `a decimal becomes nano-units without floating point`(_ text: String, _ nanos: Int64) throws {
        #expect(NanoPrice(text)?.nanos == nanos)
        #expect(try JSONDecoder().decode([NanoPrice].self, from: Data("[\(text)]".utf8)).first?.nanos == nanos)
    }

    @Test(arguments: ["", "-1", "1e3", ".5", "1.2.3", "1,5", "99999999999", "NaN"])
    func `what is no price is not guessed at`(_ text: String) {
        #expect(NanoPrice(text) == nil)
    }

    @Test func `known prices, units and the surcharge of Paris 3`() throws {
        let dev = try type("DEV1-S", "fr-par-1")
        #expect(dev.rate.nanos == 8_976_000 && dev.rate.minimum == .hours(1))
        #expect(dev.rate.source == PriceSource(name: "catalogue", date: "2026-08-17"))
        #expect(dev.rate.charge(over: .minutes(61)).description == "0.017952 EUR")
        #expect(try type("L4-1-24G", "fr-par-2").rate.granule == .minutes(1))
        #expect(try type("H100-SXM-2-80G", "fr-par-2").rate.granule == .minutes(1))
        #expect(try type("RENDER-S", "fr-par-1").rate.granule == .hours(1))
        #expect(try type("POP2-2C-8G", "fr-par-3").rate.nanos == 110_250_000)
        let paris3 = try #require(ScalewayCatalogue.offline.zone("fr-par-3"))
        let paris1 = try #require(ScalewayCatalogue.offline.zone("fr-par-1"))
        #expect(paris3.blockVolume?.nanos == 177_000 && paris3.localVolume == nil)
        #expect(paris1.blockVolume?.nanos == 118_000 && paris1.localVolume?.nanos == 44_000)
        #expect(paris1.ipv4?.nanos == 4_000_000 && paris1.ipv4?.minimum == .hours(1))
        #expect(try type("START1-S", "fr-par-1").endOfService)
    }

    @Test func `the live catalogue merges pages, stock and billing units`() async throws {
        let product: @Sendable (String, Int) -> String = { price, gpu in
            #"{"arch":"x86_64","ncpus":2,"ram":2147483648,"gpu":\#(gpu),"gpu_info":null,"volumes_constraint":{"max_size":0},"hourly_price":\#(price),"end_of_service":false}"#
        }
        let http = CannedHTTP { request, _ in
            let second = request.url.contains("page=2")
            if request.path.contains("availability") {
                return .json(
                    200, #"{"servers":{"A":{"availability":"scarce"},"B":{"availability":"novel"}}}"#,
                    headers: [("x-total-count", "2")])
            }
            if request.path.contains("product-catalog") {
                return .json(
                    200,
                    #"{"total_count":2,"products":[{"product":"A","price":{"retail_price":{"currency_code":"EUR","units":0,"nanos":100}},"unit_of_measure":{"unit":"minute","size":1}},{"product":"B","price":{"retail_price":{"currency_code":"EUR","units":1,"nanos":5}},"unit_of_measure":{"unit":"fortnight","size":1}}]}"#
                )
            }
            return .json(
                200, #"{"servers":{"\#(second ? "B" : "A")":\#(product(second ? "0.2" : "0.000005", 1))}}"#,
                headers: [("x-total-count", "2")])
        }
        let catalogue = try await ScalewaySamples.provider(http).catalogue(zones: ["fr-par-1"])
        let zone = try #require(catalogue.zone("fr-par-1"))
        let (a, b) = (try #require(zone.type("A")), try #require(zone.type("B")))
        // The dearer of two stated prices; an unknown unit is an hour, and its price says nothing.
        #expect(a.rate.nanos == 6000 && a.rate.granule == .minutes(1) && a.availability == .scarce)
        #expect(b.rate.nanos == 200_000_000 && b.rate.granule == .hours(1) && b.availability == .unknown)
        #expect(a.rate.source == PriceSource(name: "api", date: "2026-09-21"))
    }
}
