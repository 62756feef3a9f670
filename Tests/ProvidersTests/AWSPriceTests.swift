import Foundation
import SpillwayCore
import TestSupport
import Testing

@testable import SpillwayProviders

@Suite struct AWSPriceTests {
    // MARK: The catalogue in the binary

    private struct Source: Decodable {
        struct Machine: Decodable {
            struct GPU: Decodable {
                var name: String
                var count: Int
            }

            var arch: [String]
            var vcpus: Int
            var memory_mib: Int64
            var usage: [String]
            var gpus: [GPU]?
            var zones: String
            var usd_per_hour: NanoPrice
        }

        var region: String
        var types: [String: Machine]
    }

    @Test func `the catalogue in the binary is what its source says`() throws {
        let file = Golden.packageRoot.appending(path: "Tests/Recordings/aws/ec2/types-us-east-1.json")
        let source = try JSONDecoder().decode(Source.self, from: Data(contentsOf: file))
        let list = try #require(AWSCatalogue.builtIn)
        #expect(list.region == source.region && list.date == "2026-07-20")
        let leftOut: Set = ["c1", "m1", "m2", "t1"]
        let expected = source.types.filter { name, _ in !leftOut.contains(String(name.prefix { $0 != "." })) }
        #expect(Set(list.types.keys) == Set(expected.keys) && list.types.count > 1200)
        for (name, machine) in expected {
            let offered = try #require(list.types[name])
            #expect(offered.nanos == machine.usd_per_hour.nanos, "\(name)")
            let hardware = offered.hardware
            #expect(machine.arch.contains(hardware.arch.rawValue))
            #expect(hardware.cpus == machine.vcpus && hardware.mebibytes == machine.memory_mib)
            #expect(hardware.gpus == machine.gpus?.first?.count ?? 0 && hardware.gpuName == machine.gpus?.first?.name)
            #expect(hardware.isSpotOffered == machine.usage.contains("spot") && offered.zones == machine.zones)
        }
        let zones = try #require(AWSCatalogue().zones(of: list.region))
        #expect(
            zones.map(\.types.count).reduce(0, +) == expected.values.reduce(0) { $0 + $1.zones.count })
    }

    @Test func `instances and volumes are billed by the second, a minute at least, addresses by the hour`() throws {
        let zone = try #require(AWSCatalogue().zones(of: "us-east-1")?.first)
        let micro = try #require(zone.type("t3.micro"))
        #expect(micro.rate.nanos == 10_400_000 && micro.rate.currency == .usd)
        #expect(micro.rate.billed(Seconds(1)) == .minutes(1) && micro.rate.billed(Seconds(61)) == Seconds(61))
        let volume = try #require(zone.blockVolume)
        #expect(volume.charge(over: .hours(28 * 24), quantity: 100) == Money(micros: 8_000_000, currency: .usd))
        #expect(zone.ipv4?.charge(over: Seconds(1)) == Money(micros: 5000, currency: .usd))
        #expect(zone.egress?.charge(over: Seconds(0), quantity: 10) == Money(micros: 900_000, currency: .usd))
        #expect(zone.localVolume == nil)
    }

    @Test func `a list reads back as it was written`() throws {
        let list = try #require(AWSCatalogue.builtIn)
        #expect(AWSPriceList(list.text) == list)
        #expect(AWSPriceList("") == nil && AWSPriceList("<html>") == nil)
        let damaged = try #require(AWSPriceList("region r 2026-01-01\nt3.micro x86_64 two 1024 0 - - - 1\nwhat\n"))
        #expect(damaged.types.isEmpty)
    }

    @Test func `what was fetched counts where it is newer than the binary, or the only source`() throws {
        func catalogue(_ date: String, region: String = "us-east-1") -> AWSCatalogue {
            AWSCatalogue { asked in
                asked == region ? "region \(region) \(date)\nt3.micro x86_64 2 1024 0 - - - 1\n" : nil
            }
        }
        #expect(catalogue("2026-12-01").zones(of: "us-east-1")?.first?.types.count == 1)
        #expect(catalogue("2020-12-01").zones(of: "us-east-1")?.first?.types.count ?? 0 > 1000)
        #expect(catalogue("2026-12-01").zones(of: "eu-west-3") == nil)
        let paris = try #require(catalogue("2026-12-01", region: "eu-west-3").zones(of: "eu-west-3"))
        #expect(paris.map(\.name) == ["eu-west-3a", "eu-west-3b", "eu-west-3c"])
        #expect(paris.first?.types.first?.rate.source == PriceSource(name: "price list", date: "2026-12-01"))
    }

    @Test(arguments: [("us-east-1f", "us-east-1"), ("eu-west-3a", "eu-west-3"), ("us-east-1g", nil), ("fr-par-1", nil)])
    func `zones belong to regions`(zone: String, region: String?) {
        #expect(AWSRegions.region(of: zone) == region)
    }

    // MARK: Slices

    @Test(arguments: [1, 2, 3, 7, 64, 5000]) func `values are cut out whole, whatever the pieces`(size: Int) throws {
        let text = #"""
            {"a": "x\"y,}", "n": -1.5e3 , "list": [1, {"a": "no"}], "products": {"S1": {"k": "v\\", "d": {"p": [1, 2]}},
            "S2": {}, "ü\"": "ends"}, "deep": {"products": {"S3": 1}}, "terms": {"OnDemand": {"S1": [true, null]},
            "Reserved": {"S1": {]}}}
            """#
        var slicer = JSONSlicer(
            wanted: [["a"], ["n"], ["products", nil], ["terms", "OnDemand", nil]], end: ["terms", "Reserved"])
        var found: [String] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try slicer.feed(Array(bytes[start..<min(start + size, bytes.count)])) { path, value in
                found.append(path.joined(separator: ".") + " = " + String(decoding: value, as: UTF8.self))
            }
        }
        #expect(slicer.isComplete)
        #expect(
            found == [
                #"a = "x\"y,}""#, "n = -1.5e3", #"products.S1 = {"k":"v\\","d":{"p":[1,2]}}"#, "products.S2 = {}",
                #"products.ü\" = "ends""#, "terms.OnDemand.S1 = [true,null]",
            ])
    }

    @Test(arguments: ["}", "]", "hello", "{\"a\": [}", "{\"a\": {]", ","]) func `what is no JSON is refused`(
        text: String
    ) {
        var slicer = JSONSlicer(wanted: [["a"]], end: ["z"])
        #expect(throws: JSONSlicer.Failure.self) { try slicer.feed(Array(text.utf8)) { _, _ in } }
    }

    @Test func `a value without an end is not held`() {
        var slicer = JSONSlicer(wanted: [["a"]], end: ["z"])
        #expect(throws: JSONSlicer.Failure.self) {
            try slicer.feed(Array("{\"a\": \"".utf8)) { _, _ in }
            for _ in 0..<200 { try slicer.feed(Array(repeating: 120, count: 1 << 16)) { _, _ in } }
        }
    }

    // MARK: The price list

    private static func product(_ sku: String, _ more: [String: String], family: String = "Compute Instance")
        -> String
    {
        var attributes = [
            "regionCode": "eu-west-3", "operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA",
            "capacitystatus": "Used", "operation": "RunInstances", "marketoption": "OnDemand", "vcpu": "4",
            "memory": "1,024.5 GiB", "physicalProcessor": "Intel Xeon",
        ]
        attributes.merge(more) { $1 }
        let text = attributes.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }
        return
            "\"\(sku)\": {\"sku\": \"\(sku)\", \"productFamily\": \"\(family)\", \"attributes\": {\(text.joined(separator: ","))}}"
    }

    private static func term(_ sku: String, _ unit: String, _ prices: String...) -> String {
        let dimensions = prices.enumerated().map { index, price in
            "\"\(sku).J.\(index)\": {\"unit\": \"\(unit)\", \"pricePerUnit\": {\"USD\": \"\(price)\"}}"
        }
        return "\"\(sku)\": {\"\(sku).J\": {\"priceDimensions\": {\(dimensions.joined(separator: ","))}}}"
    }

    private static let file: String = {
        let products = [
            product("A", ["instanceType": "c7i.large"]),
            product("B", ["instanceType": "z9g.metal", "physicalProcessor": "AWS Graviton9 Processor"]),
            product("W", ["instanceType": "c7i.large", "operatingSystem": "Windows"]),
            product("D", ["instanceType": "c7i.xlarge", "tenancy": "Dedicated"]),
            product("Q", ["instanceType": "c7i.2xlarge", "preInstalledSw": "SQL Std"]),
            product("R", ["instanceType": "c7i.4xlarge", "regionCode": "eu-west-1"]),
            product("U", ["instanceType": "c7i.8xlarge", "capacitystatus": "UnusedCapacityReservation"]),
            product("G", ["volumeApiName": "gp3", "usagetype": "EUW3-EBS:VolumeUsage.gp3"], family: "Storage"),
            product("I", ["volumeApiName": "gp3", "usagetype": "EUW3-EBS:VolumeP-IOPS.gp3"], family: "Storage"),
            product(
                "T", ["transferType": "AWS Outbound", "fromRegionCode": "eu-west-3", "toLocation": "External"],
                family: "Data Transfer"),
        ]
        let terms = [
            term("A", "Hrs", "0.1019000000"), term("B", "Hrs", "2"), term("W", "Hrs", "9"), term("D", "Hrs", "9"),
            term("Q", "Hrs", "9"), term("R", "Hrs", "9"), term("U", "Hrs", "9"), term("G", "GB-Mo", "0.0928"),
            term("I", "IOPS-Mo", "9"), term("T", "GB", "0", "0.09", "0.085"),
        ]
        let reserved = (0..<50).map { term("Y\($0)", "Hrs", "0.01") }
        return """
            {"publicationDate": "2026-09-01T10:00:00Z", "products": {\(products.joined(separator: ","))},
            "terms": {"OnDemand": {\(terms.joined(separator: ","))}, "Reserved": {\(reserved.joined(separator: ","))}}}
            """
    }()

    @Test func `of the price list Linux on shared machines counts, and the dearest tier of traffic`() throws {
        let reader = AWSOfferReader(region: "eu-west-3")
        var fed = 0
        for piece in stride(from: 0, to: Self.file.utf8.count, by: 100).map({
            Array(Self.file.utf8.dropFirst($0).prefix(100))
        }) {
            fed += 1
            guard reader.feed(piece) else { break }
        }
        #expect(fed < Self.file.utf8.count / 100, "prices for years are not waited for")
        try reader.endFile()
        let list = try reader.result()
        #expect(list.date == "2026-09-01" && list.gp3?.nanos == 92_800_000 && list.egress?.nanos == 90_000_000)
        #expect(list.ipv4 == AWSCatalogue.builtIn?.ipv4)
        #expect(Set(list.types.keys) == ["c7i.large", "z9g.metal"])
        let known = try #require(list.types["c7i.large"])
        #expect(known.nanos == 101_900_000 && known.hardware == AWSCatalogue.builtIn?.types["c7i.large"]?.hardware)
        let new = try #require(list.types["z9g.metal"]?.hardware)
        #expect(new.arch == .arm64 && new.cpus == 4 && new.mebibytes == 1_049_088 && !new.isSpotOffered)
    }

    @Test(arguments: [
        ("", "it ends in the middle"), ("{}", "no on-demand prices"), ("<html>", "not the JSON of a price list"),
        (String(file.prefix(2000)), "it ends in the middle"),
        (file.replacing("\"sku\": \"A\"", with: "\"sku\": 5"), "products"),
    ])
    func `a list that is cut off, or none, is refused`(text: String, says: String) {
        let reader = AWSOfferReader(region: "eu-west-3")
        _ = reader.feed(Array(text.utf8))
        let thrown = #expect(throws: AWSOfferFailure.self) {
            try reader.endFile()
            _ = try reader.result()
        }
        #expect(thrown?.detail.contains(says) ?? false || says == "products", "\(thrown?.detail ?? "")")
    }
}
