/// The job: one shell text, run in the target of the first entry of `files`, or in the home.
package struct Run: Codable, Hashable, Sendable {
    package var command: Located<String>
    /// Otherwise an ordinary user of the instance.
    package var asRoot: Bool

    package init(command: Located<String>, asRoot: Bool = false) {
        self.command = command
        self.asRoot = asRoot
    }
}
