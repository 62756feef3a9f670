/// What a user of AWS may have made already and wants used; each is the provider's own id or name, taken as it stands.
package struct AWSChoices: Codable, Hashable, Sendable {
    package var location: SourceLocation
    /// Instead of the zone's default subnet.
    package var subnetID: String?
    /// Besides the group of the burst, which admits SSH.
    package var securityGroupID: String?
    /// Besides the key of the burst.
    package var keyName: String?
    /// A name or an ARN. What it may do, the job may do.
    package var iamInstanceProfile: String?

    package init(at location: SourceLocation) { self.location = location }
}
