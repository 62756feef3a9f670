internal import SpillwayCore

// What is read of Instance v1's answers: these fields and no others, each required; unknown ones are ignored.

struct ServerBody: Decodable, Sendable {
    struct Image: Decodable, Sendable {
        let id: String
    }

    struct Volume: Decodable, Sendable {
        let id: String
        let volume_type: String
    }

    struct Address: Decodable, Sendable {
        let id: String
        let address: Nullable<String>
        let family: String
        let dynamic: Bool
    }

    struct Group: Decodable, Sendable {
        let id: String
    }

    let id: String
    let name: String
    let commercial_type: String
    let image: Nullable<Image>
    let volumes: [String: Volume]
    let tags: [String]
    let state: String
    let state_detail: String
    let public_ips: [Address]
    let creation_date: Timestamp
    let security_group: Nullable<Group>
}

struct AddressBody: Decodable, Sendable {
    struct Server: Decodable, Sendable {
        let id: String
    }

    let id: String
    let address: Nullable<String>
    let server: Nullable<Server>
    let state: String
    let tags: [String]
}

struct SecurityGroupBody: Decodable, Sendable {
    struct Server: Decodable, Sendable {
        let id: String
    }

    let id: String
    let name: String
    let description: Nullable<String>
    let servers: [Server]
    let state: String
    let tags: [String]
    let creation_date: Timestamp
}

struct InstanceVolumeBody: Decodable, Sendable {
    struct Server: Decodable, Sendable {
        let id: String
    }

    let id: String
    let name: String
    let volume_type: String
    let server: Nullable<Server>
    let size: Int64
    let state: String
    let tags: [String]
    let creation_date: Timestamp
}

// The objects that wrap them.

struct ServerAnswer: Decodable, Sendable {
    let server: ServerBody
}

struct ServersPage: Decodable, Sendable {
    let servers: [ServerBody]
}

struct AddressAnswer: Decodable, Sendable {
    let ip: AddressBody
}

struct AddressesPage: Decodable, Sendable {
    let ips: [AddressBody]
}

struct SecurityGroupAnswer: Decodable, Sendable {
    let security_group: SecurityGroupBody
}

struct SecurityGroupsPage: Decodable, Sendable {
    let security_groups: [SecurityGroupBody]
}

struct InstanceVolumeAnswer: Decodable, Sendable {
    let volume: InstanceVolumeBody
}

struct InstanceVolumesPage: Decodable, Sendable {
    let volumes: [InstanceVolumeBody]
}
