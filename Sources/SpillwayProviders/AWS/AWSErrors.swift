internal import SpillwayCore

/// Turns EC2's error answers into ``ProviderError``, by their code. Codes and their meaning: "Error codes for the
/// Amazon EC2 API" in its reference.
enum AWSErrors {
    /// Temporary credentials that have ended. EC2 says `RequestExpired` of those, and of a clock that is wrong too.
    static let expired: Set<String> = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"]

    static func error(
        _ call: AWSAPI.Call, _ response: HTTPResponse, xml: ([UInt8]) throws(Diagnostic) -> XMLElement, now: Timestamp
    ) -> ProviderError {
        guard let found = body(response, xml) else { return withoutBody(call, response) }
        let kind = kind(found.code, found.message, status: response.status, call.effect)
        var error = ProviderError(
            kind, operation: call.operation, detail: "\(found.message) (\(found.code))", httpStatus: response.status,
            requestID: found.requestID, argument: argument(found.code, found.message))
        error.zones = kind == .noCapacity ? AWSCapacityHint.zones(in: found.message) : nil
        switch kind {
        case .unauthenticated: error.detail += clocks(response, now)
        case .forbidden: error.detail = permission(found, call)
        default: break
        }
        return error
    }

    /// No answer, or none that can be used.
    static func error(_ call: AWSAPI.Call, _ failure: HTTPFailure) -> ProviderError {
        let kind: ProviderError.Kind =
            switch failure.kind {
            case _ where call.effect != .read && failure.reachedServer: .unknownOutcome
            case .cancelled: .cancelled
            case .bodyTooLarge, .malformed: .malformedAnswer
            case .insecureURL: .invalid
            case .resolve, .connect, .tls, .timeout, .cutOff, .other: .unavailable
            }
        return ProviderError(kind, operation: call.operation, detail: failure.detail)
    }

    /// A success whose body is not what the contract says. A change may have happened all the same.
    static func malformed(_ call: AWSAPI.Call, _ response: HTTPResponse, _ why: String) -> ProviderError {
        ProviderError(
            call.effect == .read ? .malformedAnswer : .unknownOutcome, operation: call.operation,
            detail: "status \(response.status) with \(why); is the endpoint right?", httpStatus: response.status,
            requestID: response.header("x-amzn-requestid"))
    }

    static func code(_ response: HTTPResponse, _ xml: ([UInt8]) throws(Diagnostic) -> XMLElement) -> String? {
        body(response, xml)?.code
    }

    private struct Body {
        var code: String
        var message: String
        var requestID: String?
    }

    /// EC2 and STS wrap the same two fields in different names.
    private static func body(
        _ response: HTTPResponse, _ xml: ([UInt8]) throws(Diagnostic) -> XMLElement
    ) -> Body? {
        guard let root = try? xml(response.body), let error = root["Errors"]?["Error"] ?? root["Error"],
            let code = error.text("Code")
        else { return nil }
        return Body(
            code: code, message: error.text("Message") ?? "no message",
            requestID: root.text("RequestID") ?? root.text("RequestId") ?? response.header("x-amzn-requestid"))
    }

    private static func withoutBody(_ call: AWSAPI.Call, _ response: HTTPResponse) -> ProviderError {
        let what = response.body.isEmpty ? "an empty body" : response.header("content-type") ?? "no content type"
        let detail = "status \(response.status) with \(what) instead of XML; is the endpoint right?"
        let kind: ProviderError.Kind =
            switch response.status {
            case 429: .rateLimited
            case 500...599: call.effect == .read ? .unavailable : .unknownOutcome
            default: .malformedAnswer
            }
        return ProviderError(kind, operation: call.operation, detail: detail, httpStatus: response.status)
    }

    // MARK: Codes

