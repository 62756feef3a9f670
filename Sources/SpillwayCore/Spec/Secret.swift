/// A value that reaches the job's environment over SSH and is written nowhere.
package struct Secret: Codable, Hashable, Sendable {
    /// The variable the job sees.
    package var name: Located<String>
    package var source: Source

    /// Where the value is taken from on this machine, when a run ships it and not before.
    package enum Source: Codable, Hashable, Sendable {
        case environment(String)
        /// As written; `~/` is the caller's home.
        case file(Located<String>)
        /// A shell text whose output, less its last line break, is the value.
        case command(Located<String>)
    }

    package init(name: Located<String>, source: Source) {
        self.name = name
        self.source = source
    }
}
