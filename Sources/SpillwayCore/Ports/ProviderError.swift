/// Why a provider's call did not do what was asked, in words both clouds share. Engine and planner switch on `kind`.
package struct ProviderError: Error, Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
        /// The zone or type has no stock: try the next offer.
        case noCapacity
        case quota
        /// Who are you: missing, wrong or expired credentials.
        case unauthenticated
        /// The credentials are good and lack this permission, or the project is another's.
        case forbidden
        case notFound
        /// The request itself is wrong: an unknown type, image or zone.
        case invalid
        /// Not in the present state: re-read and try again.
        case busy
        case rateLimited
        /// The provider fails or cannot be reached; nothing was changed by this call.
        case unavailable
        /// A mutating call whose answer never came: it may have taken effect.
        case unknownOutcome
        /// The attempt's token was used before, for something that is gone or was asked otherwise: take the next one.
        case spent
        /// The answer is not what the contract says: HTML, cut JSON, a missing field.
        case malformedAnswer
        case cancelled
    }

    package var kind: Kind
    /// What was being done: "create server", "list volumes in fr-par-1".
    package var operation: String
    /// The provider's own words, or what was wrong with its answer. Never a secret.
    package var detail: String
    package var httpStatus: Int?
    package var requestID: String?
    /// What the spec would have to change, where the call knows ("instance_type", "image").
    package var argument: String?
    /// Where there is room, when a refusal for lack of capacity says so.
    package var zones: [String]?

    package init(
        _ kind: Kind, operation: String, detail: String, httpStatus: Int? = nil, requestID: String? = nil,
        argument: String? = nil, zones: [String]? = nil
    ) {
        self.kind = kind
        self.operation = operation
        self.detail = detail
        self.httpStatus = httpStatus
        self.requestID = requestID
        self.argument = argument
        self.zones = zones
    }
}
