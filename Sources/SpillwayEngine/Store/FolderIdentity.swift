internal import SpillwayCore

/// `folder.id.json`: the state id. No burst's name has a dot, so it cannot be taken for a burst.
private struct FolderIdentity: Codable {
    static let file = "folder.id.json"

    var version = 1
    var stateID: String
}

extension Directory {
    /// The state id on record; when its file was lost, the one that the bursts carry. nil in an empty folder.
    func recordedID() throws(Diagnostic) -> String? {
        let path = path(of: FolderIdentity.file)
        let bytes = try StateFolder.refusing(self.path) { () throws(SystemFailure) in try read(FolderIdentity.file) }
        guard let bytes else { return try idOfBursts() }
        do {
            let identity = try StateJSON.decode(FolderIdentity.self, bytes)
            guard identity.version == 1 else { throw StateFailure.newerVersion(path, version: identity.version) }
            return identity.stateID
        } catch let error as StateJSON.Unreadable {
            throw StateFailure.unreadableIdentity(path, why: error.reason)
        } catch let error as Diagnostic {
            throw error
        } catch {
            throw StateFailure.unreadableIdentity(path, why: String(describing: error))
        }
    }

    /// Two commands that start at once agree: only one of them makes the file, the other reads it.
    func makeID(_ fresh: String) throws(Diagnostic) -> String {
        let bytes: [UInt8]
        do {
            bytes = try StateJSON.document(FolderIdentity(stateID: fresh))
        } catch {
            throw StateFailure.unreadableIdentity(path(of: FolderIdentity.file), why: String(describing: error))
        }
        let made = try StateFolder.refusing(path) { () throws(SystemFailure) in
            try create(FolderIdentity.file, with: bytes, temporary: "\(FolderIdentity.file).\(fresh).tmp")
        }
        if made { return fresh }
        return try recordedID() ?? fresh
    }

    /// Takes the id of a folder that was lost.
    func inherit(_ id: String) throws(Diagnostic) {
        guard let bytes = try? StateJSON.document(FolderIdentity(stateID: id)) else { return }
        try StateFolder.refusing(path) { () throws(SystemFailure) in
            try replace(FolderIdentity.file, with: bytes)
        }
    }

    private func idOfBursts() throws(Diagnostic) -> String? {
        struct OnlyID: Decodable { var stateID: String }
        let ids = try StateFolder.refusing(path) { () throws(SystemFailure) in
            var ids: [String] = []
            for burst in try bursts() {
                guard let bytes = try read("\(burst).json") else { continue }
                if let id = try? StateJSON.decode(OnlyID.self, bytes).stateID { ids.append(id) }
            }
            return ids
        }
        guard let first = ids.first else { return nil }
        guard ids.allSatisfy({ $0 == first }) else {
            throw StateFailure.unreadableIdentity(
                path(of: FolderIdentity.file), why: "it is missing and the bursts carry different state ids")
        }
        return first
    }
}

extension StateFailure {
    static func unreadableIdentity(_ path: String, why: String) -> Diagnostic {
        Diagnostic(
            "state.no-identity", "the state folder does not know its own id", detail: "\(path): \(why).",
            remedy: "Every burst's file carries it as \"stateID\": write it back as "
                + "{\"state_id\": \"…\", \"version\": 1}.",
            command: "grep -rh stateID \(ShellWord.quoted(String(path.dropLast(FolderIdentity.file.count))))",
            exists: untouched)
    }
}