    private static let kinds: [String: ProviderError.Kind] = [
        "InsufficientInstanceCapacity": .noCapacity, "InsufficientHostCapacity": .noCapacity,
        "InsufficientCapacity": .noCapacity, "InsufficientVolumeCapacity": .noCapacity,
        "InsufficientFreeAddressesInSubnet": .noCapacity, "SpotMaxPriceTooLow": .noCapacity,
        "MaxSpotInstanceCountExceeded": .quota, "ResourceCountExceeded": .quota, "MaxIOPSLimitExceeded": .quota,
        "IdempotentInstanceTerminated": .spent, "IdempotentParameterMismatch": .spent,
        "RequestLimitExceeded": .rateLimited, "Throttling": .rateLimited, "ThrottlingException": .rateLimited,
        "RequestThrottled": .rateLimited,
        "AuthFailure": .unauthenticated, "InvalidClientTokenId": .unauthenticated,
        "SignatureDoesNotMatch": .unauthenticated, "MissingAuthenticationToken": .unauthenticated,
        "IncompleteSignature": .unauthenticated, "UnrecognizedClientException": .unauthenticated,
        "InvalidAccessKeyId": .unauthenticated, "ExpiredToken": .unauthenticated,
        "ExpiredTokenException": .unauthenticated, "RequestExpired": .unauthenticated,
        "OptInRequired": .forbidden, "Blocked": .forbidden, "PendingVerification": .forbidden,
        "UnauthorizedOperation": .forbidden, "AccessDenied": .forbidden, "AccessDeniedException": .forbidden,
        "DependencyViolation": .busy, "VolumeInUse": .busy, "IncorrectInstanceState": .busy, "IncorrectState": .busy,
        "InvalidGroup.InUse": .busy, "InvalidNetworkInterface.InUse": .busy, "InvalidParameterValue.InUse": .busy,
        "InvalidNetworkInterfaceAttachmentID.InUse": .busy, "ResourceAlreadyAssigned": .busy,
    ]

    private static func kind(
        _ code: String, _ message: String, status: Int, _ effect: Effect
    ) -> ProviderError.Kind {
        if let kind = kinds[code] { return kind }
        // "Your requested instance type (…) is not supported in your requested Availability Zone (…)."
        if code == "Unsupported" { return message.contains("Availability Zone") ? .noCapacity : .invalid }
        if code.hasSuffix("LimitExceeded") { return .quota }
        if code.hasSuffix(".NotFound") || code.hasSuffix(".Unknown") || code.hasSuffix("NotFoundException") {
            // What a launch builds upon is the user's choice, but its group was made a moment ago.
            let isOurs = code.hasPrefix("InvalidGroup") || code.hasPrefix("InvalidSecurityGroupID")
            return code.hasPrefix("InvalidAMIID") || effect == .create && !isOurs ? .invalid : .notFound
        }
        return switch status {
        case 401: .unauthenticated
        case 403: .forbidden
        case 429: .rateLimited
        case 500...599: effect == .read ? .unavailable : .unknownOutcome
        default: .invalid
        }
    }

    private static func argument(_ code: String, _ message: String) -> String? {
        if code.hasPrefix("InvalidAMIID") { return "image" }
        if code == "InvalidInstanceType" || message.contains("instance type") { return "instance_type" }
        return nil
    }

    // MARK: Words

    /// What AWS accepts is at most five minutes off.
    private static func clocks(_ response: HTTPResponse, _ now: Timestamp) -> String {
        guard let theirs = response.header("date").flatMap({ Timestamp(httpDate: $0) }), abs((theirs - now).count) > 240
        else { return "" }
        return "; this machine's clock says \(now), AWS's says \(theirs): set the clock"
    }

    private static func permission(_ found: Body, _ call: AWSAPI.Call) -> String {
        if found.code == "OptInRequired" || found.code == "Blocked" || found.code == "PendingVerification" {
            return "\(found.message) (\(found.code)); is region \(call.region) enabled for the account?"
        }
        let needed = "\(call.service.rawValue):\(call.query.action) is needed"
        let marker = "Encoded authorization failure message: "
        guard let range = found.message.firstRange(of: marker) else {
            return "\(needed): \(found.message) (\(found.code))"
        }
        let encoded = found.message[range.upperBound...].prefix { !$0.isWhitespace }
        let said = found.message[..<range.lowerBound].trimmingSuffix { $0 == " " }
        return "\(needed): \(said) (\(found.code), encoded \(encoded.prefix(24))…). To read why: "
            + "aws sts decode-authorization-message --encoded-message \(encoded)"
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> Substring {
        var kept = self
        while let last = kept.last, isDropped(last) { kept.removeLast() }
        return kept
    }
}

/// Where there is room, as a refusal says: "…by not specifying an Availability Zone in your request or choosing
/// us-east-1a, us-east-1b."
enum AWSCapacityHint {
    static func zones(in message: String) -> [String]? {
        guard let range = message.firstRange(of: " choosing ") else { return nil }
        let words = message[range.upperBound...].split { !($0.isLetter || $0.isNumber || $0 == "-") }
        let zones = words.map(String.init).filter { word in
            word.last?.isLetter ?? false && word.dropLast().last?.isNumber ?? false
                && word.filter { $0 == "-" }.count >= 2
        }
        return zones.isEmpty ? nil : zones
    }
}
