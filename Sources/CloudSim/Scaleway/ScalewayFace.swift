/// One Scaleway REST request against the world. An error leaves the world as it was: the caller keeps its own copy.
struct ScalewayFace: Face {
    let call: Call
    let catalog: Catalog
    let clock: SimClock
    let now: Instant
    let canSandbox: SandboxVerdict
    /// The world as listings see it, which may lag behind.
    let listed: World
    var world: World
    var parameters: [String: String] = [:]

    init(
        call: Call, world: World, listed: World, catalog: Catalog, clock: SimClock, now: Instant,
        canSandbox: SandboxVerdict
    ) {
        (self.call, self.world, self.listed) = (call, world, listed)
        (self.catalog, self.clock, self.now, self.canSandbox) = (catalog, clock, now, canSandbox)
    }

    mutating func answer() -> Reply {
        do {
            guard let (route, parameters) = Route.find(call) else { throw APIError.unknownService }
            self.parameters = parameters
            if let zone = parameters["zone"], !Catalog.zones.contains(zone) { throw APIError.unknownService }
            if !route.isPublic { try authenticate() }
            return try route.handler(&self)
        } catch let error as APIError {
            return error.reply
        } catch {
            return .json(["type": "server_error", "message": .string("\(error)")], status: 500)
        }
    }

    var zone: String { parameters["zone"] ?? "" }
    var id: String { parameters["id"] ?? "" }

    private func authenticate() throws {
        guard let token = call.headers["x-auth-token"], !token.isEmpty else {
            throw APIError.denied(method: "unknown_method", reason: "invalid_argument")
        }
        guard token == world.secretKey else { throw APIError.denied(method: "api_key", reason: "not_found") }
    }

    /// The body as an object; the official Python client sends `{}` with a charset even on GET.
    func body() throws -> JSON {
        if call.body.isEmpty { return [:] }
        guard let body = try? JSON.parse(call.body), body.object != nil else {
            throw APIError.invalid(.init(name: "body", reason: "format", help: "expected a JSON object"))
        }
        return body
    }

    /// The project a create is for: exactly one of the two keys, and one we may use.
    func project(in body: JSON, key: String = "project", resource: String) throws -> String {
        let named = [body[key]?.string, key == "project" ? body["organization"]?.string : nil].compactMap(\.self)
        guard let project = named.first else { throw APIError.invalid(.required(key)) }
        guard named.count == 1 else {
            throw APIError.invalid(.constraint(key, "project and organization are exclusive"))
        }
        guard project == world.projectID else { throw APIError.forbidden(resource, action: "write") }
        return project
    }

    func location(_ path: String) -> [String: String] {
        let host = call.headers["host"] ?? "127.0.0.1"
        return ["Location": "http://\(host)/instance/v1/zones/\(zone)/\(path)"]
    }

    // MARK: Pages

    private func page(sizeKey: String, standard: Int) throws -> (number: Int, size: Int) {
        func positive(_ key: String, _ standard: Int) throws -> Int {
            guard let text = call[query: key] else { return standard }
            guard let number = Int(text), number >= 1 else { throw APIError.invalid(.constraint(key)) }
            return number
        }
        return (try positive("page", 1), min(100, try positive(sizeKey, standard)))
    }

    /// A page of the Instance API: total and links in headers; a page past the end is empty.
    func instancePage(_ items: [JSON], key: String, path: String, perPage: Int = 50) throws -> Reply {
        try instancePage(items.count, path: path, perPage: perPage) { [key: .array(Array(items[$0]))] }
    }

    func instancePage(_ total: Int, path: String, perPage: Int = 50, body: (Range<Int>) -> JSON) throws -> Reply {
        let (number, size) = try page(sizeKey: "per_page", standard: perPage)
        let last = (total + size - 1) / size
        let filters = call.query.filter { $0.name != "page" && $0.name != "per_page" }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        func link(_ target: Int, _ rel: String) -> String {
            "</\(path)?page=\(target)&per_page=\(size)&\(filters)>; rel=\"\(rel)\""
        }
        var links: [String] = []
        if number > 1 { links += [link(1, "first"), link(number - 1, "previous")] }
        if number < last { links.append(link(number + 1, "next")) }
        links.append(link(last, "last"))
        let start = min(total, (number - 1) * size)
        return .json(
            body(start..<min(total, start + size)),
            headers: ["X-Total-Count": String(total), "Link": links.joined(separator: ",")])
    }

    /// A page of every other API: the total stands in the body.
    func totalPage(_ items: [JSON], key: String) throws -> Reply {
        let (number, size) = try page(sizeKey: "page_size", standard: 50)
        let start = min(items.count, (number - 1) * size)
        let shown = Array(items[start..<min(items.count, start + size)])
        return .json([key: .array(shown), "total_count": .int(items.count)])
    }

    // MARK: Filters

    /// The filters that every listing of the Instance API has; names match by substring, tags must all be there.
    func passes(project: String, name: String, tags: [String]) -> Bool {
        if let wanted = call[query: "project"] ?? call[query: "project_id"], wanted != project { return false }
        let organization = call[query: "organization"] ?? call[query: "organization_id"]
        if let organization, organization != world.organizationID { return false }
        if let part = call[query: "name"], !name.contains(part) { return false }
        return call.values("tags").allSatisfy(tags.contains)
    }

    func tags(in body: JSON) throws -> [String]? {
        guard let value = body["tags"], !value.isNull else { return nil }
        guard let tags = value.strings else {
            throw APIError.invalid(.constraint("tags", "expected a list of strings"))
        }
        return tags
    }
}
