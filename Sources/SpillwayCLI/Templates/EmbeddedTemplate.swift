/// One of the folders of `templates/`, as it lies in the binary.
package struct EmbeddedTemplate: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        /// Relative to the template's folder, without `..`.
        package var path: String
        package var content: String
        package var executable: Bool

        package init(path: String, content: String, executable: Bool) {
            self.path = path
            self.content = content
            self.executable = executable
        }
    }

    package var name: String
    /// Sorted by path; `spillway.yaml` is always among them.
    package var files: [File]

    package init(name: String, files: [File]) {
        self.name = name
        self.files = files
    }
}
