import Foundation

/// Key pairs: the public half only, which the first boot of an instance gives to its login user.
extension EC2Face {
    private func view(_ key: PublicKey, withKey: Bool = false) -> [XMLNode?] {
        [
            .text("keyName", key.name), .text("keyFingerprint", Fingerprint.ec2(of: key.key)),
            .text("keyPairId", key.id), .text("keyType", key.key.hasPrefix("ssh-rsa") ? "rsa" : "ed25519"),
            .text("publicKey", withKey ? key.key : nil), .text("createTime", key.created.ec2Text),
            .tags(tags(key.id)),
        ]
    }

    mutating func importKeyPair() throws -> [XMLNode?] {
        let name = try query.required("KeyName")
        let text = CloudConfig.decode(base64: try query.required("PublicKeyMaterial"))
        let parts = String(decoding: text ?? [], as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard parts.count >= 2, parts[0] == "ssh-rsa" || parts[0] == "ssh-ed25519", Fingerprint.isKey(parts[1]) else {
            throw EC2Error("InvalidKey.Format", "Key is not in valid OpenSSH public key format")
        }
        if account.keyPairs.values.contains(where: { $0.name == name }) {
            throw EC2Error("InvalidKeyPair.Duplicate", "The keypair already exists")
        }
        let key = PublicKey(
            id: world.newEC2ID("key"), projectID: account.accountID, name: name, key: "\(parts[0]) \(parts[1]) \(name)",
            created: now, updated: now)
        world.ec2.keyPairs[key.id] = key
        world.ec2.tags[key.id] = try TagSpecification.read(query, kinds: ["key-pair"])["key-pair"]
        return [
            .text("keyName", name), .text("keyFingerprint", Fingerprint.ec2(of: key.key)), .text("keyPairId", key.id),
            .tags(tags(key.id)),
        ]
    }

    func describeKeyPairs() throws -> [XMLNode?] {
        let (names, ids) = (query.list("KeyName"), query.list("KeyPairId"))
        let keys = listed.ec2.keyPairs.values.sorted { $0.name < $1.name }
        if let lost = names.first(where: { name in !keys.contains { $0.name == name } }) {
            throw EC2Error("InvalidKeyPair.NotFound", "The key pair '\(lost)' does not exist")
        }
        if let lost = ids.first(where: { id in !keys.contains { $0.id == id } }) {
            throw EC2Error("InvalidKeyPair.NotFound", "The key pair '\(lost)' does not exist")
        }
        let found = try Filters(query).apply(
            keys.filter {
                (names.isEmpty || names.contains($0.name)) && (ids.isEmpty || ids.contains($0.id))
            }, tags: { tags($0.id) },
            [
                "key-name": { [$0.name] }, "key-pair-id": { [$0.id] },
                "fingerprint": { [Fingerprint.ec2(of: $0.key)] },
            ])
        let withKey = try query.bool("IncludePublicKey") ?? false
        return [.list("keySet", found.map { view($0, withKey: withKey) })]
    }

    /// Asked for a key that is not there it is content.
    mutating func deleteKeyPair() throws -> [XMLNode?] {
        let (name, id) = (query["KeyName"], query["KeyPairId"])
        guard name != nil || id != nil else { throw EC2Error.missing("KeyName or KeyPairId") }
        let key = account.keyPairs.values.first { $0.id == id || $0.name == name }
        if let key {
            world.ec2.keyPairs[key.id] = nil
            world.ec2.tags[key.id] = nil
        }
        return [.bool("return", true), .text("keyPairId", key?.id)]
    }
}

extension Fingerprint {
    /// As EC2 prints it: of an ed25519 key the SHA-256 in base64, of an RSA key the MD5.
    static func ec2(of key: String) -> String {
        let parts = key.split(separator: " ")
        guard parts.count >= 2, let blob = Data(base64Encoded: String(parts[1])) else { return "" }
        if parts[0] == "ssh-ed25519" { return Data(SHA256.digest(Array(blob))).base64EncodedString() }
        return text(of: key).split(separator: " ").dropFirst().first.map { String($0.dropFirst("MD5:".count)) } ?? ""
    }
}
