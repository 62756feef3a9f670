import Foundation
import Glibc

/// How to reach a cloud: its first line on standard output, and what `GET /_sim/endpoint` answers.
struct Endpoint {
    /// "http://127.0.0.1:8080".
    let url: String
    let sshPort: Int

    func described(_ world: World) -> JSON {
        [
            "scaleway": [
                "api_url": .string(url), "secret_key": .string(world.secretKey), "access_key": .string(world.accessKey),
                "project_id": .string(world.projectID), "organization_id": .string(world.organizationID),
            ],
            "ec2": [
                "endpoint_url": .string(url), "access_key_id": .string(world.ec2.accessKeyID),
                "secret_access_key": .string(world.ec2.secretAccessKey), "region": .string(EC2Account.region),
                "zones": .list(EC2Account.zones),
            ],
            "ssh_port": .int(sshPort), "pid": .int(Int(getpid())), "address_url": .string(url + "/_sim/address"),
        ]
    }
}
