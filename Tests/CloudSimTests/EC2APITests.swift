import Foundation
import TestSupport
import Testing

@testable import CloudSim

/// What boto3 hides or repairs by itself, and what a test turns through the control API.
@Suite(.timeLimit(.minutes(3)))
struct EC2APITests {
    private func withEC2(_ arguments: [String] = [], _ body: (SimulatedEC2) async throws -> Void) async throws {
        try await withCloudSim(["--without-guests"] + arguments) { try await body(SimulatedEC2(cloud: $0)) }
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `SHA-256 agrees with its standard`(text: String, digest: String) {
        #expect(SHA256.hex(SHA256.digest(Array(text.utf8))) == digest)
    }

    @Test func `an HMAC agrees with RFC 4231`() {
        let key = [UInt8](repeating: 0xaa, count: 131)
        let text = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
        #expect(
            SHA256.hex(SHA256.hmac(key: key, text))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    // MARK: Signatures

    @Test func `whoever signs wrongly is told as each service tells it`() async throws {
        try await withEC2 { ec2 in
            func refusal(_ service: String, _ spoil: (inout SimulatedEC2) -> Void) async throws -> String {
                var client = ec2
                client.service = service
                spoil(&client)
                let answer = try await client.send(service == "sts" ? "GetCallerIdentity" : "DescribeInstances")
                let isRaw = answer.text.contains("<Response><Errors><Error>")
                #expect(isRaw == (service == "ec2"), "\(answer.text)")
                #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
                return "\(answer.status) \(answer.code ?? "")"
            }
            #expect(try await refusal("ec2") { $0.secret = "wrong" } == "401 AuthFailure")
            #expect(try await refusal("ec2") { $0.accessKeyID = "AKIAIOSFODNN7EXAMPLE" } == "401 AuthFailure")
            #expect(try await refusal("ec2") { $0.region = "eu-west-3" } == "401 AuthFailure")
            #expect(try await refusal("ec2") { $0.isSigned = false } == "400 MissingParameter")
            #expect(try await refusal("ec2") { $0.date = Date() - 960 } == "400 RequestExpired")
            #expect(try await refusal("ec2") { $0.date = Date() + 960 } == "400 RequestExpired")
            #expect(try await refusal("sts") { $0.secret = "wrong" } == "403 SignatureDoesNotMatch")
            #expect(try await refusal("sts") { $0.accessKeyID = "AKIAIOSFODNN7EXAMPLE" } == "403 InvalidClientTokenId")
            #expect(try await refusal("sts") { $0.isSigned = false } == "403 MissingAuthenticationToken")
            #expect(try await refusal("sts") { $0.date = Date() - 960 } == "403 SignatureDoesNotMatch")
            for (seconds, service, said) in [
                (-1, "ec2", "400 RequestExpired"), (-1, "sts", "403 ExpiredToken"), (60, "sts", "200 "),
            ] {
                let session = try await ec2.control.send("POST", "/_sim/sessions", ["seconds": .int(seconds)]).json
                var client = ec2
                client.service = service
                client.accessKeyID = session["access_key_id"]?.string
                client.secret = session["secret_access_key"]?.string
                client.token = session["session_token"]?.string
                let answer = try await client.send(service == "sts" ? "GetCallerIdentity" : "DescribeInstances")
                #expect("\(answer.status) \(answer.code ?? "")" == said)
            }
            #expect(try await ec2.send("DescribeInstances", method: "GET").status == 200)
        }
    }

    // MARK: Refusals

    @Test func `a lack of capacity names the zones that have room`() async throws {
        try await withEC2 { ec2 in
            func short(_ zone: String) async throws {
                let body: JSON = ["zone": .string(zone), "type": "t3.small", "availability": "shortage"]
                #expect(try await ec2.control.send("PUT", "/_sim/stock", body).status == 204)
            }
            try await short("us-east-1a")
            let token = ["ClientToken": "t", "Placement.AvailabilityZone": "us-east-1a"]
            let refusal = try await ec2.run(token)
            #expect(refusal.status == 500)
            #expect(refusal.code == "InsufficientInstanceCapacity")
            #expect(refusal["Message"]?.contains("or choosing us-east-1b, us-east-1c, us-east-1d, us-east-1f.") == true)
            #expect(try await ec2.run()["availabilityZone"] == "us-east-1b")
            let spot = try await ec2.run(token.merging(["InstanceMarketOptions.MarketType": "spot"]) { $1 })
            #expect(spot["Message"] == "There is no Spot capacity available that matches your request.")
            // A launch that failed outright has not used its token up.
            #expect(try await ec2.run(["ClientToken": "t"]).status == 200)
        }
    }

    @Test func `the quota of virtual processors is kept, and the least number decides`() async throws {
        try await withEC2 { ec2 in
            _ = try await ec2.control.send("PUT", "/_sim/quotas", ["vcpus": 5, "spot_vcpus": 1])
            let two = try await ec2.run(["MaxCount": "4"])
            #expect(two.all("instanceId").count == 2)
            #expect(try await ec2.run().code == "VcpuLimitExceeded")
            let spot = try await ec2.run(["InstanceMarketOptions.MarketType": "spot"])
            #expect(spot.code == "MaxSpotInstanceCountExceeded")
        }
    }

    @Test func `a fault is asked for by action and speaks the service's own XML`() async throws {
        try await withEC2 { ec2 in
            _ = try await ec2.control.send(
                "PUT", "/_sim/faults",
                [
                    [
                        "match": ["action": "RunInstances"], "do": "status", "status": 503,
                        "code": "RequestLimitExceeded", "message": "Request limit exceeded.",
                    ],
                    ["match": ["action": "CreateTags|TerminateInstances"], "do": "drop_after"],
                ])
            let refusal = try await ec2.run()
            #expect(refusal.status == 503)
            #expect(refusal.code == "RequestLimitExceeded")
            let id = try #require(try await ec2.run()["instanceId"])
            await #expect(throws: PlainHTTP.Broken.self) {
                _ = try await ec2.send("TerminateInstances", ["InstanceId.1": id])
            }
            try await ec2.wait(id, state: "terminated")
            let requests = try await ec2.cloud.requests()
            #expect(requests.by_path["POST /?Action=RunInstances"] == 2)
            #expect(requests.mutating == 3)
            #expect(requests.polls >= 1)
        }
    }

    @Test func `what the caller may not do is refused, in a dry run too`() async throws {
        try await withEC2 { ec2 in
            _ = try await ec2.control.send("PUT", "/_sim/denied", ["ec2:RunInstances"])
            for more in [[:], ["DryRun": "true"]] {
                let refusal = try await ec2.run(more)
                #expect(refusal.status == 403)
                #expect(refusal.code == "UnauthorizedOperation")
                #expect(refusal["Message"]?.contains("Encoded authorization failure message: ") == true)
            }
            let before = try await ec2.cloud.requests().mutating
            let dry = try await ec2.send(
                "CreateSecurityGroup",
                [
                    "GroupName": "a", "GroupDescription": "a", "DryRun": "true",
                ])
            #expect(dry.status == 412)
            #expect(try await ec2.cloud.requests().mutating == before)
            #expect(try await ec2.cloud.world().is_empty)
            #expect(try await ec2.send("LaunchRocket").code == "InvalidAction")
        }
    }

    // MARK: Time

    @Test func `what is new is not found while listings lag behind`() async throws {
        try await withEC2 { ec2 in
            _ = try await ec2.control.send("POST", "/_sim/lag", ["listings_ms": 60_000])
            let id = try #require(try await ec2.run(["ClientToken": "t"])["instanceId"])
            let look = try await ec2.send("DescribeInstances", ["InstanceId.1": id])
            #expect(look.code == "InvalidInstanceID.NotFound")
            #expect(try await ec2.send("DescribeInstances")["instanceId"] == nil)
            #expect(try await ec2.run(["ClientToken": "t"])["instanceId"] == id)
            _ = try await ec2.control.send("POST", "/_sim/lag", ["listings_ms": 0])
            try await ec2.wait(id, state: "running")
        }
    }

    @Test func `an id that is too new is unknown to every action`() async throws {
        try await withEC2(["--manual-clock"]) { ec2 in
            _ = try await ec2.control.send("POST", "/_sim/lag", ["ids_ms": 1000])
            let id = try #require(try await ec2.run()["instanceId"])
            let group = try #require(
                try await ec2.send("CreateSecurityGroup", ["GroupName": "a", "GroupDescription": "a"])["groupId"])
            let tag = ["ResourceId.1": id, "Tag.1.Key": "a", "Tag.1.Value": "b"]
            let rule = [
                "GroupId": group, "IpProtocol": "tcp", "FromPort": "22", "ToPort": "22", "CidrIp": "0.0.0.0/0",
            ]
            #expect(try await ec2.send("CreateTags", tag).code == "InvalidInstanceID.NotFound")
            #expect(try await ec2.send("TerminateInstances", ["InstanceId.1": id]).code == "InvalidInstanceID.NotFound")
            #expect(try await ec2.run(["SecurityGroupId.1": group]).code == "InvalidGroup.NotFound")
            #expect(try await ec2.send("AuthorizeSecurityGroupIngress", rule).code == "InvalidGroup.NotFound")
            _ = try await ec2.control.send("POST", "/_sim/clock", ["advance_seconds": 2])
            #expect(try await ec2.send("CreateTags", tag).status == 200)
            #expect(try await ec2.send("AuthorizeSecurityGroupIngress", rule).status == 200)
            #expect(try await ec2.run(["SecurityGroupId.1": group]).status == 200)
        }
    }

