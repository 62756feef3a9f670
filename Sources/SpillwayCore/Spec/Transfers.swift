/// What goes up: a file or folder beside the spec, and the folder below the instance's home that it lands in. A folder
/// lands by its contents, a file under its own name.
package struct FileMapping: Codable, Hashable, Sendable {
    /// Relative to the spec's folder, without `.` or empty parts; "." is the folder itself. Leaves the folder only
    /// where `--allow-outside` was given.
    package var from: Located<String>
    /// Relative to the home; "." is the home itself.
    package var to: Located<String>

    package static let defaultTarget = "work"

    package init(from: Located<String>, to: Located<String>) {
        self.from = from
        self.to = to
    }
}

/// What comes back: a file or folder below the instance's home, and where it lands beside the spec. A folder lands by
/// its contents, a file as `to` itself, or under its own name in it where `intoFolder`.
package struct Output: Codable, Hashable, Sendable {
    /// Relative to the home.
    package var from: Located<String>
    /// Relative to the spec's folder, without a slash at its end.
    package var to: Located<String>
    /// True when `to` was written with a slash at its end.
    package var intoFolder: Bool
    package var maxSize: Located<Bytes>

    package static let defaultMaxSize = Bytes(10_000_000_000)

    package init(from: Located<String>, to: Located<String>, intoFolder: Bool = false, maxSize: Located<Bytes>) {
        self.from = from
        self.to = to
        self.intoFolder = intoFolder
        self.maxSize = maxSize
    }
}
