/// IAM and Account: SSH keys, the key in use, and the project.
extension ScalewayFace {
    private func json(_ key: PublicKey) -> JSON {
        [
            "id": .string(key.id), "name": .string(key.name), "public_key": .string(key.key),
            "fingerprint": .string(Fingerprint.text(of: key.key)), "created_at": .string(key.created.zuluText),
            "updated_at": .string(key.updated.zuluText), "organization_id": .string(world.organizationID),
            "project_id": .string(key.projectID), "disabled": .bool(key.isDisabled),
        ]
    }

    private func key() throws -> PublicKey {
        guard let key = world.publicKeys[id] else { throw APIError.notFound("ssh_key", id) }
        return key
    }

    func listKeys() throws -> Reply {
        let keys = listed.publicKeys.values.filter { key in
            passes(project: key.projectID, name: key.name, tags: [])
                && (call[query: "disabled"].map { ($0 == "true") == key.isDisabled } ?? true)
        }
        return try totalPage(keys.sorted { $0.created < $1.created }.map(json), key: "ssh_keys")
    }

    func getKey() throws -> Reply { .json(json(try key())) }

    mutating func createKey() throws -> Reply {
        let body = try body()
        let project = try project(in: body, key: "project_id", resource: "ssh_key")
        let parts = (body["public_key"]?.string ?? "").split(separator: " ")
        guard parts.count >= 2, Fingerprint.isKey(parts[1]) else {
            throw APIError.invalid(.init(name: "public_key", reason: "format", help: "invalid key format"))
        }
        let key = PublicKey(
            id: world.newID(), projectID: project, name: body["name"]?.string ?? "", key: "\(parts[0]) \(parts[1])",
            created: now, updated: now)
        world.publicKeys[key.id] = key
        return .json(json(key))
    }

    mutating func updateKey() throws -> Reply {
        var key = try key()
        let body = try body()
        if let name = body["name"]?.string { key.name = name }
        if let isDisabled = body["disabled"]?.bool { key.isDisabled = isDisabled }
        key.updated = now
        world.publicKeys[id] = key
        return .json(json(key))
    }

    mutating func deleteKey() throws -> Reply {
        _ = try key()
        world.publicKeys[id] = nil
        return .empty()
    }

    func getAPIKey() throws -> Reply {
        guard id == world.accessKey else { throw APIError.notFound("access_key", id) }
        return .json([
            "access_key": .string(id), "secret_key": nil, "description": "cloudsim", "expires_at": nil,
            "created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-01T00:00:00.000000Z",
            "default_project_id": .string(world.projectID), "editable": true, "deletable": true, "managed": false,
            "creation_ip": "127.0.0.1", "application_id": .string(SeededGenerator.uuid(of: id)),
        ])
    }

    private var projectJSON: JSON {
        [
            "id": .string(world.projectID), "name": "default", "organization_id": .string(world.organizationID),
            "created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-01T00:00:00.000000Z",
            "description": "The project of the simulated cloud", "qualification": nil,
        ]
    }

    func listProjects() throws -> Reply {
        let matches = passes(project: world.projectID, name: "default", tags: [])
        return try totalPage(matches ? [projectJSON] : [], key: "projects")
    }

    func getProject() throws -> Reply {
        guard id == world.projectID else { throw APIError.notFound("project_id", id) }
        return .json(projectJSON)
    }
}
