import Foundation

/// The instance metadata, version 2, as a guest asks for it: a token first, then paths below `/latest/`.
///
/// On EC2 it answers on 169.254.169.254. A guest here shares the network of its host, so that it is at the address that
/// `AWS_EC2_METADATA_SERVICE_ENDPOINT` names inside the guest, which the official clients heed too.
struct Metadata {
    static let root = "_imds"

    let call: Call
    let world: World
    let now: Instant

    static func endpoint(of machine: Machine, port: UInt16) -> String {
        "http://127.0.0.1:\(port)/\(root)/\(machine.id)"
    }

    func answer() -> Reply {
        let path = call.segments.dropFirst(2)
        guard let machine = call.segments.dropFirst().first.flatMap({ world.machines[$0] }),
            let instance = machine.instance, instance.metadata.isEnabled, path.first == "latest"
        else { return .text("", status: 404) }
        let rest = path.dropFirst().joined(separator: "/")
        if rest == "api/token" { return token(machine) }
        guard call.method == "GET" else { return .text("", status: 405) }
        let given = call.headers["x-aws-ec2-metadata-token"]
        if given == nil ? instance.metadata.needsToken : given != token(of: machine) { return .text("", status: 401) }
        return value(rest, machine, instance).map { .text($0) } ?? .text("", status: 404)
    }

    private func token(_ machine: Machine) -> Reply {
        guard call.method == "PUT" else { return .text("", status: 405) }
        let seconds = call.headers["x-aws-ec2-metadata-token-ttl-seconds"].flatMap { Int($0) }
        guard let seconds, (1...21_600).contains(seconds) else { return .text("", status: 400) }
        var reply = Reply.text(token(of: machine))
        reply.headers["X-Aws-Ec2-Metadata-Token-Ttl-Seconds"] = String(seconds)
        return reply
    }

    /// The same one each time: tokens are asked for here, not tested for their age.
    private func token(of machine: Machine) -> String {
        let bytes = SHA256.hmac(key: Array(world.ec2.secretAccessKey.utf8), Array(machine.id.utf8))
        return Data(bytes).base64EncodedString().replacing("/", with: "_").replacing("+", with: "-")
    }

    private func value(_ path: String, _ machine: Machine, _ instance: Instance) -> String? {
        switch path {
        case "user-data": return machine.userData["cloud-init"]
        case "dynamic/instance-identity/document": return identity(machine, instance).text
        case "meta-data/spot/instance-action":
            return instance.interruption.map {
                JSON.object(["action": "terminate", "time": .string($0.plainText)]).text
            }
        case "meta-data/spot/termination-time": return instance.interruption.map(\.plainText)
        default: break
        }
        let names = facts(machine, instance)
        if let value = names[path] { return value }
        // A folder answers with what is in it.
        let folder = path.isEmpty || path == "meta-data" ? "meta-data/" : path + "/"
        let inside = names.keys.filter { $0.hasPrefix(folder) }.map { name -> String in
            let parts = name.dropFirst(folder.count).split(separator: "/", maxSplits: 1)
            return parts.count > 1 ? parts[0] + "/" : String(parts.first ?? "")
        }
        return inside.isEmpty ? nil : Set(inside).sorted().joined(separator: "\n")
    }

    private func facts(_ machine: Machine, _ instance: Instance) -> [String: String] {
        let name = "\(machine.name).ec2.internal"
        var facts = [
            "ami-id": machine.imageID, "ami-launch-index": String(instance.launchIndex), "hostname": name,
            "instance-id": machine.id, "instance-type": machine.type, "local-hostname": name,
            "instance-life-cycle": instance.spotRequestID == nil ? "on-demand" : "spot",
            "local-ipv4": instance.privateAddress, "mac": machine.macAddress,
            "placement/availability-zone": machine.zone, "placement/region": EC2Account.region,
            "reservation-id": instance.reservationID,
            "security-groups": instance.groupIDs.compactMap { world.groups[$0]?.name }.joined(separator: "\n"),
        ]
        facts["public-ipv4"] = world.sshAddress(of: machine)
        if let key = world.ec2.keyPairs.values.first(where: { $0.name == instance.keyName }) {
            facts["public-keys/0/openssh-key"] = key.key
        }
        return Dictionary(uniqueKeysWithValues: facts.map { ("meta-data/\($0)", $1) })
    }

    private func identity(_ machine: Machine, _ instance: Instance) -> JSON {
        [
            "accountId": .string(machine.projectID), "architecture": .string(machine.arch),
            "availabilityZone": .string(machine.zone), "imageId": .string(machine.imageID),
            "instanceId": .string(machine.id), "instanceType": .string(machine.type),
            "pendingTime": .string(instance.launched.plainText), "privateIp": .string(instance.privateAddress),
            "region": .string(EC2Account.region), "version": "2017-09-30",
        ]
    }
}
