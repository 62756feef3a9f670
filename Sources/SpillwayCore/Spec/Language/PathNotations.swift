/// Paths of the spec: below its own folder here, below the home there.
enum PathNotations {
    struct Target: Sendable {
        var path: String
        var endsInSlash: Bool
    }

    /// Beside the spec; may leave its folder only where the caller said so.
    static let local = target("input", ".").map(\.path)
    static let localTarget = target("out/", "result.csv")

    private static func target(_ examples: String...) -> Shape<Target> {
        .text(TextForm(noun: "a path beside the spec", plural: "paths", pattern: "\\S", examples: examples)) {
            text, reading throws(Complaint) in
            let path = try normalised(text)
            guard !leaves(path) || reading.options.allowOutside else {
                throw Complaint(
                    .outsideFolder, "nothing outside the folder of the spec is read or written",
                    remedy: "Write a path beside the spec, or allow this one with `--allow-outside`.")
            }
            return Target(path: path, endsInSlash: text.hasSuffix("/"))
        }
    }

    /// Below the home of the instance's user.
    static let remote = Shape<String>.text(
        TextForm(noun: "a path below the home", plural: "paths", pattern: "^[^/~]", examples: ["work"])
    ) { text, _ throws(Complaint) in
        if text == "~" || text.hasPrefix("~/") {
            let rest = text.dropFirst(2)
            throw Complaint(
                .outsideHome, "paths begin at the home already", remedy: "Write `\(rest.isEmpty ? "." : rest)`.")
        }
        let path = try normalised(text)
        guard !leaves(path) else {
            throw Complaint(
                .outsideHome, "files are placed and collected below the home of the instance's user only",
                remedy: "Write a path without `..` and without a slash at its beginning, such as `work/out`.")
        }
        guard ![".ssh", ".spillway"].contains(path.split(separator: "/").first) else {
            throw Complaint(.outsideHome, "this folder belongs to the connection itself", remedy: "Use another folder.")
        }
        return path
    }

    /// Without empty parts, `.` and inner `..`; what remains of `..` stands at the front.
    static func normalised(_ text: String) throws(Complaint) -> String {
        guard !text.isEmpty else { throw Complaint(.wrongPath, "it is empty") }
        guard !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
            throw Complaint(.wrongPath, "it contains a control character")
        }
        guard text != "~", !text.hasPrefix("~/") else {
            throw Complaint(.wrongPath, "`~` is not replaced here", remedy: "Write a path beside the spec.")
        }
        var parts: [Substring] = []
        for part in text.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        if text.hasPrefix("/") { return "/" + parts.drop { $0 == ".." }.joined(separator: "/") }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    static func leaves(_ path: String) -> Bool { path.hasPrefix("/") || path == ".." || path.hasPrefix("../") }

    /// True when `inner` is `outer` or lies in it; both normalised.
    static func covers(_ outer: String, _ inner: String) -> Bool {
        outer == inner || (outer == "." && !leaves(inner)) || inner.hasPrefix(outer + "/")
    }
}
