import Glibc
import SpillwayCore

/// Writes a template of the binary into a folder. Nothing that is there is ever overwritten.
struct TemplateWriting {
    let template: EmbeddedTemplate

    static func named(_ name: String) throws(Diagnostic) -> TemplateWriting {
        if let template = EmbeddedTemplates.all.first(where: { $0.name == name }) {
            return TemplateWriting(template: template)
        }
        let names = EmbeddedTemplates.all.map(\.name)
        throw Diagnostic(
            "init.unknown-template", "There is no such template", detail: "\"\(name)\" is none of the templates.",
            remedy: Suggestion.nearest(to: name, among: names).map { "Did you mean \($0)?" }
                ?? "There are \(names.joined(separator: ", ")).",
            exists: "Nothing was written.", exit: .usage)
    }

    /// Throws `init.exists` when any of its files is there already; then nothing was written.
    func write(to folder: String) throws(Diagnostic) {
        let paths: [String] = template.files.map { "\(folder)/\($0.path)" }
        let there = paths.filter { access($0, F_OK) == 0 }
        guard there.isEmpty else {
            throw Diagnostic(
                "init.exists", "A file is there already", detail: there.joined(separator: "\n"),
                remedy: "Choose another folder with --to.", exists: "Nothing was written.", exit: .usage)
        }
        for file in template.files { try write(file, below: folder) }
    }

    /// Writes what differs or is missing: for a folder of our own.
    func refresh(_ folder: String) throws(Diagnostic) {
        for file in template.files { try write(file, below: folder) }
    }

    private func write(_ file: EmbeddedTemplate.File, below folder: String) throws(Diagnostic) {
        var path = folder
        try make(path)
        for part in file.path.split(separator: "/").dropLast() {
            path += "/\(part)"
            try make(path)
        }
        let full = "\(folder)/\(file.path)"
        let descriptor = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file.executable ? 0o755 : 0o644)
        defer { close(descriptor) }
        let bytes = Array(file.content.utf8)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw failure(full, errno)
        }
    }

    private func make(_ path: String) throws(Diagnostic) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure(path, errno) }
    }

    private func failure(_ path: String, _ number: Int32) -> Diagnostic {
        Diagnostic(
            "file.unwritable", "A file cannot be written", detail: "\(path): \(String(cString: strerror(number)))",
            remedy: "Choose another place, or check permissions and free space.")
    }
}
