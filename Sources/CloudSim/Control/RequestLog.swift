import Foundation

/// What was asked: counts by method and path template, and one JSON line per request in a file.
struct RequestLog: Sendable {
    struct Count: Sendable {
        var total = 0
        var mutating = 0
        var polls = 0
        var byPath: [String: Int] = [:]
    }

    private(set) var count = Count()
    private let file: FileHandle?

    /// Reads that wait for a state: of one server or volume, or of all of them in one listing.
    private static let polled = ["servers", "volumes"]
    private static let polledActions: Set = [
        "DescribeInstances", "DescribeInstanceStatus", "DescribeVolumes", "DescribeNetworkInterfaces",
        "DescribeSpotInstanceRequests",
    ]

    init(path: String?) throws {
        guard let path else {
            file = nil
            return
        }
        if !FileManager.default.fileExists(atPath: path) {
            try Data().write(to: URL(fileURLWithPath: path))
        }
        file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file?.seekToEnd()
    }

    mutating func record(_ call: Call, status: Int, seconds: Double, fault: String?, at now: Instant) {
        guard !call.isMetadata else { return }
        let template = call.template
        let isPoll = Self.isPoll(call, template)
        if !call.isControl {
            count.total += 1
            count.mutating += call.isMutating ? 1 : 0
            count.polls += isPoll ? 1 : 0
            count.byPath["\(call.method) \(template)", default: 0] += 1
        }
        var line: [String: JSON] = [
            "at": .string(now.zuluText), "method": .string(call.method), "path": .string(call.path),
            "status": .int(status), "ms": .double((seconds * 1e5).rounded() / 100), "mutating": .bool(call.isMutating),
        ]
        if let action = call.action { line["action"] = .string(action) }
        if let fault { line["fault"] = .string(fault) }
        note(line)
    }

    /// A line that is not a request: a boot that failed, say.
    func note(_ line: [String: JSON]) {
        try? file?.write(contentsOf: Data((JSON.object(line).text + "\n").utf8))
    }

    mutating func reset() { count = Count() }

    private static func isPoll(_ call: Call, _ template: String) -> Bool {
        if let action = call.action { return polledActions.contains(action) }
        guard call.method == "GET" else { return false }
        let segments = template.split(separator: "/").map(String.init)
        return polled.contains { segments.suffix(2) == [$0, "{id}"] || segments.suffix(2) == ["{zone}", $0] }
    }
}
