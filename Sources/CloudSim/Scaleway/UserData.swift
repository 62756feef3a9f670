/// `/servers/{id}/user_data`: raw text by key.
extension ScalewayFace {
    func listUserData() throws -> Reply { .json(["user_data": .list(try machine().userData.keys.sorted())]) }

    /// A missing key is an empty text, a missing server a JSON error: both 404.
    func getUserData() throws -> Reply {
        guard let text = try machine().userData[parameters["key"] ?? ""] else { return .text("", status: 404) }
        return .text(text)
    }

    mutating func setUserData() throws -> Reply {
        _ = try machine()
        world.machines[id]?.userData[parameters["key"] ?? ""] = String(decoding: call.body, as: UTF8.self)
        return .empty(type: "text/plain")
    }

    mutating func deleteUserData() throws -> Reply {
        let key = parameters["key"] ?? ""
        guard try machine().userData[key] != nil else { return .text("", status: 404) }
        world.machines[id]?.userData[key] = nil
        return .empty()
    }
}
