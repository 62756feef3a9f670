import Foundation

/// One request to EC2, STS or SSM against the world: signature, permission, parameters, then the action itself.
struct EC2Face: Face {
    let call: Call
    let query: EC2Query
    let catalog: EC2Catalog
    let clock: SimClock
    let now: Instant
    let canSandbox: SandboxVerdict
    let idLag: Double
    /// How many seconds a client's clock may be off.
    let clockSkew: Double
    /// The world as Describe actions see it, which may lag behind.
    let listed: World
    var world: World

    init(
        call: Call, world: World, listed: World, catalog: EC2Catalog, clock: SimClock, now: Instant,
        canSandbox: SandboxVerdict, idLag: Double, clockSkew: Double
    ) {
        (self.call, self.world, self.listed, self.catalog) = (call, world, listed, catalog)
        (self.clock, self.now, self.canSandbox) = (clock, now, canSandbox)
        (self.idLag, self.clockSkew) = (idLag, clockSkew)
        query = EC2Query(call.form ?? [])
    }

    var account: EC2Account { world.ec2 }

    mutating func answer() -> Reply {
        let service = call.service
        var reply: Reply
        do {
            // Signatures are made by the clocks of clients, which do not stand still with the cloud's.
            try SignatureCheck(call: call, service: service, account: account, now: .now(), limit: clockSkew)
                .verify()
            reply = try act(service)
        } catch let error as EC2Error {
            reply = error.reply(service)
        } catch {
            reply = EC2Error("InternalError", "\(error)", status: 500).reply(service)
        }
        reply.headers["Date"] = Instant.now().httpText
        return reply
    }

    private mutating func act(_ service: AWSDialect) throws -> Reply {
        let name = call.action ?? ""
        if service == .ssm { return try answerParameters(name) }
        guard let action = service == .sts ? EC2Action.sts[name] : EC2Action.ec2[name] else {
            throw EC2Error("InvalidAction", "The action \(name) is not valid for this web service.")
        }
        let permission = "\(service.rawValue):\(name)"
        guard !account.denied.contains(permission) else { throw denied(permission) }
        if let stranger = query.stranger(to: action.parameters.union(["Action", "Version", "DryRun"])) {
            throw EC2Error("UnknownParameter", "The parameter \(stranger) is not recognized")
        }
        let content = try action.handler(&self)
        if try query.bool("DryRun") == true { throw EC2Error.dryRun }
        let id = XMLNode.text("requestId", UUID().uuidString.lowercased())
        let root =
            service == .sts
            ? XMLNode.node(
                "\(name)Response",
                [.node("\(name)Result", content), .node("ResponseMetadata", [.text("RequestId", UUID().uuidString)])])
            : XMLNode.node("\(name)Response", [id] + content)
        return .xml(root.document(namespace: service.namespace))
    }

    private func denied(_ permission: String) -> EC2Error {
        EC2Error(
            "UnauthorizedOperation",
            "You are not authorized to perform this operation. User: \(account.userARN) is not authorized to perform: "
                + "\(permission) on resource: arn:aws:ec2:\(EC2Account.region):\(account.accountID):* because no "
                + "identity-based policy allows the \(permission) action. Encoded authorization failure message: "
                + "\(Data(permission.utf8).base64EncodedString())", status: 403)
    }

    /// What was made a moment ago may not be known everywhere yet.
    func isKnown(_ created: Instant) -> Bool { idLag == 0 || created + idLag <= now }

    // MARK: Pages

    /// A page of a listing, and the token of the next one.
    func page<Item>(_ items: [Item], least: Int = 5) throws -> (items: [Item], next: XMLNode?) {
        let size = try query.int("MaxResults")
        if let size, !(least...1000).contains(size) {
            throw EC2Error.invalid(
                "Value ( \(size) ) for parameter maxResults is invalid. Expecting a value between \(least) and 1000.")
        }
        return try page(items, size: size ?? items.count)
    }

    func page<Item>(_ items: [Item], size: Int) throws -> (items: [Item], next: XMLNode?) {
        var start = 0
        if let token = query["NextToken"] {
            guard let data = Data(base64Encoded: token), let number = Int(String(decoding: data, as: UTF8.self)) else {
                throw EC2Error.invalid("Invalid value '\(token)' for NextToken.")
            }
            start = min(number, items.count)
        }
        let end = min(items.count, start + size)
        let next = end < items.count ? Data("\(end)".utf8).base64EncodedString() : nil
        return (Array(items[start..<end]), .text("nextToken", next))
    }

    /// What is asked for by id, or everything; ids that are not there are an error.
    func selected<Item>(
        _ parameter: String, from items: [String: Item], code: String, thing: String
    ) throws -> [Item] {
        let ids = query.list(parameter)
        guard !ids.isEmpty else { return items.sorted { $0.key < $1.key }.map(\.value) }
        let lost = ids.filter { items[$0] == nil }
        guard lost.isEmpty else { throw EC2Error.notFound(code, thing, lost) }
        return ids.compactMap { items[$0] }
    }

    func tags(_ id: String) -> [String: String] { world.ec2.tags[id] ?? listed.ec2.tags[id] ?? [:] }
}
