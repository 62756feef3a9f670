internal import SpillwayCore

/// A member's name as the components below the destination, or the reason why it has no place there.
struct TarPath: Hashable {
    let parts: [[UInt8]]

    private static let here = [UInt8](".".utf8)
    private static let up = [UInt8]("..".utf8)

    init(_ path: [UInt8]) throws(RemoteFailure) {
        guard path.first != 47 else { throw Self.hostile(path, "has an absolute name") }
        let parts = path.split(separator: 47).map { Array($0) }.filter { $0 != Self.here }
        guard !parts.contains(Self.up) else { throw Self.hostile(path, "has \"..\" in its name") }
        self.parts = parts
    }

    private init(parts: [[UInt8]]) { self.parts = parts }

    init(prefix count: Int, of path: TarPath) { self.init(parts: Array(path.parts.prefix(count))) }

    var parent: TarPath { TarPath(parts: Array(parts.dropLast())) }
    var text: String { String(decoding: Array(parts.joined(separator: [47])), as: UTF8.self) }

    /// Whether a link with this place and `target` stays below the destination.
    ///
    /// Only leading ".." are allowed: this link's folder is a real one, so they climb exactly as far as they say, while
    /// a ".." behind a name could climb from wherever another link leads.
    func keepsInside(target: [UInt8]) -> Bool {
        guard !target.isEmpty, target.first != 47 else { return false }
        let steps = target.split(separator: 47).map { Array($0) }.filter { $0 != Self.here }
        let climbs = steps.prefix { $0 == Self.up }.count
        return climbs < parts.count && !steps.dropFirst(climbs).contains(Self.up)
    }

    static func hostile(_ path: [UInt8], _ what: String) -> RemoteFailure {
        let name = String(decoding: path.prefix(200), as: UTF8.self)
        return RemoteFailure(
            .hostileArchive,
            "the archive from the far side was refused: \"\(name)\" \(what). Nothing outside was written")
    }
}