    @Test func `an instance that has ended stays on record for a while, and its token for good`() async throws {
        try await withEC2(["--manual-clock", "--time-scale", "1"]) { ec2 in
            func pass(_ seconds: Int) async throws {
                _ = try await ec2.control.send("POST", "/_sim/clock", ["advance_seconds": .int(seconds)])
            }
            let id = try #require(try await ec2.run(["ClientToken": "t"])["instanceId"])
            try await pass(25)
            #expect(try await ec2.send("DescribeInstances", ["InstanceId.1": id]).text.contains("<name>running</name>"))
            let ended = try await ec2.send("TerminateInstances", ["InstanceId.1": id])
            #expect(ended["currentState"] == "<code>32</code><name>shutting-down</name>")
            try await pass(120)
            try await ec2.wait(id, state: "terminated")
            #expect(try await ec2.cloud.world().is_empty)
            #expect(try await ec2.run(["ClientToken": "t"]).code == "IdempotentInstanceTerminated")
            try await pass(3600)
            let look = try await ec2.send("DescribeInstances", ["InstanceId.1": id])
            #expect(look.code == "InvalidInstanceID.NotFound")
            #expect(try await ec2.run(["ClientToken": "t"]).code == "IdempotentInstanceTerminated")
        }
    }

    @Test func `a spot instance is taken back at the time its notice says`() async throws {
        try await withEC2(["--manual-clock"]) { ec2 in
            let id = try #require(try await ec2.run(["InstanceMarketOptions.MarketType": "spot"])["instanceId"])
            _ = try await ec2.control.send("POST", "/_sim/clock", ["advance_seconds": 1])
            let notice = try await ec2.control.send("POST", "/_sim/servers/\(id)/preempt")
            #expect(notice.json["action"] == "terminate")
            _ = try await ec2.control.send("POST", "/_sim/clock", ["advance_seconds": 119])
            try await ec2.wait(id, state: "running")
            for _ in 1...2 { _ = try await ec2.control.send("POST", "/_sim/clock", ["advance_seconds": 2]) }
            let gone = try await ec2.wait(id, state: "terminated")
            #expect(gone["stateReason"]?.contains("Server.SpotInstanceTermination") == true)
            let request = try await ec2.send("DescribeSpotInstanceRequests")
            #expect(request["status"]?.contains("<code>instance-terminated-no-capacity</code>") == true)
            #expect(request["state"] == "closed")
            let other = try #require(try await ec2.run()["instanceId"])
            #expect(try await ec2.control.send("POST", "/_sim/servers/\(other)/preempt").status == 400)
        }
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func `account, instances and tokens survive the end of the cloud`(_ signal: Int32) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "world-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let arguments = ["--data", folder.path, "--without-guests"]
        let first = try await CloudSimProcess.start(arguments)
        let id = try #require(
            try await SimulatedEC2(cloud: first).run([
                "ClientToken": "t", "TagSpecification.1.ResourceType": "instance",
                "TagSpecification.1.Tag.1.Key": "a", "TagSpecification.1.Tag.1.Value": "b=c",
            ])["instanceId"])
        await first.terminate(signal: signal)
        try await withCloudSim(arguments) { second in
            #expect(second.ec2.secret_access_key == first.ec2.secret_access_key)
            let ec2 = SimulatedEC2(cloud: second)
            let found = try await ec2.wait(id, state: "running")
            #expect(found["tagSet"] == "<item><key>a</key><value>b=c</value></item>")
            #expect(try await ec2.run(["ClientToken": "t"]).code == "IdempotentParameterMismatch")
        }
    }

    @Test func `a world that was saved before there was EC2 gets an account, and keeps it`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "world-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let arguments = ["--data", folder.path, "--without-guests"]
        let first = try await CloudSimProcess.start(arguments)
        await first.terminate()
        let file = folder.appending(path: "world.json")
        let saved = try JSON.parse(Data(contentsOf: file))
        var old = try #require(saved.object)
        #expect(old.removeValue(forKey: "ec2") != nil)
        try JSON.object(old).data.write(to: file)
        let second = try await CloudSimProcess.start(arguments)
        #expect(second.secretKey == first.secretKey)
        #expect(second.ec2.secret_access_key != first.ec2.secret_access_key)
        await second.terminate()
        try await withCloudSim(arguments) { third in
            #expect(third.ec2.secret_access_key == second.ec2.secret_access_key)
            let answer = try await SimulatedEC2(cloud: third).run()
            #expect(answer.status == 200)
        }
    }

    @Test func `the two clouds of one world do not see each other`() async throws {
        try await withEC2 { ec2 in
            _ = try await ec2.run()
            _ = try await ec2.send("AllocateAddress")
            #expect(try await ec2.control.get("/instance/v1/zones/fr-par-1/servers").json["servers"] == [])
            #expect(try await ec2.control.get("/instance/v1/zones/fr-par-1/ips").json["ips"] == [])
            #expect(try await ec2.control.get("/block/v1/zones/fr-par-1/volumes").json["volumes"] == [])
            let groups = try await ec2.control.get("/instance/v1/zones/fr-par-1/security_groups").json
            #expect(groups["security_groups"]?.array?.allSatisfy { $0["project_default"] == true } == true)
            _ = try await ec2.control.createServer()
            #expect(try await ec2.send("DescribeInstances").all("instanceId").count == 1)
            #expect(try await ec2.send("DescribeVolumes").all("volumeId").isEmpty == false)
            #expect(try await ec2.cloud.world().servers == 2)
        }
    }
}
