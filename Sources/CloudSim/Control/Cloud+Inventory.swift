/// `GET /_sim/inventory`: what exists and what was ever on, whichever API made it, for tests that compare it with what
/// a client believes.
extension Cloud {
    var inventory: JSON {
        var things: [JSON] = []
        func note(_ kind: String, _ id: String, _ tags: [String], of machine: String? = nil) {
            things.append([
                "kind": .string(kind), "id": .string(id), "tags": .array(self.tags(of: id, tags).map(JSON.string)),
                "of": machine.map(JSON.string) ?? .null,
            ])
        }
        for machine in world.machines.values { note("server", machine.id, machine.tags) }
        for volume in world.blockVolumes.values {
            note("volume", volume.id, volume.tags, of: volume.reference?.machineID)
        }
        for volume in world.localVolumes.values { note("volume", volume.id, volume.tags, of: volume.machineID) }
        for address in world.addresses.values { note("address", address.id, address.tags, of: address.machineID) }
        for group in world.groups.values where !group.isProjectDefault { note("firewall", group.id, group.tags) }
        // One that a machine holds goes with it.
        for interface in world.ec2.interfaces.values where interface.machineID == nil {
            note("interface", interface.id, [])
        }
        let powered = everPowered.map {
            JSON.object(["id": .string($0.key), "tags": .array($0.value.map(JSON.string))])
        }
        return ["resources": .array(things), "ever_powered": .array(powered)]
    }

    /// Its own, as Scaleway has them, or those that EC2 keeps beside the thing; as "key=value".
    func tags(of id: String, _ own: [String]) -> [String] {
        own + (world.ec2.tags[id] ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}
