import Foundation

/// What STS is asked: who the caller is, and for temporary credentials.
extension EC2Face {
    private var session: EC2Account.Session? {
        call.headers["x-amz-security-token"].flatMap { token in account.sessions.first { $0.token == token } }
    }

    func callerIdentity() -> [XMLNode?] {
        [
            .text("Arn", session?.arn ?? account.userARN), .text("UserId", account.accessKeyID),
            .text("Account", account.accountID),
        ]
    }

    /// Any role of the account may be assumed.
    mutating func assumeRole() throws -> [XMLNode?] {
        let (role, name) = (try query.required("RoleArn"), try query.required("RoleSessionName"))
        let seconds = try query.int("DurationSeconds") ?? 3600
        guard (900...43_200).contains(seconds) else {
            throw EC2Error("ValidationError", "DurationSeconds must be between 900 and 43200.")
        }
        guard role.hasPrefix("arn:aws:iam::\(account.accountID):role/") else {
            throw EC2Error(
                "AccessDenied",
                "User: \(account.userARN) is not authorized to perform: sts:AssumeRole on resource: \(role)",
                status: 403)
        }
        let short = role.split(separator: "/").last ?? ""
        let arn = "arn:aws:sts::\(account.accountID):assumed-role/\(short)/\(name)"
        let session = EC2Account.session(seconds: Double(seconds), arn: arn, now: .now(), using: &world.generator)
        world.ec2.sessions.append(session)
        return [
            .node("AssumedRoleUser", [.text("AssumedRoleId", "AROACLOUDSIM:\(name)"), .text("Arn", arn)]),
            .node(
                "Credentials",
                [
                    .text("AccessKeyId", session.accessKeyID), .text("SecretAccessKey", session.secretAccessKey),
                    .text("SessionToken", session.token), .text("Expiration", session.ends.plainText),
                ]),
        ]
    }

    func decodeMessage() throws -> [XMLNode?] {
        guard let data = Data(base64Encoded: try query.required("EncodedMessage")) else {
            throw EC2Error("InvalidAuthorizationMessageException", "The message could not be decoded.")
        }
        let action: JSON = ["allowed": false, "context": ["action": .string(String(decoding: data, as: UTF8.self))]]
        return [.text("DecodedMessage", action.text)]
    }
}
