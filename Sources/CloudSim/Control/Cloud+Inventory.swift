/// `GET /_sim/inventory`: what exists and what was ever on, whichever API made it, for tests that compare it with what
/// a client believes.
extension Cloud {
    var inventory: JSON {
        var things: [JSON] = []
        func note(_ kind: String, _ id: String, _ tags: [String], of machine: String? = nil) {
            things.append([
                "kind": .string(kind), "id": .string(id), "tags": .array(tags.map(JSON.string)),
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
        let powered = everPowered.map {
            JSON.object(["id": .string($0.key), "tags": .array($0.value.map(JSON.string))])
        }
        return ["resources": .array(things), "ever_powered": .array(powered)]
    }
}
