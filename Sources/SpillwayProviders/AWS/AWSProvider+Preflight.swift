package import SpillwayCore

/// What the credentials may do, as AWS says when asked without doing it.
package struct AWSPermission: Sendable, Hashable {
    package enum Answer: Sendable, Hashable {
        case granted
        case denied(ProviderError)
        /// Neither: what stood in the way, in a sentence.
        case unknown(String)
    }

    /// "ec2:RunInstances".
    package var name: String
    package var answer: Answer
}

extension AWSProvider {
    /// Asks for each permission that a burst in `zone` needs, with `DryRun`: nothing is made or changed. What acts on
    /// something that exists is asked about an id that nobody has; where AWS looks for the thing first, its answer
    /// is `unknown`.
    package func preflight(zone: String, instanceType: String, image: String) async -> [AWSPermission] {
        let region = AWSZones.region(of: zone)
        let subnet = try? await subnet(in: zone)
        return await boundedMap(Self.questions(instanceType, image, subnet), width: Self.width) { action, with in
            let call = AWSAPI.Call("ask for \(action)", action, region: region, .read) { query in
                query["DryRun"] = "true"
                for (key, value) in with { query[key] = value }
            }
            return AWSPermission(name: "ec2:\(action)", answer: await answer(call))
        }
    }

    private func answer(_ call: AWSAPI.Call) async -> AWSPermission.Answer {
        do throws(ProviderError) {
            let response = try await api.exchange(call)
            if (200..<300).contains(response.status) { return .granted }
            if AWSErrors.code(response, api.xml) == "DryRunOperation" { return .granted }
            let error = api.error(call, response)
            return error.kind == .forbidden || error.kind == .unauthenticated ? .denied(error) : .unknown(error.detail)
        } catch {
            return .unknown(error.detail)
        }
    }

    private typealias Question = (action: String, with: [(String, String)])

    private static func questions(_ type: String, _ image: String, _ subnet: AWSMemory.Subnet?) -> [Question] {
        let reads = [
            "DescribeTags", "DescribeInstances", "DescribeVolumes", "DescribeSecurityGroups",
            "DescribeNetworkInterfaces", "DescribeSpotInstanceRequests", "DescribeSubnets", "DescribeImages",
            "DescribeInstanceTypeOfferings", "DescribeRegions", "DescribeSpotPriceHistory",
        ]
        let nobody = "00000000000000000"
        var rules = AWSQuery("", version: "")
        EC2Rules(admitting: SSHAdmission(cidrs: ["192.0.2.1/32"], port: 22)).write(to: &rules)
        let network = subnet?.network ?? "vpc-\(nobody)"
        let subnet = subnet?.id ?? "subnet-\(nobody)"
        let rule = rules.pairs.filter { $0.key.hasPrefix("IpPermissions") }.map { ($0.key, $0.value) }
        return reads.map { ($0, []) } + [
            (
                "RunInstances",
                [
                    ("ImageId", image), ("InstanceType", type), ("MinCount", "1"), ("MaxCount", "1"),
                    ("SubnetId", subnet),
                ]
            ),
            (
                "CreateSecurityGroup",
                [
                    ("GroupName", "spillway-preflight"), ("GroupDescription", "Spillway asks for a permission"),
                    ("VpcId", network),
                ]
            ),
            ("CreateTags", [("ResourceId.1", subnet), ("Tag.1.Key", "spillway:preflight"), ("Tag.1.Value", "")]),
            ("AuthorizeSecurityGroupIngress", [("GroupId", "sg-\(nobody)")] + rule),
            ("RevokeSecurityGroupIngress", [("GroupId", "sg-\(nobody)")] + rule),
            ("TerminateInstances", [("InstanceId.1", "i-\(nobody)")]),
            ("StartInstances", [("InstanceId.1", "i-\(nobody)")]),
            ("DeleteVolume", [("VolumeId", "vol-\(nobody)")]),
            ("DeleteNetworkInterface", [("NetworkInterfaceId", "eni-\(nobody)")]),
            ("DeleteSecurityGroup", [("GroupId", "sg-\(nobody)")]),
            ("CancelSpotInstanceRequests", [("SpotInstanceRequestId.1", "sir-00000000")]),
        ]
    }
}
