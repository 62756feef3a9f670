/// An action of the EC2 Query API: the families of parameters it takes, and what answers it.
struct EC2Action: Sendable {
    typealias Handler = @Sendable (inout EC2Face) throws -> [XMLNode?]

    let parameters: Set<String>
    let handler: Handler

    private init(_ parameters: String, _ handler: @escaping Handler) {
        (self.parameters, self.handler) = (Set(parameters.split(separator: " ").map(String.init)), handler)
    }

    private static let pages = "Filter MaxResults NextToken"

    static let ec2 = instances.merging(storage) { $1 }.merging(network) { $1 }.merging(catalogue) { $1 }

    private static let instances = [
        "RunInstances": EC2Action(
            "ImageId InstanceType MinCount MaxCount ClientToken KeyName SecurityGroupId SecurityGroup SubnetId Placement "
                + "NetworkInterface BlockDeviceMapping TagSpecification UserData InstanceMarketOptions MetadataOptions "
                + "CreditSpecification IamInstanceProfile InstanceInitiatedShutdownBehavior DisableApiTermination "
                + "EbsOptimized Monitoring"
        ) { try $0.runInstances() },
        "DescribeInstances": EC2Action("InstanceId \(pages)") { try $0.describeInstances() },
        "DescribeInstanceStatus": EC2Action("InstanceId IncludeAllInstances \(pages)") {
            try $0.describeInstanceStatus()
        },
        "TerminateInstances": EC2Action("InstanceId") { try $0.terminateInstances() },
        "StopInstances": EC2Action("InstanceId Force Hibernate") { try $0.stopInstances() },
        "StartInstances": EC2Action("InstanceId") { try $0.startInstances() },
        "RebootInstances": EC2Action("InstanceId") { try $0.rebootInstances() },
        "ModifyInstanceAttribute": EC2Action(
            "InstanceId Attribute Value UserData DisableApiTermination InstanceInitiatedShutdownBehavior GroupId"
        ) { try $0.modifyInstanceAttribute() },
        "DescribeInstanceAttribute": EC2Action("InstanceId Attribute") { try $0.describeInstanceAttribute() },
        "DescribeInstanceCreditSpecifications": EC2Action("InstanceId \(pages)") { try $0.describeCredits() },
        "DescribeSpotInstanceRequests": EC2Action("SpotInstanceRequestId \(pages)") { try $0.describeSpotRequests() },
        "CancelSpotInstanceRequests": EC2Action("SpotInstanceRequestId") { try $0.cancelSpotRequests() },
        "DescribeSpotPriceHistory": EC2Action(
            "InstanceType ProductDescription StartTime EndTime AvailabilityZone \(pages)"
        ) { try $0.describeSpotPrices() },
        "CreateTags": EC2Action("ResourceId Tag") { try $0.createTags() },
        "DeleteTags": EC2Action("ResourceId Tag") { try $0.deleteTags() },
        "DescribeTags": EC2Action(pages) { try $0.describeTags() },
    ]

    private static let storage = [
        "DescribeVolumes": EC2Action("VolumeId \(pages)") { try $0.describeVolumes() },
        "DeleteVolume": EC2Action("VolumeId") { try $0.deleteVolume() },
    ]

    private static let network = [
        "DescribeNetworkInterfaces": EC2Action("NetworkInterfaceId \(pages)") { try $0.describeInterfaces() },
        "DeleteNetworkInterface": EC2Action("NetworkInterfaceId") { try $0.deleteInterface() },
        "CreateSecurityGroup": EC2Action("GroupName GroupDescription VpcId TagSpecification") {
            try $0.createSecurityGroup()
        },
        "DescribeSecurityGroups": EC2Action("GroupId GroupName \(pages)") { try $0.describeSecurityGroups() },
        "DescribeSecurityGroupRules": EC2Action("SecurityGroupRuleId \(pages)") { try $0.describeRules() },
        "DeleteSecurityGroup": EC2Action("GroupId GroupName") { try $0.deleteSecurityGroup() },
        "AuthorizeSecurityGroupIngress": EC2Action(
            "GroupId GroupName IpPermissions IpProtocol FromPort ToPort CidrIp TagSpecification"
        ) { try $0.authorizeIngress() },
        "RevokeSecurityGroupIngress": EC2Action(
            "GroupId GroupName IpPermissions IpProtocol FromPort ToPort CidrIp SecurityGroupRuleId"
        ) { try $0.revokeIngress() },
        "ImportKeyPair": EC2Action("KeyName PublicKeyMaterial TagSpecification") { try $0.importKeyPair() },
        "DescribeKeyPairs": EC2Action("KeyName KeyPairId IncludePublicKey Filter") { try $0.describeKeyPairs() },
        "DeleteKeyPair": EC2Action("KeyName KeyPairId") { try $0.deleteKeyPair() },
        "AllocateAddress": EC2Action("Domain TagSpecification") { try $0.allocateAddress() },
        "DescribeAddresses": EC2Action("AllocationId PublicIp Filter") { try $0.describeAddresses() },
        "ReleaseAddress": EC2Action("AllocationId PublicIp") { try $0.releaseAddress() },
        "DescribeVpcs": EC2Action("VpcId \(pages)") { try $0.describeNetworks() },
        "DescribeSubnets": EC2Action("SubnetId \(pages)") { try $0.describeSubnets() },
    ]

    private static let catalogue = [
        "DescribeImages": EC2Action("ImageId Owner ExecutableBy IncludeDeprecated IncludeDisabled \(pages)") {
            try $0.describeImages()
        },
        "DescribeInstanceTypes": EC2Action("InstanceType \(pages)") { try $0.describeInstanceTypes() },
        "DescribeInstanceTypeOfferings": EC2Action("LocationType \(pages)") { try $0.describeOfferings() },
        "DescribeAvailabilityZones": EC2Action("ZoneName ZoneId AllAvailabilityZones Filter") {
            try $0.describeZones()
        },
        "DescribeRegions": EC2Action("RegionName AllRegions Filter") { try $0.describeRegions() },
        "DescribeAccountAttributes": EC2Action("AttributeName") { try $0.describeAccountAttributes() },
    ]

    static let sts = [
        "GetCallerIdentity": EC2Action("") { $0.callerIdentity() },
        "AssumeRole": EC2Action("RoleArn RoleSessionName DurationSeconds ExternalId") { try $0.assumeRole() },
        "DecodeAuthorizationMessage": EC2Action("EncodedMessage") { try $0.decodeMessage() },
    ]
}
