/// Reads a spec from a parsed document. Pure: what the file alone cannot say comes in through ``Options``.
package enum SpecDecoder {
    package struct Options: Hashable, Sendable {
        package var defaults: UserDefaults
        /// Lets `files.from` and `outputs.to` leave the spec's folder.
        package var allowOutside: Bool
        /// Relative to the spec's folder; nil when the state lies elsewhere.
        package var stateFolder: String?

        package init(
            defaults: UserDefaults = UserDefaults(), allowOutside: Bool = false,
            stateFolder: String? = "state"
        ) {
            self.defaults = defaults
            self.allowOutside = allowOutside
            self.stateFolder = stateFolder
        }
    }

    /// Every problem in one go, errors first in the order of the file; the spec is nil if any is an error.
    package static func decode(_ node: DocumentNode, options: Options = Options()) -> (Spec?, [Diagnostic]) {
        var reading = Reading(options: options, language: SpecLanguage.root.form.fields)
        let draft = SpecLanguage.root.read(node, &reading)
        return (draft?.spec, reading.sorted)
    }
}
