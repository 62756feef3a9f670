/// What a connection to Scaleway needs: where, who, and whose resources.
package struct ScalewaySettings: Sendable, Hashable {
    package static let publicAPI = "https://api.scaleway.com"

    /// Without a trailing slash. https, or http on loopback.
    package var apiURL: String
    package var secretKey: Secret
    package var projectID: String
    /// From `SCW_DEFAULT_ZONE` or the profile; the spec decides, this only suggests.
    package var defaultZone: String?
    package var userAgent: String
    /// What is set and not done as it says, for the user to know.
    package var notes: [String] = []

    package init(
        apiURL: String = ScalewaySettings.publicAPI, secretKey: Secret, projectID: String, defaultZone: String? = nil,
        userAgent: String = "spillway"
    ) {
        self.apiURL = apiURL
        self.secretKey = secretKey
        self.projectID = projectID
        self.defaultZone = defaultZone
        self.userAgent = userAgent
    }
}
