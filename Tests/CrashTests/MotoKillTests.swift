import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// The kill that makes Terraform forget ten machines of ten, done to Spillway on an EC2 that we did not write: when the
/// answer to one of its changing calls has come, and nobody has read it.
///
/// moto knows no client token: were the launch simply repeated, it would make every machine twice.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: MisfortuneLayer.isAvailable, "no C compiler for the misfortune layer"))
struct MotoKillTests {
    private static let nodes = 20

    @Test(arguments: [("group", 1, 0), ("rule", 2, 0), ("launch", 3, nodes)])
    func `killed while twenty are launched, the second apply forgets none, and destroy leaves none`(
        what: String, call: Int, launched: Int
    ) async throws {
        guard let moto = await MotoServer.start() else { return }
        defer { moto.end() }
        try await withOfflineWorkplace { place in
            try place.writeAWSSpec(resources: "instance_type: c5.xlarge, image: amazon-linux-2023", nodes: Self.nodes)
            let environment: [String: String?] = [
                "AWS_ENDPOINT_URL": moto.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
            ]
            let layer = try MisfortuneLayer.environment(
                "calls=\(call):replied", state: place.folder.appending(path: "state"))
            let first = try await place.run(
                command: ["spillway", "apply", "-y"], environment: environment.merging(layer) { $1 })
            #expect(first.status == -9, "\(first)")
            #expect(try await Self.living(moto).count == launched)

            let second = try await place.run(command: ["spillway", "apply", "-y"], environment: environment)
            #expect(second.status == 0, "\(second)")
            let living = try await Self.living(moto)
            #expect(living.count == Self.nodes)
            let state = place.text("state/small.json") + place.text("state/small.journal.jsonl")
            #expect(living.allSatisfy { state.contains("\"\($0)\"") }, "an orphan among \(living)")

            let destroyed = try await place.run(command: ["spillway", "destroy", "-y"], environment: environment)
            #expect(destroyed.status == 0, "\(destroyed)")
            #expect(try await Self.living(moto).isEmpty)
        }
    }

    /// Ids of the instances that moto has and that have not ended.
    private static func living(_ moto: MotoServer) async throws -> [String] {
        var request = URLRequest(url: try #require(URL(string: moto.url)))
        request.httpMethod = "POST"
        request.httpBody = Data(
            """
            Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=instance-state-name\
            &Filter.1.Value.1=pending&Filter.1.Value.2=running
            """.utf8)
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        // moto finds region and service in the signature's scope, and does not check the signature.
        request.setValue(
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0",
            forHTTPHeaderField: "Authorization")
        let (data, _) = try await URLSession.shared.data(for: request)
        return String(decoding: data, as: UTF8.self).matches(of: /<instanceId>(i-[0-9a-f]+)</).map {
            String($0.output.1)
        }
    }
}
