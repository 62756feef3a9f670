internal import FoundationEssentials
internal import SpillwayCore

/// Credentials as one of their sources writes them.
protocol AWSCredentialBody: Decodable {
    /// nil when something is missing.
    func credentials(_ source: String) -> AWSCredentials?
    /// What the source itself says is wrong.
    var problem: String? { get }
}

extension AWSCredentialBody {
    var problem: String? { nil }
}

enum JSONCredentials {
    /// What `credential_process` prints.
    struct Process: AWSCredentialBody {
        var Version: Int
        var AccessKeyId: String?
        var SecretAccessKey: String?
        var SessionToken: String?
        var Expiration: String?

        var problem: String? { Version == 1 ? nil : "version \(Version) of its format is not known" }

        func credentials(_ source: String) -> AWSCredentials? {
            guard Version == 1 else { return nil }
            return make(AccessKeyId, SecretAccessKey, SessionToken, Expiration, source)
        }
    }

    /// What a container's and an instance's service answers.
    struct Metadata: AWSCredentialBody {
        var Code: String?
        var Message: String?
        var AccessKeyId: String?
        var SecretAccessKey: String?
        var Token: String?
        var Expiration: String?

        var problem: String? {
            Code.flatMap { $0 == "Success" ? nil : [$0, Message].compactMap(\.self).joined(separator: ": ") }
        }

        func credentials(_ source: String) -> AWSCredentials? {
            problem == nil ? make(AccessKeyId, SecretAccessKey, Token, Expiration, source) : nil
        }
    }

    struct SignOnToken: Decodable {
        var accessToken: String
        var expiresAt: String
    }

    struct SignOnRole: AWSCredentialBody {
        struct Role: Decodable {
            var accessKeyId: String
            var secretAccessKey: String
            var sessionToken: String
            /// Milliseconds since 1970.
            var expiration: Int64
        }

        var roleCredentials: Role

        func credentials(_ source: String) -> AWSCredentials? {
            AWSCredentials(
                accessKeyID: roleCredentials.accessKeyId, secretKey: Secret(roleCredentials.secretAccessKey),
                sessionToken: Secret(roleCredentials.sessionToken),
                expiration: Timestamp(seconds: roleCredentials.expiration / 1000), source: source)
        }
    }

    private static func make(
        _ access: String?, _ secret: String?, _ token: String?, _ expiration: String?, _ source: String
    ) -> AWSCredentials? {
        guard let access = nonEmpty(access), let secret = nonEmpty(secret) else { return nil }
        let end = expiration.map { Timestamp(rfc3339: $0) }
        // An end that cannot be read is no end that can be kept.
        if case .some(.none) = end { return nil }
        return AWSCredentials(
            accessKeyID: access, secretKey: Secret(secret), sessionToken: nonEmpty(token).map { Secret($0) },
            expiration: end ?? nil, source: source)
    }
}
