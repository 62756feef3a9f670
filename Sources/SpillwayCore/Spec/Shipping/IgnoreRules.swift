/// The ignore files met on the way down from a root, with gitignore's meaning.
package struct IgnoreRules: Sendable {
    /// One line that says what happens to a path, and where it stands.
    package struct Rule: Hashable, Sendable {
        package var file: String
        package var line: Int
        package var text: String
        /// A rule that begins with `!` takes back what an earlier one left out.
        package var isNegated: Bool
        fileprivate var pattern: IgnorePattern
    }

    private var rules: [Rule] = []

    package init() {}

    /// Adds the ignore file that lies in `folder` ("" for the root). Folders come from the outside in.
    package mutating func add(_ text: String, name: String, in folder: String) {
        let unmarked = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        for (index, line) in unmarked.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            guard let (pattern, isNegated) = IgnorePattern.read(Array(line), below: folder) else { continue }
            rules.append(
                Rule(
                    file: folder.isEmpty ? name : "\(folder)/\(name)", line: index + 1,
                    text: String(decoding: line, as: UTF8.self), isNegated: isNegated, pattern: pattern))
        }
    }

    /// The rule that leaves `path` out, if one does. Says nothing about the folders above it: a caller that walks down
    /// asks about each of them first and does not enter what is left out.
    package func ignoring(_ path: String, isFolder: Bool) -> Rule? {
        let bytes = Array(path.utf8)
        let last = rules.last { $0.pattern.matches(bytes, isFolder: isFolder) }
        return last.flatMap { $0.isNegated ? nil : $0 }
    }
}

/// One pattern of an ignore file, bound to the folder the file lies in.
struct IgnorePattern: Hashable, Sendable {
    private enum Subject: Hashable, Sendable {
        /// A pattern without a slash: the name, at any depth.
        case name(Glob)
        /// Anchored at the file's folder: `literal`, then the glob. Git lets `**` begin right after the literal part.
        case path(literal: [UInt8], Glob)
    }

    private var folder: [UInt8]
    private var foldersOnly: Bool
    private var subject: Subject

    /// Nil for a blank line, a comment, or what can never match.
    static func read(_ line: [UInt8], below folder: String) -> (pattern: IgnorePattern, isNegated: Bool)? {
        guard line.first != UInt8(ascii: "#") else { return nil }
        var text = trimmed(line)[...]
        let isNegated = text.first == UInt8(ascii: "!")
        if isNegated { text.removeFirst() }
        let foldersOnly = text.last == UInt8(ascii: "/")
        if foldersOnly { text.removeLast() }
        let isAnchored = text.contains(UInt8(ascii: "/"))
        if text.first == UInt8(ascii: "/") { text.removeFirst() }
        guard !text.isEmpty else { return nil }
        let special = "*?[\\".utf8
        let literal = isAnchored ? Array(text.prefix { !special.contains($0) }) : []
        guard let glob = Glob(text.dropFirst(literal.count)) else { return nil }
        let pattern = IgnorePattern(
            folder: Array(folder.utf8), foldersOnly: foldersOnly,
            subject: isAnchored ? .path(literal: literal, glob) : .name(glob))
        return (pattern, isNegated)
    }

    func matches(_ path: [UInt8], isFolder: Bool) -> Bool {
        guard !foldersOnly || isFolder, let below = below(path) else { return false }
        switch subject {
        case .name(let glob):
            let start = below.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? below.startIndex
            return glob.matches(below[start...])
        case .path(let literal, let glob):
            return below.starts(with: literal) && glob.matches(below.dropFirst(literal.count))
        }
    }

    private func below(_ path: [UInt8]) -> ArraySlice<UInt8>? {
        guard !folder.isEmpty else { return path[...] }
        guard path.count > folder.count + 1, path.starts(with: folder), path[folder.count] == UInt8(ascii: "/") else {
            return nil
        }
        return path[(folder.count + 1)...]
    }

    /// Without the carriage return of a DOS line and without trailing spaces that no backslash holds.
    private static func trimmed(_ line: [UInt8]) -> [UInt8] {
        let line = line.last == 13 ? Array(line.dropLast()) : line
        var kept = 0
        var index = 0
        while index < line.count {
            let isBareSpace = line[index] == 32
            index += line[index] == UInt8(ascii: "\\") ? 2 : 1
            if !isBareSpace { kept = index }
        }
        return Array(line.prefix(kept))
    }
}
