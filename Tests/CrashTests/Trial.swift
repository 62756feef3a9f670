import TestSupport

/// The commands that are interrupted.
enum Verb: String, Sendable, CaseIterable {
    case apply, run, destroy
    /// After the deadline, from the folder that made what is swept.
    case sweep
    /// The same from another folder of the same owner, which knows nothing of it.
    case elsewhere

    /// What is there before: a burst that is up.
    var startsUp: Bool { self == .destroy || self == .sweep || self == .elsewhere }

    var arguments: [String] {
        switch self {
        case .apply, .run, .destroy: [rawValue, "-y"]
        case .sweep: ["sweep", "--apply"]
        case .elsewhere: ["sweep", "--apply", "--state-dir", Self.otherFolder]
        }
    }

    var stateFolder: String { self == .elsewhere ? Self.otherFolder : "state" }
    /// Seconds that have to have gone by for it to find something.
    var clock: Int { self == .sweep || self == .elsewhere ? 3 * 3600 : 0 }

    private static let otherFolder = "elsewhere"
}

/// One command that meets one misfortune after the other, then runs once in peace; then everything is destroyed.
/// `scaleway apply 5 lag=1500 / calls=3:dark / files=9:kill` replays one.
struct Trial: Sendable, Hashable, CustomStringConvertible {
    var cloud = CloudUnderTest.scaleway
    var verb: Verb
    var nodes: Int
    /// By so many milliseconds listings lag behind, all the time.
    var lag = 0
    var rounds: [Misfortune]

    /// Of more than one kind of command: what one of them asked for may come true while the next is at work.
    var isMixed: Bool { rounds.contains { $0.verb != nil && $0.verb != verb } }

    var description: String {
        (["\(cloud.rawValue) \(verb.rawValue) \(nodes)" + (lag > 0 ? " lag=\(lag)" : "")] + rounds.map(\.description))
            .joined(separator: " / ")
    }

    init(cloud: CloudUnderTest = .scaleway, _ verb: Verb, nodes: Int, lag: Int = 0, _ rounds: Misfortune...) {
        (self.cloud, self.verb, self.nodes, self.lag, self.rounds) = (cloud, verb, nodes, lag, rounds)
    }

    init(parsing text: String) throws {
        let parts = text.split(separator: "/").map { $0.split(separator: " ").joined(separator: " ") }
        let head = (parts.first ?? "").split(separator: " ").map(String.init)
        guard head.count >= 3, let cloud = CloudUnderTest(rawValue: head[0]), let verb = Verb(rawValue: head[1]),
            let nodes = Int(head[2])
        else { throw Unreadable(text) }
        (self.cloud, self.verb, self.nodes) = (cloud, verb, nodes)
        if head.count > 3 { lag = try Unreadable.unless(Int(head[3].dropFirst("lag=".count)), head[3]) }
        rounds = try parts.dropFirst().map { try Misfortune(parsing: $0) }
    }
}
