import SpillwayCore
import Testing

@testable import SpillwayProviders

@Suite struct ScalewayImageTests {
    private func type(_ name: String, _ zone: String = "fr-par-1") throws -> InstanceType {
        try #require(ScalewayCatalogue.offline.zone(zone)?.type(name))
    }

    private static func images(_ items: [(id: String, arch: String, types: [String])]) -> HTTPResponse {
        let list = items.map { item in
            let types = item.types.map { "\"\($0)\"" }.joined(separator: ",")
            return
                #"{"id":"\#(item.id)","arch":"\#(item.arch)","zone":"fr-par-1","compatible_commercial_types":[\#(types)],"label":"l","type":"t"}"#
        }
        return .json(200, #"{"local_images":[\#(list.joined(separator: ","))],"total_count":\#(items.count)}"#)
    }

    @Test func `an alias is resolved for the type's architecture and the root's storage`() async throws {
        let http = CannedHTTP(
            always: Self.images([("arm", "arm64", ["BASIC2-A2C-4G"]), ("x86", "x86_64", ["DEV1-S", "POP2-2C-8G"])]))
        let provider = ScalewaySamples.provider(http)
        let block = try await provider.resolveImage(
            "ubuntu-24.04", zone: "fr-par-1", type: type("POP2-2C-8G"), root: .block)
        #expect(block == ImageReference(alias: "ubuntu-24.04", id: "x86", root: .block))
        let arm = try await provider.resolveImage(
            "ubuntu_noble", zone: "fr-par-1", type: type("BASIC2-A2C-4G"), root: .block)
        #expect(arm.id == "arm")
        _ = try await provider.resolveImage("debian-13", zone: "nl-ams-1", type: type("DEV1-S"), root: .local)
        let queries = http.requests.map { $0.url.drop { $0 != "?" } }
        #expect(queries[0].hasPrefix("?image_label=ubuntu_noble&zone=fr-par-1&type=instance_sbs&"))
        #expect(queries[1].hasPrefix("?image_label=ubuntu_noble&"))
        #expect(queries[2].hasPrefix("?image_label=debian_trixie&zone=nl-ams-1&type=instance_local&"))
    }

    @Test func `on a GPU type Ubuntu means the image with the driver`() async throws {
        let http = CannedHTTP(always: Self.images([("gpu", "x86_64", ["L4-1-24G"])]))
        _ = try await ScalewaySamples.provider(http).resolveImage(
            "ubuntu-24.04", zone: "fr-par-2", type: type("L4-1-24G", "fr-par-2"), root: .block)
        #expect(http.requests.first?.url.contains("image_label=ubuntu_noble_gpu_os_12&") == true)
    }

    @Test func `an id is taken as it is and nobody is asked`() async throws {
        let http = CannedHTTP(always: .json(500, "{}"))
        let image = try await ScalewaySamples.provider(http).resolveImage(
            "4481C662-2357-432f-b0fd-dd6470c08c49", zone: "fr-par-1", type: type("DEV1-S"), root: .local)
        #expect(image.id == "4481c662-2357-432f-b0fd-dd6470c08c49" && http.requests.isEmpty)
    }

    @Test func `an image that the type or the Marketplace does not have is refused by name`() async throws {
        let type = try type("DEV1-S")
        let none = ScalewaySamples.provider(CannedHTTP(always: Self.images([("x", "x86_64", ["POP2-2C-8G"])])))
        let unfit = await failure { () async throws(ProviderError) in
            _ = try await none.resolveImage("docker", zone: "fr-par-1", type: type, root: .block)
        }
        #expect(unfit?.kind == .invalid && unfit?.argument == "image")
        #expect(unfit?.detail == "docker is not offered for DEV1-S (x86_64, block root) in fr-par-1")
        let missing = ScalewaySamples.provider(
            CannedHTTP(
                always: .json(
                    404,
                    #"{"message":"resource is not found","resource":"MarketplaceImage","resource_id":"macos","type":"not_found"}"#
                )))
        let unknown = await failure { () async throws(ProviderError) in
            _ = try await missing.resolveImage("label:macos", zone: "fr-par-1", type: type, root: .block)
        }
        #expect(unknown?.kind == .invalid && unknown?.detail.contains("\"macos\"") == true)
    }

    @Test(arguments: [
        "ubuntu-24.04", "ubuntu_noble", "docker", "label:wordpress", "4481c662-2357-432f-b0fd-dd6470c08c49",
    ])
    func `known names pass the offline check`(_ name: String) throws {
        try ScalewayRules.rules.checkImage(name)
    }

    @Test func `an unknown name is refused offline with what was probably meant`() throws {
        let refused = try #require(throws: Diagnostic.self) { try ScalewayRules.rules.checkImage("ubuntu-24.4") }
        #expect(refused.code == "spec.unknown-image" && refused.exit == .usage)
        #expect(refused.detail == #"Scaleway has no image alias "ubuntu-24.4". Did you mean "ubuntu-24.04"?"#)
        #expect(refused.remedy?.contains("debian-12") == true)
        #expect(throws: Diagnostic.self) { try ScalewayRules.rules.checkImage("label:") }
    }

    // MARK: Root volumes

    private static let gb: Int64 = 1_000_000_000

    @Test(arguments: [
        ("DEV1-S", Int64?.none, "ubuntu-24.04", RootVolume.Kind.local, Int64(20)),
        ("DEV1-S", 10 * gb, "ubuntu-24.04", .local, 10), ("DEV1-S", 21 * gb, "ubuntu-24.04", .block, 21),
        ("STARDUST1-S", nil, "debian-12", .block, 20), ("STARDUST1-S", 10 * gb, "debian-12", .local, 10),
        ("POP2-2C-8G", nil, "ubuntu-24.04", .block, 20), ("POP2-2C-8G", 80 * gb + 1, "docker", .block, 81),
        ("L4-1-24G", nil, "ubuntu-24.04", .block, 125), ("L4-1-24G", 200 * gb, "ubuntu-24.04-gpu", .block, 200),
        ("L4-1-24G", nil, "debian-12", .block, 20), ("RENDER-S", nil, "ubuntu-24.04", .local, 125),
    ])
    func `the root goes to the machine's own disk where it fits`(
        _ name: String, _ disk: Int64?, _ image: String, _ kind: RootVolume.Kind, _ size: Int64
    ) throws {
        let root = try ScalewayRules.rules.root(try type(name), disk, image)
        #expect(root == RootVolume(kind: kind, sizeBytes: size * Self.gb))
    }

    @Test(arguments: [
        ("DEV1-S", 9 * gb, "ubuntu-24.04", "at least 10 GB"), ("L4-1-24G", 124 * gb, "ubuntu-24.04", "at least 125 GB"),
        ("POP2-2C-8G", 10_001 * gb, "ubuntu-24.04", "end at 10 TB"), ("DEV1-S", 1, "ubuntu-24.04", "asks for 1 GB"),
        ("POP2-2C-8G", Int64.max, "ubuntu-24.04", "end at 10 TB"),
    ])
    func `a disk that the type cannot have is refused`(
        _ name: String, _ disk: Int64, _ image: String, _ says: String
    ) throws {
        let type = try type(name)
        let refused = try #require(throws: Diagnostic.self) { try ScalewayRules.rules.root(type, disk, image) }
        #expect(refused.code == "spec.disk" && refused.detail.contains(says), "\(refused.detail)")
    }
}
