import Foundation

/// Spot requests and spot prices.
extension EC2Face {
    /// `1.234500`: millionths of a dollar as AWS writes them.
    static func dollars(_ millionths: Int) -> String {
        let fraction = String(millionths % 1_000_000)
        return "\(millionths / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }

    mutating func makeSpotRequest(_ request: LaunchRequest, for machine: Machine) {
        let spot = SpotRequest(
            id: world.generator.text("sir-", 8, of: "abcdefghijkmnpqrstuvwxyz23456789"), state: .active,
            code: "fulfilled", message: "Your Spot request is fulfilled.",
            maxPrice: Self.dollars(request.maxPrice ?? request.type.price), machineID: machine.id, type: machine.type,
            imageID: machine.imageID, zone: machine.zone, created: now, updated: now)
        world.ec2.spotRequests[spot.id] = spot
        world.ec2.tags[spot.id] = request.tags["spot-instances-request"]
        world.machines[machine.id]?.instance?.spotRequestID = spot.id
    }

    func describeSpotRequests() throws -> [XMLNode?] {
        let requests = try selected(
            "SpotInstanceRequestId", from: listed.ec2.spotRequests, code: "InvalidSpotInstanceRequestID.NotFound",
            thing: "spot instance request")
        let found = try Filters(query).apply(
            requests, tags: { tags($0.id) },
            [
                "spot-instance-request-id": { [$0.id] }, "state": { [$0.state.rawValue] },
                "instance-id": { [$0.machineID] }, "status-code": { [$0.code] }, "type": { _ in ["one-time"] },
                "launched-availability-zone": { [$0.zone] }, "launch.instance-type": { [$0.type] },
                "launch.image-id": { [$0.imageID] },
            ])
        let (shown, next) = try page(found)
        return [.list("spotInstanceRequestSet", shown.map(view)), next]
    }

    private func view(_ request: SpotRequest) -> [XMLNode?] {
        let status: [XMLNode?] = [
            .text("code", request.code), .text("message", request.message),
            .text("updateTime", request.updated.ec2Text),
        ]
        return [
            .text("spotInstanceRequestId", request.id), .text("spotPrice", request.maxPrice), .text("type", "one-time"),
            .text("state", request.state.rawValue), .node("status", status), .text("instanceId", request.machineID),
            .text("createTime", request.created.ec2Text), .text("productDescription", "Linux/UNIX"),
            .text("launchedAvailabilityZone", request.zone), .text("instanceInterruptionBehavior", "terminate"),
            .node(
                "launchSpecification",
                [
                    .text("imageId", request.imageID), .text("instanceType", request.type),
                    .node("placement", [.text("availabilityZone", request.zone)]),
                ]),
            .tags(tags(request.id)),
        ]
    }

    /// The instances of a cancelled request run on.
    mutating func cancelSpotRequests() throws -> [XMLNode?] {
        let ids = try query.requiredList("SpotInstanceRequestId")
        let lost = ids.filter { world.ec2.spotRequests[$0] == nil }
        guard lost.isEmpty else {
            throw EC2Error.notFound("InvalidSpotInstanceRequestID.NotFound", "spot instance request", lost)
        }
        for id in ids where world.ec2.spotRequests[id]?.state == .active {
            world.ec2.spotRequests[id]?.state = .cancelled
            world.ec2.spotRequests[id]?.code = "request-canceled-and-instance-running"
            world.ec2.spotRequests[id]?.message =
                "You canceled your Spot request while the instance is still running."
            world.ec2.spotRequests[id]?.updated = now
        }
        let items = ids.map { id -> [XMLNode?] in
            [.text("spotInstanceRequestId", id), .text("state", world.ec2.spotRequests[id]?.state.rawValue)]
        }
        return [.list("spotInstanceRequestSet", items)]
    }

    private struct Price {
        var type: String
        var zone: String
        var price: Int
    }

    /// Prices do not move here: one a zone and type, an hour old.
    func describeSpotPrices() throws -> [XMLNode?] {
        let types = query.list("InstanceType")
        let products = query.list("ProductDescription")
        let zone = query["AvailabilityZone"]
        var prices: [Price] = []
        for type in catalog.types.values.sorted(by: { $0.name < $1.name }) where type.usages.contains("spot") {
            guard types.isEmpty || types.contains(type.name) else { continue }
            for place in type.zones where zone == nil || zone == place {
                prices.append(Price(type: type.name, zone: place, price: type.spotPrice(zone: place)))
            }
        }
        if !products.isEmpty, !products.contains(where: { $0.hasPrefix("Linux/UNIX") }) { prices = [] }
        let found = try Filters(query).apply(
            prices, tags: nil,
            [
                "instance-type": { [$0.type] }, "availability-zone": { [$0.zone] },
                "product-description": { _ in ["Linux/UNIX"] }, "spot-price": { [Self.dollars($0.price)] },
            ])
        let (shown, next) = try page(found, least: 1)
        return [
            .list(
                "spotPriceHistorySet",
                shown.map {
                    [
                        .text("instanceType", $0.type), .text("productDescription", "Linux/UNIX"),
                        .text("spotPrice", Self.dollars($0.price)), .text("availabilityZone", $0.zone),
                        .text("timestamp", (now + -3600).ec2Text),
                    ]
                }), next ?? .text("nextToken", ""),
        ]
    }
}
