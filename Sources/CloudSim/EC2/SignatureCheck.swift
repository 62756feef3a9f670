import Foundation

/// Whether a request is signed as AWS Signature Version 4 asks, with credentials that the account has.
struct SignatureCheck {
    let call: Call
    let service: AWSDialect
    let account: EC2Account
    let now: Instant
    /// How many seconds the client's clock may be off.
    let limit: Double

    /// `Credential=AKID/20261121/us-east-1/ec2/aws4_request, SignedHeaders=host;x-amz-date, Signature=…`
    private struct Authorization {
        var accessKeyID: String
        var scope: [String]
        var signedHeaders: [String]
        var signature: String

        init?(_ text: String) {
            guard text.hasPrefix("AWS4-HMAC-SHA256 ") else { return nil }
            var fields: [String: String] = [:]
            for part in text.dropFirst("AWS4-HMAC-SHA256 ".count).split(separator: ",") {
                let pair = part.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { fields[String(pair[0]).trimmed] = String(pair[1]).trimmed }
            }
            let credential = (fields["Credential"] ?? "").split(separator: "/").map(String.init)
            guard credential.count == 5, let headers = fields["SignedHeaders"], let signature = fields["Signature"]
            else { return nil }
            (accessKeyID, scope) = (credential[0], Array(credential[1...]))
            (signedHeaders, self.signature) = (headers.split(separator: ";").map(String.init), signature)
        }
    }

    /// Throws what the service says to whoever it does not believe.
    func verify() throws {
        guard let header = call.headers["authorization"] else { throw missing }
        guard let authorization = Authorization(header) else {
            throw EC2Error(
                "IncompleteSignature", "The request signature does not conform to AWS standards.", status: 403)
        }
        guard let stamp = call.headers["x-amz-date"], let signed = Instant(basic: stamp) else { throw missing }
        try checkAge(signed, stamp)
        let token = call.headers["x-amz-security-token"]
        let session = account.sessions.first { $0.accessKeyID == authorization.accessKeyID && $0.token == token }
        let secret: String
        if let session {
            if session.ends <= now { throw expired }
            secret = session.secretAccessKey
        } else {
            guard authorization.accessKeyID == account.accessKeyID, token == nil else { throw unknownKey }
            secret = account.secretAccessKey
        }
        let scope = authorization.scope
        guard scope[0] == stamp.prefix(8), scope[1] == EC2Account.region, scope[2] == service.rawValue,
            scope[3] == "aws4_request", authorization.signedHeaders.contains("host"),
            signature(authorization, secret: secret, stamp: stamp) == authorization.signature
        else { throw wrong }
    }

    private func signature(_ authorization: Authorization, secret: String, stamp: String) -> String {
        let query = call.query.map { (Self.encoded($0.name), Self.encoded($0.value)) }.sorted { $0 < $1 }
        let headers = authorization.signedHeaders.map { name in
            let words = (call.headers[name] ?? "").split(separator: " ", omittingEmptySubsequences: true)
            return "\(name):\(words.joined(separator: " "))\n"
        }
        let canonical = [
            call.method, call.path.isEmpty ? "/" : call.path,
            query.map { "\($0.0)=\($0.1)" }.joined(separator: "&"), headers.joined(),
            authorization.signedHeaders.joined(separator: ";"), SHA256.hex(SHA256.digest(Array(call.body))),
        ].joined(separator: "\n")
        let scope = authorization.scope
        let text = [
            "AWS4-HMAC-SHA256", stamp, scope.joined(separator: "/"), SHA256.hex(SHA256.digest(Array(canonical.utf8))),
        ].joined(separator: "\n")
        let key = scope.reduce(Array("AWS4\(secret)".utf8)) { SHA256.hmac(key: $0, Array($1.utf8)) }
        return SHA256.hex(SHA256.hmac(key: key, Array(text.utf8)))
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = byte < 128 && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isPlain ? String(character) : "%" + SHA256.hex([byte]).uppercased()
        }.joined()
    }

    // MARK: What each service says

    private func checkAge(_ signed: Instant, _ stamp: String) throws {
        guard abs(now - signed) > limit else { return }
        if service == .ec2 { throw EC2Error("RequestExpired", "Request has expired.") }
        let here = now.basicText
        let detail =
            now > signed
            ? "Signature expired: \(stamp) is now earlier than \((now + -limit).basicText) (\(here) - \(Int(limit / 60)) min.)"
            : "Signature not yet current: \(stamp) is still later than \((now + limit).basicText) (\(here) + \(Int(limit / 60)) min.)"
        throw service == .sts
            ? EC2Error("SignatureDoesNotMatch", detail, status: 403) : EC2Error("InvalidSignatureException", detail)
    }

    private var missing: EC2Error {
        switch service {
        case .ec2: EC2Error("MissingParameter", "The request must contain the parameter AWSAccessKeyId")
        case .sts: EC2Error("MissingAuthenticationToken", "Request is missing Authentication Token", status: 403)
        case .ssm: EC2Error("MissingAuthenticationTokenException", "Missing Authentication Token")
        }
    }

    private var unknownKey: EC2Error {
        switch service {
        case .ec2: authFailure
        case .sts:
            EC2Error("InvalidClientTokenId", "The security token included in the request is invalid.", status: 403)
        case .ssm: EC2Error("UnrecognizedClientException", "The security token included in the request is invalid.")
        }
    }

    private var wrong: EC2Error {
        let text =
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            + "Access Key and signing method. Consult the service documentation for details."
        switch service {
        case .ec2: return authFailure
        case .sts: return EC2Error("SignatureDoesNotMatch", text, status: 403)
        case .ssm: return EC2Error("InvalidSignatureException", text)
        }
    }

    private var expired: EC2Error {
        switch service {
        case .ec2: EC2Error("RequestExpired", "Request has expired.")
        case .sts: EC2Error("ExpiredToken", "The security token included in the request is expired", status: 403)
        case .ssm: EC2Error("ExpiredTokenException", "The security token included in the request is expired")
        }
    }

    private var authFailure: EC2Error {
        EC2Error("AuthFailure", "AWS was not able to validate the provided access credentials", status: 401)
    }
}
