/// An error answer: every field may be missing, and several generations of the API are in use at once.
struct ErrorBody: Decodable, Sendable {
    struct Detail: Decodable, Sendable {
        var argument_name: String?
        var reason: String?
        var help_message: String?
        var resource: String?
        var action: String?
        var quota: Int64?
        var current: Int64?
    }

    var type: String?
    var message: String?
    var details: [Detail]?
    /// Of the older `invalid_request_error`.
    var fields: [String: [String]]?
    var precondition: String?
    var help_message: String?
    var resource: String?
    var resource_id: String?
    var current_state: String?
    var method: String?
    var reason: String?
    var expired_since: String?
}
