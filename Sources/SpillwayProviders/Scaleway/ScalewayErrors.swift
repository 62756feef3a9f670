internal import FoundationEssentials
internal import SpillwayCore

/// What a call would have changed: decides what a failure may truthfully say.
enum Effect: Sendable {
    /// Changes nothing.
    case read
    /// Changes a named target; sending it twice changes it once.
    case named
    /// Makes something new each time it arrives; the API has no idempotency key.
    case create
}

/// Turns Scaleway's error answers, of all the shapes recorded, into ``ProviderError``.
///
/// The content type is read first: a gateway's HTML page with status 404 says nothing about a resource, and an error
/// may have no body at all (429).
enum ScalewayErrors {
    static func error(_ operation: String, _ response: HTTPResponse, effect: Effect) -> ProviderError {
        var error: ProviderError
        if isJSON(response), let body = try? JSONDecoder().decode(ErrorBody.self, from: Data(response.body)) {
            error = ProviderError(
                kind(body, status: response.status, effect: effect), operation: operation,
                detail: words(body, status: response.status))
            error.argument = argument(body, effect: effect)
        } else {
            error = withoutBody(operation, response, effect: effect)
        }
        error.httpStatus = response.status
        error.requestID = response.header("x-request-id")
        return error
    }

    /// The far side gave no answer, or none that can be used.
    static func error(_ operation: String, _ failure: HTTPFailure, effect: Effect) -> ProviderError {
        let kind: ProviderError.Kind =
            switch failure.kind {
            case _ where effect != .read && failure.reachedServer: .unknownOutcome
            case .cancelled: .cancelled
            case .bodyTooLarge, .malformed: .malformedAnswer
            case .insecureURL: .invalid
            case .resolve, .connect, .tls, .timeout, .cutOff, .other: .unavailable
            }
        return ProviderError(kind, operation: operation, detail: failure.detail)
    }

    /// A success whose body is not what the contract says. On a change it may have happened all the same.
    static func malformed(
        _ operation: String, _ response: HTTPResponse, _ why: String, effect: Effect
    ) -> ProviderError {
        ProviderError(
            effect == .create ? .unknownOutcome : .malformedAnswer, operation: operation, detail: why,
            httpStatus: response.status, requestID: response.header("x-request-id"))
    }

    static func isJSON(_ response: HTTPResponse) -> Bool {
        response.header("content-type")?.lowercased().contains("json") ?? false
    }

    private static func withoutBody(
        _ operation: String, _ response: HTTPResponse, effect: Effect
    ) -> ProviderError {
        let what = response.body.isEmpty ? "an empty body" : response.header("content-type") ?? "no content type"
        return switch response.status {
        case 429:
            ProviderError(.rateLimited, operation: operation, detail: "Scaleway asks to slow down (429)")
        case 401:
            ProviderError(.unauthenticated, operation: operation, detail: "the credentials were not accepted (401)")
        case 500...599:
            ProviderError(
                effect == .read ? .unavailable : .unknownOutcome, operation: operation,
                detail: "status \(response.status) with \(what)")
        default:
            ProviderError(
                .malformedAnswer, operation: operation,
                detail: "status \(response.status) with \(what) instead of JSON; is the API URL right?")
        }
    }

    private static func kind(_ body: ErrorBody, status: Int, effect: Effect) -> ProviderError.Kind {
        switch body.type {
        case "invalid_arguments": return .invalid
        case "invalid_request_error": return status == 403 ? .quota : .invalid
        case "precondition_failed", "transient_state", "conflict": return .busy
        case "denied_authentication": return .unauthenticated
        case "permissions_denied", "authorization_required", "locked": return .forbidden
        case "quotas_exceeded": return .quota
        case "out_of_stock": return .noCapacity
        case "not_found", "unknown_resource", "expired", "resource_expired":
            // A create names only what it builds upon: the type's image, an address, a group.
            return effect == .create ? .invalid : .notFound
        case "too_many_requests": return .rateLimited
        default: return kindByStatus(status, message: body.message ?? "", effect: effect)
        }
    }

    private static func kindByStatus(_ status: Int, message: String, effect: Effect) -> ProviderError.Kind {
        switch status {
        case 401: .unauthenticated
        case 403: .forbidden
        case 409, 412: .busy
        case 429: .rateLimited
        case 501: .unavailable
        // Recorded: turned away at the door, before anything could happen.
        case 503 where message.hasPrefix("error while authenticating"): .unavailable
        case 500...599: effect == .read ? .unavailable : .unknownOutcome
        case 400, 405...499: .invalid
        // A 404 of the gateway, not of a resource: nothing may be believed gone because of it.
        default: .malformedAnswer
        }
    }

    private static func argument(_ body: ErrorBody, effect: Effect) -> String? {
        if let name = body.details?.compactMap(\.argument_name).first ?? body.fields?.keys.sorted().first {
            return name == "commercial_type" ? "instance_type" : name
        }
        guard effect == .create else { return nil }
        return body.resource == "instance_image" ? "image" : nil
    }

    private static func words(_ body: ErrorBody, status: Int) -> String {
        var parts = [body.message ?? "status \(status)"]
        if let type = body.type { parts[0] += " (\(type))" }
        for detail in body.details ?? [] {
            var words = [detail.argument_name ?? detail.resource, detail.action, detail.help_message ?? detail.reason]
                .compactMap { $0 }.joined(separator: " ")
            if let quota = detail.quota { words += " quota \(quota)" }
            if let current = detail.current { words += ", in use \(current)" }
            parts.append(words)
        }
        for (field, problems) in (body.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
            parts.append("\(field): \(problems.joined(separator: ", "))")
        }
        let more = [
            body.precondition, body.help_message, body.current_state.map { "now \($0)" },
            body.resource.map { [$0, body.resource_id].compactMap { $0 }.joined(separator: " ") },
            body.method.map { [$0, body.reason].compactMap { $0 }.joined(separator: " ") },
            body.expired_since.map { "since \($0)" },
        ]
        return (parts + more.compactMap { $0 }).joined(separator: "; ")
    }
}
