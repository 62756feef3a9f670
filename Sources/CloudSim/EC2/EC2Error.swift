import Foundation

/// An error of EC2, STS or SSM, worded as AWS words it.
struct EC2Error: Error, Sendable {
    var code: String
    var message: String
    var status = 400

    init(_ code: String, _ message: String, status: Int = 400) {
        (self.code, self.message, self.status) = (code, message, status)
    }

    static func missing(_ name: String) -> EC2Error {
        EC2Error("MissingParameter", "The request must contain the parameter \(name)")
    }

    static func invalid(_ message: String) -> EC2Error { EC2Error("InvalidParameterValue", message) }

    static func combination(_ message: String) -> EC2Error { EC2Error("InvalidParameterCombination", message) }

    /// `InvalidInstanceID.NotFound`: the ids that do not exist, in one sentence.
    static func notFound(_ code: String, _ thing: String, _ ids: [String]) -> EC2Error {
        let isOne = ids.count == 1
        return EC2Error(
            code, "The \(thing) ID\(isOne ? "" : "s") '\(ids.joined(separator: ", "))' do\(isOne ? "es" : "") not exist"
        )
    }

    static let throttled = EC2Error("RequestLimitExceeded", "Request limit exceeded.", status: 503)
    static let dryRun = EC2Error(
        "DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status: 412)

    func reply(_ dialect: AWSDialect) -> Reply {
        let id = UUID().uuidString.lowercased()
        let error: [XMLNode?] = [.text("Code", code), .text("Message", message)]
        switch dialect {
        case .ec2:
            let root = XMLNode.node(
                "Response", [.node("Errors", [.node("Error", error)]), .text("RequestID", id)])
            return .xml(root.document(namespace: nil), status: status)
        case .sts:
            let sender: XMLNode? = .text("Type", status < 500 ? "Sender" : "Receiver")
            let root = XMLNode.node("ErrorResponse", [.node("Error", [sender] + error), .text("RequestId", id)])
            return .xml(root.document(namespace: dialect.namespace), status: status)
        case .ssm:
            return .json(
                ["__type": .string(code), "message": .string(message)], status: status,
                headers: ["Content-Type": "application/x-amz-json-1.1"])
        }
    }
}

/// How the services of AWS speak that answer here, on one endpoint.
enum AWSDialect: String, Sendable {
    case ec2, sts, ssm

    var namespace: String {
        switch self {
        case .ec2: "http://ec2.amazonaws.com/doc/2016-11-15/"
        case .sts, .ssm: "https://sts.amazonaws.com/doc/2011-06-15/"
        }
    }
}

extension Reply {
    static func xml(_ text: String, status: Int = 200) -> Reply {
        Reply(status: status, headers: ["Content-Type": "text/xml;charset=UTF-8"], body: Data(text.utf8))
    }
}
