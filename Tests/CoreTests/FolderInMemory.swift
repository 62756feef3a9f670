import SpillwayCore

/// A folder made of values, as honest as the real one: what it was never asked for it never gave.
final class FolderInMemory: FolderReader {
    private let files: [String: ListedFile]
    private let texts: [String: String]

    /// `texts` are files with content; `others` are entries of any kind. The folders above them come by themselves.
    init(texts: [String: String] = [:], empty: [String] = [], others: [ListedFile] = []) {
        var files: [String: ListedFile] = [".": ListedFile(path: ".", kind: .folder)]
        for (path, text) in texts {
            files[path] = ListedFile(path: path, kind: .file(size: Int64(text.utf8.count), executable: false))
        }
        for path in empty { files[path] = ListedFile(path: path, kind: .file(size: 0, executable: false)) }
        for file in others { files[file.path] = file }
        for path in Array(files.keys) {
            let parts = path.split(separator: "/")
            for count in 1..<max(parts.count, 1) {
                let folder = parts.prefix(count).joined(separator: "/")
                if files[folder] == nil { files[folder] = ListedFile(path: folder, kind: .folder) }
            }
        }
        self.files = files
        self.texts = texts
    }

    func entry(at path: String) throws(Diagnostic) -> ListedFile? { files[path] }

    func entries(of folder: String) throws(Diagnostic) -> [ListedFile] {
        let prefix = folder == "." ? "" : folder + "/"
        return files.values
            .filter { $0.path != "." && $0.path.hasPrefix(prefix) && !$0.path.dropFirst(prefix.count).contains("/") }
            .sorted { Array($0.path.utf8).lexicographicallyPrecedes(Array($1.path.utf8)) }
    }

    func text(of path: String) throws(Diagnostic) -> String? { texts[path] }
}
