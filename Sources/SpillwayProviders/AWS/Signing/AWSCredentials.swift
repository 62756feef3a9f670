package import SpillwayCore

/// What a request to AWS is signed with.
package struct AWSCredentials: Sendable, Hashable {
    package var accessKeyID: String
    package var secretKey: Secret
    /// Of temporary credentials.
    package var sessionToken: Secret?
    /// When they end; nil for those that do not.
    package var expiration: Timestamp?
    /// Where they were found, for people: "environment", "profile \"ci\" of ~/.aws/credentials".
    package var source: String

    package init(
        accessKeyID: String, secretKey: Secret, sessionToken: Secret? = nil, expiration: Timestamp? = nil,
        source: String
    ) {
        self.accessKeyID = accessKeyID
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.expiration = expiration
        self.source = source
    }
}
