/// An error as the Scaleway API words it.
struct APIError: Error, Sendable {
    var status: Int
    var body: JSON

    var reply: Reply { .json(body, status: status) }

    struct Argument: Sendable {
        var name: String
        var reason: String
        var help: String

        static func required(_ name: String) -> Argument {
            Argument(name: name, reason: "required", help: "required key not provided")
        }

        static func constraint(_ name: String, _ help: String = "not a valid value") -> Argument {
            Argument(name: name, reason: "constraint", help: help)
        }

        static func unknown(_ name: String) -> Argument {
            Argument(name: name, reason: "unknown", help: "extra keys not allowed")
        }
    }

    static func invalid(_ arguments: Argument...) -> APIError { invalid(arguments) }

    static func invalid(_ arguments: [Argument]) -> APIError {
        let details = arguments.map { argument -> JSON in
            [
                "argument_name": .string(argument.name), "reason": .string(argument.reason),
                "help_message": .string(argument.help),
            ]
        }
        return APIError(
            status: 400,
            body: ["type": "invalid_arguments", "message": "invalid argument(s)", "details": .array(details)])
    }

    static func notFound(_ resource: String, _ id: String) -> APIError {
        APIError(
            status: 404,
            body: [
                "type": "not_found", "message": "resource is not found", "resource": .string(resource),
                "resource_id": .string(id),
            ])
    }

    /// Instance answers 400 for this, Block and VPC 412.
    static func precondition(_ name: String, _ help: String, status: Int = 400) -> APIError {
        APIError(
            status: status,
            body: [
                "type": "precondition_failed", "precondition": .string(name), "help_message": .string(help),
                "message": "precondition is not respected",
            ])
    }

    static func denied(method: String, reason: String) -> APIError {
        APIError(
            status: 401,
            body: [
                "type": "denied_authentication", "method": .string(method), "reason": .string(reason),
                "message": "authentication is denied",
            ])
    }

    static func forbidden(_ resource: String, action: String) -> APIError {
        APIError(
            status: 403,
            body: [
                "type": "permissions_denied", "message": "insufficient permissions",
                "details": [["resource": .string(resource), "action": .string(action)]],
            ])
    }

    static func quota(_ resource: String, quota: Int, current: Int, organization: String) -> APIError {
        APIError(
            status: 403,
            body: [
                "type": "quotas_exceeded", "message": "quota(s) exceeded for this resource",
                "details": [
                    [
                        "resource": .string(resource), "quota": .int(quota), "current": .int(current),
                        "organization_id": .string(organization),
                    ]
                ],
            ])
    }

    static func outOfStock(_ resource: String) -> APIError {
        APIError(
            status: 503,
            body: ["type": "out_of_stock", "resource": .string(resource), "message": "resource is out of stock"])
    }

    static let unknownService = APIError(status: 501, body: ["message": "unknown service"])
}
