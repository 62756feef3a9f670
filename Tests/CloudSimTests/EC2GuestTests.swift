import Foundation
import TestSupport
import Testing

@testable import CloudSim

@Suite(.timeLimit(.minutes(3)), .enabled(if: Guests.arePossible))
struct EC2GuestTests {
    /// The user data that Spillway makes: cloud-config in JSON, keys for root, and whatever a test adds.
    private func userData(in folder: URL, _ more: [String: JSON]) throws -> String {
        func text(_ name: String) throws -> String {
            try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
        let config: JSON = [
            "hostname": "worker", "ssh_deletekeys": true, "ssh_pwauth": false, "disable_root": false,
            "ssh_keys": [
                "ed25519_private": .string(try text("host")), "ed25519_public": .string(try text("host.pub")),
            ],
            "ssh_authorized_keys": [.string(try text("client.pub").trimmed)],
            "write_files": [["path": "/etc/greeting", "content": "hello\n", "permissions": "0644"]],
        ]
        return "#cloud-config\n" + config.merging(more).text + "\n"
    }

    private func withInstance(
        _ parameters: [String: String] = [:], userData more: [String: JSON] = [:], cidr: String = "127.0.0.1/32",
        user: String = "root", _ body: (SimulatedEC2, Worker) async throws -> Void
    ) async throws {
        let folder = try await Worker.keys()
        defer { try? FileManager.default.removeItem(at: folder) }
        try await withCloudSim { cloud in
            let ec2 = SimulatedEC2(cloud: cloud)
            let made = try await ec2.send(
                "CreateSecurityGroup", ["GroupName": "ssh", "GroupDescription": "ssh"])
            let group = try #require(made["groupId"])
            _ = try await ec2.send(
                "AuthorizeSecurityGroupIngress",
                [
                    "GroupId": group, "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "22",
                    "IpPermissions.1.ToPort": "22", "IpPermissions.1.IpRanges.1.CidrIp": cidr,
                ])
            let data = Data(try userData(in: folder, more).utf8).base64EncodedString()
            let run = try await ec2.run(
                ["SecurityGroupId.1": group, "UserData": data].merging(parameters) { _, new in new })
            let id = try #require(run["instanceId"], "\(run.text)")
            let address = try #require(try await ec2.wait(id, state: "running")["ipAddress"])
            let worker = try Worker(api: ec2.control, id: id, address: address, folder: folder, user: user).trusting()
            try await body(ec2, worker)
        }
    }

    @Test func `root logs in where the user data lets it, and the image's user too`() async throws {
        try await withInstance { ec2, worker in
            let script = "id -u; hostname; cat /etc/greeting; cloud-init status --wait; echo $HOME"
            let wanted = ["0", "worker", "hello", "status: done", "/root"]
            let root = try await worker.ready().ssh(script).text.split(separator: "\n").map(String.init)
            #expect(root.dropFirst() == wanted.dropFirst())
            let ubuntu = Worker(
                api: worker.api, id: worker.id, address: worker.address, folder: worker.folder, user: "ubuntu")
            let text = try await ubuntu.ssh("echo $USER $HOME; sudo sh -c 'echo $HOME; id -u'; id -u").text
            let lines = text.split(separator: "\n").map(String.init)
            #expect(lines.prefix(2) == ["ubuntu /home/ubuntu", "/root"])
            #expect(Set(lines.dropFirst(2)).count == 1)
        }
    }

    @Test func `without a word about root the image's user alone logs in, with the key pair as well`() async throws {
        let folder = try await Worker.keys()
        defer { try? FileManager.default.removeItem(at: folder) }
        try await withCloudSim { cloud in
            let ec2 = SimulatedEC2(cloud: cloud)
            let key = try Data(contentsOf: folder.appending(path: "client.pub")).base64EncodedString()
            _ = try await ec2.send("ImportKeyPair", ["KeyName": "mine", "PublicKeyMaterial": key])
            let group = try #require(
                try await ec2.send("CreateSecurityGroup", ["GroupName": "ssh", "GroupDescription": "ssh"])["groupId"])
            _ = try await ec2.send(
                "AuthorizeSecurityGroupIngress",
                ["GroupId": group, "IpProtocol": "tcp", "FromPort": "22", "ToPort": "22", "CidrIp": "0.0.0.0/0"])
            let host = try String(contentsOf: folder.appending(path: "host"), encoding: .utf8)
            let config: JSON = ["ssh_keys": ["ed25519_private": .string(host)]]
            let run = try await ec2.run([
                "ImageId": try await ec2.imageID("debian-12-amd64-*", owner: "136693071363"), "KeyName": "mine",
                "SecurityGroupId.1": group,
                "UserData": Data("#cloud-config\n\(config.text)\n".utf8).base64EncodedString(),
            ])
            let id = try #require(run["instanceId"])
            let address = try #require(try await ec2.wait(id, state: "running")["ipAddress"])
            let admin = try Worker(
                api: ec2.control, id: id, address: address, folder: folder, user: "admin"
            ).trusting()
            #expect(try await admin.ready().ssh("echo $HOME; hostname").text.hasPrefix("/home/admin\nip-172-31-"))
            let root = try await admin.ssh("sudo cat /root/.ssh/authorized_keys").text
            #expect(root.contains(#"echo 'Please login as the user \"admin\" rather than the user \"root\".'"#))
        }
    }

