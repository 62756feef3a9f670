import SpillwayCore
import Testing

@testable import SpillwayProviders

/// What is asked of EC2 in a launch, and how what belongs together is told apart again.
@Suite struct AWSLaunchTests {
    @Test(arguments: [[0], [0, 1, 2], [3, 5, 7, 8, 9], [1, 0], Array(0..<200)])
    func `the list of nodes survives its tag`(_ nodes: [Int]) {
        let text = AWSTags.text(nodes)
        #expect(AWSTags.nodes(in: text) == nodes && text.utf8.count <= AWSTags.longest)
    }

    @Test(arguments: ["", "a", "3-1", "1,", "-1", "1-2-3", "0-99999999999"])
    func `a list that was never written is none`(_ text: String) { #expect(AWSTags.nodes(in: text) == nil) }

    @Test func `nodes booted alike are one launch, others have one and a token of their own`() async throws {
        let http = CannedHTTP.ec2()
        var group = AWSSamples.group(AWSSamples.tags(), nodes: 5)
        group.nodes[3].userData = "#cloud-config\n{}\n"
        let log = OpenLog()
        let made = try await AWSSamples.provider(http).createServers(group, log: log).map { try $0.get() }
        #expect(made.map { $0.tags?.node } == [0, 1, 2, 3, 4])
        let launches = http.requests.filter { $0.action == "RunInstances" }.map(\.form)
        #expect(Set(launches.compactMap { $0["MaxCount"] }) == ["4", "1"])
        #expect(
            Set(launches.compactMap { $0["ClientToken"] }) == [group.tags.attempt, group.tags.attempt + "-1"])
        #expect(Set(launches.map { $0.values.contains("0-2,4") }) == [true, false])
        #expect(launches.allSatisfy { ($0["ClientToken"] ?? "").utf8.count <= 64 })
    }

    @Test func `so many gaps that a tag cannot hold them make several launches`() async throws {
        let http = CannedHTTP.ec2()
        var group = AWSSamples.group(AWSSamples.tags(), nodes: 300)
        group.nodes = group.nodes.filter { $0.index % 2 == 0 }
        let made = try await AWSSamples.provider(http).createServers(group, log: OpenLog()).map { try $0.get() }
        #expect(made.compactMap { $0.tags?.node } == group.nodes.map(\.index))
        for launch in http.requests.filter({ $0.action == "RunInstances" }) {
            #expect(launch.form.values.allSatisfy { $0.utf8.count <= AWSTags.longest })
        }
    }

    @Test func `every volume of an image goes with its instance`() async throws {
        let http = CannedHTTP.ec2()
        _ = await AWSErrorTests.launch(AWSSamples.provider(http))
        let form = try #require(http.requests.last).form
        #expect(form["BlockDeviceMapping.1.DeviceName"] == "/dev/xvda")
        #expect(form["BlockDeviceMapping.1.Ebs.VolumeSize"] == "20")
        #expect(form["BlockDeviceMapping.2.DeviceName"] == "/dev/sdb")
        #expect(form["BlockDeviceMapping.2.Ebs.DeleteOnTermination"] == "true")
        #expect(form["BlockDeviceMapping.2.Ebs.VolumeSize"] == nil && form["BlockDeviceMapping.3.DeviceName"] == nil)
        let kinds = (1...4).compactMap { form["TagSpecification.\($0).ResourceType"] }
        #expect(kinds == ["instance", "volume", "network-interface"])
    }

    @Test func `what the user chose for every launch is in it`() async throws {
        let http = CannedHTTP.ec2()
        var choices = AWSChoices(at: SourceLocation(file: "spillway.yaml", line: 1, column: 1))
        (choices.subnetID, choices.securityGroupID) = ("subnet-1", "sg-own")
        (choices.keyName, choices.iamInstanceProfile) = ("mine", "worker")
        #expect(await AWSErrorTests.launch(AWSSamples.provider(http, choices: choices)) == nil)
        let form = try #require(http.requests.last).form
        #expect(form["KeyName"] == "mine" && form["IamInstanceProfile.Name"] == "worker")
        #expect(form["NetworkInterface.1.SecurityGroupId.1"] == "sg-0123")
        #expect(form["NetworkInterface.1.SecurityGroupId.2"] == "sg-own")
        let elsewhere = AWSSamples.provider(CannedHTTP.ec2(), choices: choices)
        var group = AWSSamples.group(AWSSamples.tags())
        group.zone = "us-east-1b"
        let error = await failure { () async throws(ProviderError) in
            _ = try await elsewhere.createServers(group, log: OpenLog())[0].get()
        }
        #expect(error?.kind == .invalid && error?.detail == "subnet subnet-1 is not in us-east-1b")
    }

    @Test func `credits are capped where there are any`() {
        #expect(["t2.micro", "t3.large", "t3a.nano", "t4g.small"].allSatisfy(AWSProvider.isBurstable))
        #expect(!["m5.large", "trn1.2xlarge", "c7i.large"].contains(where: AWSProvider.isBurstable))
    }

    @Test func `user data that EC2 would not take is refused before anything is asked`() async throws {
        let http = CannedHTTP.ec2()
        var group = AWSSamples.group(AWSSamples.tags())
        group.nodes[0].userData = String(repeating: "x", count: 16_385)
        let error = await failure { () async throws(ProviderError) in
            _ = try await AWSSamples.provider(http).createServers(group, log: OpenLog())[0].get()
        }
        #expect(error?.detail == "the user data has 16385 bytes, and EC2 takes 16384 at most")
        #expect(!http.requests.contains { $0.action == "RunInstances" })
    }

    @Test func `a lost answer is asked for again under the same token, and only then unknown`() async throws {
        let http = CannedHTTP { request, _ throws(HTTPFailure) in
            guard request.action == "RunInstances" else { return try CannedHTTP.ec2().answer(request) }
            throw HTTPFailure(.cutOff, reachedServer: true, detail: "cut off")
        }
        let error = await AWSErrorTests.launch(AWSSamples.provider(http))
        #expect(error?.kind == .unknownOutcome)
        let launches = http.requests.filter { $0.action == "RunInstances" }
        #expect(launches.count == 5 && Set(launches.compactMap { $0.form["ClientToken"] }).count == 1)
    }

    @Test(arguments: [
        ("us-east-1a", "us-east-1"), ("ap-southeast-2b", "ap-southeast-2"), ("us-gov-west-1a", "us-gov-west-1"),
        ("us-east-1-bos-1a", "us-east-1"),
    ])
    func `a zone names its region`(_ zone: String, _ region: String) { #expect(AWSZones.region(of: zone) == region) }

    @Test func `an image is an alias, an id, or a name with the account that publishes it`() throws {
        for image in ["ubuntu-24.04", "debian-13", "amazon-linux-2023", "ami-0abcdef1234567890", "123456789012/mine-*"]
        {
            #expect(throws: Never.self, "\(image)") { try AWSImages.check(image) }
        }
        for image in ["mine", "ubuntu", "ami-", "canonical/ubuntu", "12345678901/x", "123456789012/"] {
            #expect(throws: Diagnostic.self, "\(image)") { try AWSImages.check(image) }
        }
    }
}
