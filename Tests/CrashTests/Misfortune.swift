import Foundation
import TestSupport

/// What goes wrong while a command runs once. Its text says it all: `calls=3:sent answer=drop_after@2 clock=7200`.
struct Misfortune: Sendable, Hashable, CustomStringConvertible {
    /// The moment at which the process itself is struck; see Misfortune/misfortune.c.
    struct Point: Sendable, Hashable, CustomStringConvertible {
        enum Place: String, Sendable { case files, calls }
        var place: Place
        /// Which change of a file, or which changing call, from 1.
        var nth: Int
        var what: String

        /// Whether the process is dead afterwards.
        var kills: Bool { what != "full" && what != "eio" }
        /// Whether the machine restarts.
        var reboots: Bool { what == "power" || what == "dark" }
        var description: String { "\(place.rawValue)=\(nth):\(what)" }

        static let whats: [Place: [String]] = [
            .files: ["kill", "power", "torn", "full", "eio"],
            .calls: ["before", "half", "sent", "replied", "dark"],
        ]
    }

    /// A cloud that answers badly, or not: `drop_after@3`, `503@2+3`.
    struct Answer: Sendable, Hashable, CustomStringConvertible {
        /// One of cloudsim's faults, or a status code.
        var what: String
        var nth: [Int]
        /// Of all requests, not only of those that change something.
        var countsReads = false

        var description: String {
            "\(countsReads ? "any" : "answer")=\(what)@\(nth.map(String.init).joined(separator: "+"))"
        }

        static let lost = ["drop_before", "drop_after", "drop_mid"]
        static let late = ["delay", "delay_after"]
        static let refused = ["429", "500", "503"]

        func rule(_ cloud: CloudUnderTest) -> SimulatedFault {
            let status = Int(what)
            var fault = SimulatedFault(status == nil ? what : "status", nth: .some(nth), seconds: 1, status: status)
            fault.match = countsReads ? cloud.requests : cloud.changes
            return fault
        }
    }

    /// What is run instead of the trial's own command.
    var verb: Verb?
    var point: Point?
    var answers: [Answer] = []
    /// Seconds by which this machine's clock is wrong.
    var clock = 0
    /// The machine restarts afterwards: the lock that is left names another boot.
    var reboots = false

    /// Something is under way in the cloud, or twice there, that the state cannot know of yet.
    var outlivesProcess: Bool { answers.contains { $0.what == "duplicate" || $0.what == "delay" } }

    var description: String {
        var words: [String] = []
        if let verb { words.append(verb.rawValue) }
        if let point { words.append("\(point)") }
        words += answers.map(\.description)
        if clock != 0 { words.append("clock=\(clock)") }
        if reboots { words.append("reboot") }
        return words.joined(separator: " ")
    }

    init(
        verb: Verb? = nil, _ point: Point? = nil, answers: [Answer] = [], clock: Int = 0, reboots: Bool = false
    ) {
        (self.verb, self.point, self.answers, self.clock, self.reboots) = (verb, point, answers, clock, reboots)
    }

    init(parsing text: String) throws {
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts[0], parts.count) {
            case ("reboot", 1): reboots = true
            case ("clock", 2): clock = try Unreadable.unless(Int(parts[1]), word)
            case ("files", 2), ("calls", 2):
                let rest = parts[1].split(separator: ":").map(String.init)
                guard rest.count == 2, let place = Point.Place(rawValue: parts[0]), let nth = Int(rest[0]),
                    Point.whats[place]?.contains(rest[1]) == true
                else { throw Unreadable(word) }
                point = Point(place: place, nth: nth, what: rest[1])
            case ("answer", 2), ("any", 2):
                let rest = parts[1].split(separator: "@").map(String.init)
                guard rest.count == 2 else { throw Unreadable(word) }
                let nth = try rest[1].split(separator: "+").map { try Unreadable.unless(Int($0), word) }
                answers.append(Answer(what: rest[0], nth: nth, countsReads: parts[0] == "any"))
            case (let name, 1): verb = try Unreadable.unless(Verb(rawValue: name), word)
            default: throw Unreadable(word)
            }
        }
    }
}

struct Unreadable: Error, CustomStringConvertible {
    let description: String

    init(_ word: some StringProtocol) { description = "\"\(word)\" cannot be read" }

    static func unless<Value>(_ value: Value?, _ word: some StringProtocol) throws -> Value {
        guard let value else { throw Unreadable(word) }
        return value
    }
}