    @Test(arguments: [("terminate", "terminated"), ("stop", "stopped")])
    func `a shutdown in the guest ends the instance as it was told at its launch`(
        _ behavior: String, state: String
    ) async throws {
        try await withInstance(["InstanceInitiatedShutdownBehavior": behavior]) { ec2, worker in
            _ = try await worker.ready().ssh("shutdown -h now")
            let gone = try await ec2.wait(worker.id, state: state)
            #expect(gone["stateReason"]?.contains("Client.InstanceInitiatedShutdown") == true)
            let volumes = try await ec2.send("DescribeVolumes").all("volumeId")
            #expect(volumes.isEmpty == (behavior == "terminate"))
            #expect(try await ec2.cloud.world().sandboxes == 0)
        }
    }

    @Test func `a halt in the guest goes unseen by EC2, and costs on`() async throws {
        try await withInstance { ec2, worker in
            _ = try await worker.ready().ssh("halt")
            _ = try await ec2.control.wait("/_sim/world") { $0.json["sandboxes"] == 0 }
            try await ec2.wait(worker.id, state: "running")
        }
    }

    @Test func `the metadata tell a guest who it is, and when it will be taken back`() async throws {
        let market = ["InstanceMarketOptions.MarketType": "spot", "MetadataOptions.HttpTokens": "required"]
        try await withInstance(market) { ec2, worker in
            let script = """
                base=$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest
                token=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $base/api/token)
                ask() { curl -s -H "X-aws-ec2-metadata-token: $token" -w '%{http_code}\\n' "$base/$1"; }
                curl -s -o /dev/null -w '%{http_code}\\n' $base/meta-data/instance-id
                ask meta-data/instance-id; ask meta-data/spot/instance-action
                """
            #expect(
                try await worker.ready().ssh(script).text.split(separator: "\n") == ["401", "\(worker.id)200", "404"])
            _ = try await ec2.control.send(
                "POST", "/_sim/servers/\(worker.id)/preempt", ["notice_seconds": 3600])
            let notice = try await worker.ssh(script).text.split(separator: "\n").last
            #expect(notice?.hasPrefix(#"{"action":"terminate","time":"2"#) == true)
            _ = try await ec2.control.send("POST", "/_sim/servers/\(worker.id)/preempt", ["notice_seconds": 0])
            try await ec2.wait(worker.id, state: "terminated")
        }
    }

    @Test func `who is not admitted by a group is not let in`() async throws {
        try await withInstance(cidr: "203.0.113.7/32") { ec2, worker in
            while try await ec2.send("DescribeInstanceStatus").text.contains("<status>initializing</status>") {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await worker.ssh("true").errors.contains("Connection refused"))
            let group = try #require(
                try await ec2.send("DescribeSecurityGroups", ["GroupName.1": "ssh"])["groupId"])
            _ = try await ec2.send(
                "AuthorizeSecurityGroupIngress",
                ["GroupId": group, "IpProtocol": "tcp", "FromPort": "22", "ToPort": "22", "CidrIp": "127.0.0.0/8"])
            #expect(try await worker.ready().ssh("hostname").text.trimmed == "worker")
        }
    }
}
