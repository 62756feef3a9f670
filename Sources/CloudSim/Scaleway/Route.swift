/// A path of the REST API and what answers it.
struct Route: Sendable {
    typealias Handler = @Sendable (inout ScalewayFace) throws -> Reply

    let method: String
    let pattern: [Substring]
    /// Answered without a token.
    let isPublic: Bool
    let handler: Handler

    private init(_ method: String, _ path: String, isPublic: Bool = false, _ handler: @escaping Handler) {
        (self.method, pattern, self.isPublic, self.handler) = (method, path.split(separator: "/"), isPublic, handler)
    }

    static func find(_ call: Call) -> (Route, [String: String])? {
        for route in all where route.method == call.method {
            if let parameters = route.match(call.segments) { return (route, parameters) }
        }
        return nil
    }

    private func match(_ segments: [String]) -> [String: String]? {
        guard segments.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, segment) in zip(pattern, segments) {
            if part.first == "{" {
                parameters[String(part.dropFirst().dropLast())] = segment
            } else if part != segment {
                return nil
            }
        }
        return parameters
    }

    private static let all = servers + userData + storage + block + network + catalogue + accounts

    private static let instance = "/instance/v1/zones/{zone}"

    private static let servers = [
        Route("GET", instance + "/servers") { try $0.listServers() },
        Route("POST", instance + "/servers") { try $0.createServer() },
        Route("GET", instance + "/servers/{id}") { try $0.getServer() },
        Route("PATCH", instance + "/servers/{id}") { try $0.updateServer() },
        Route("DELETE", instance + "/servers/{id}") { try $0.deleteServer() },
        Route("GET", instance + "/servers/{id}/action") { try $0.listActions() },
        Route("POST", instance + "/servers/{id}/action") { try $0.act() },
        Route("POST", instance + "/servers/{id}/attach-volume") { try $0.attachVolume() },
        Route("POST", instance + "/servers/{id}/detach-volume") { try $0.detachVolume() },
        Route("GET", instance + "/servers/{id}/compatible-types") { try $0.compatibleTypes() },
        Route("GET", instance + "/servers/{id}/private_nics") { try $0.listNetworkInterfaces() },
        Route("POST", instance + "/servers/{id}/private_nics") { try $0.createNetworkInterface() },
        Route("GET", instance + "/servers/{id}/private_nics/{nic}") { try $0.getNetworkInterface() },
        Route("DELETE", instance + "/servers/{id}/private_nics/{nic}") { try $0.deleteNetworkInterface() },
        Route("GET", "/instance/v2alpha1/zones/{zone}/private-network-interfaces") {
            try $0.totalPage([], key: "private_network_interfaces")
        },
    ]

    private static let userData = [
        Route("GET", instance + "/servers/{id}/user_data") { try $0.listUserData() },
        Route("GET", instance + "/servers/{id}/user_data/{key}") { try $0.getUserData() },
        Route("PATCH", instance + "/servers/{id}/user_data/{key}") { try $0.setUserData() },
        Route("DELETE", instance + "/servers/{id}/user_data/{key}") { try $0.deleteUserData() },
    ]

    private static let storage = [
        Route("GET", instance + "/volumes") { try $0.listVolumes() },
        Route("POST", instance + "/volumes") { try $0.createVolume() },
        Route("GET", instance + "/volumes/{id}") { try $0.getVolume() },
        Route("PATCH", instance + "/volumes/{id}") { try $0.updateVolume() },
        Route("DELETE", instance + "/volumes/{id}") { try $0.deleteVolume() },
        Route("GET", instance + "/snapshots") { try $0.listSnapshots() },
        Route("POST", instance + "/snapshots") { try $0.createSnapshot() },
        Route("GET", instance + "/snapshots/{id}") { try $0.getSnapshot() },
        Route("DELETE", instance + "/snapshots/{id}") { try $0.deleteSnapshot() },
        Route("GET", instance + "/images/{id}") { try $0.getImage() },
    ]

    private static let block = ["v1", "v1alpha1"].flatMap { version in
        let block = "/block/\(version)/zones/{zone}"
        return [
            Route("GET", block + "/volumes") { try $0.listBlockVolumes() },
            Route("POST", block + "/volumes") { try $0.createBlockVolume() },
            Route("GET", block + "/volumes/{id}") { try $0.getBlockVolume() },
            Route("PATCH", block + "/volumes/{id}") { try $0.updateBlockVolume() },
            Route("DELETE", block + "/volumes/{id}") { try $0.deleteBlockVolume() },
            Route("GET", block + "/snapshots") { try $0.listBlockSnapshots() },
            Route("POST", block + "/snapshots") { try $0.createBlockSnapshot() },
            Route("GET", block + "/snapshots/{id}") { try $0.getBlockSnapshot() },
            Route("DELETE", block + "/snapshots/{id}") { try $0.deleteBlockSnapshot() },
        ]
    }

    private static let network = [
        Route("GET", instance + "/ips") { try $0.listAddresses() },
        Route("POST", instance + "/ips") { try $0.createAddress() },
        Route("GET", instance + "/ips/{id}") { try $0.getAddress() },
        Route("PATCH", instance + "/ips/{id}") { try $0.updateAddress() },
        Route("DELETE", instance + "/ips/{id}") { try $0.deleteAddress() },
        Route("GET", instance + "/security_groups") { try $0.listGroups() },
        Route("POST", instance + "/security_groups") { try $0.createGroup() },
        Route("GET", instance + "/security_groups/{id}") { try $0.getGroup() },
        Route("PATCH", instance + "/security_groups/{id}") { try $0.updateGroup() },
        Route("PUT", instance + "/security_groups/{id}") { try $0.updateGroup() },
        Route("DELETE", instance + "/security_groups/{id}") { try $0.deleteGroup() },
        Route("GET", instance + "/security_groups/{id}/rules") { try $0.listRules() },
        Route("PUT", instance + "/security_groups/{id}/rules") { try $0.setRules() },
        Route("POST", instance + "/security_groups/{id}/rules") { try $0.addRule() },
        Route("GET", instance + "/security_groups/{id}/rules/{rule}") { try $0.getRule() },
        Route("DELETE", instance + "/security_groups/{id}/rules/{rule}") { try $0.deleteRule() },
        Route("GET", instance + "/placement_groups") { try $0.listPlacementGroups() },
        Route("POST", instance + "/placement_groups") { try $0.createPlacementGroup() },
        Route("GET", instance + "/placement_groups/{id}") { try $0.getPlacementGroup() },
        Route("PATCH", instance + "/placement_groups/{id}") { try $0.updatePlacementGroup() },
        Route("DELETE", instance + "/placement_groups/{id}") { try $0.deletePlacementGroup() },
    ]

    private static let catalogue = [
        Route("GET", instance + "/products/servers", isPublic: true) { try $0.listTypes() },
        Route("GET", instance + "/products/servers/availability", isPublic: true) { try $0.listAvailability() },
        Route("GET", instance + "/products/volumes", isPublic: true) { try $0.listVolumeTypes() },
        Route("GET", "/marketplace/v2/local-images", isPublic: true) { try $0.listImages() },
        Route("GET", "/marketplace/v2/local-images/{id}", isPublic: true) { try $0.getMarketplaceImage() },
        Route("GET", "/product-catalog/v2alpha1/public-catalog/products", isPublic: true) { try $0.listProducts() },
    ]

    private static let accounts = [
        Route("GET", "/iam/v1alpha1/ssh-keys") { try $0.listKeys() },
        Route("POST", "/iam/v1alpha1/ssh-keys") { try $0.createKey() },
        Route("GET", "/iam/v1alpha1/ssh-keys/{id}") { try $0.getKey() },
        Route("PATCH", "/iam/v1alpha1/ssh-keys/{id}") { try $0.updateKey() },
        Route("DELETE", "/iam/v1alpha1/ssh-keys/{id}") { try $0.deleteKey() },
        Route("GET", "/iam/v1alpha1/api-keys/{id}") { try $0.getAPIKey() },
        Route("GET", "/account/v3/projects") { try $0.listProjects() },
        Route("GET", "/account/v3/projects/{id}") { try $0.getProject() },
    ]
}
