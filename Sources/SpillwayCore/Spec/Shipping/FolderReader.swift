/// Looks at the spec's folder and at nothing else: what the shipping rules are applied to.
///
/// Paths are relative to the spec's folder, without `.` and empty parts; "." is the folder itself. Unless the
/// implementation was made to, it follows no symbolic link and leaves the folder through none.
package protocol FolderReader: Sendable {
    /// What `path` is; nil when there is nothing. Throws when that cannot be found out.
    func entry(at path: String) throws(Diagnostic) -> ListedFile?
    /// What lies directly in `folder`, in the order of the bytes of their names.
    func entries(of folder: String) throws(Diagnostic) -> [ListedFile]
    /// The text of a small file; nil when there is no file of that name. Throws when it is a link, or unreadable.
    func text(of path: String) throws(Diagnostic) -> String?
}

/// One entry of a folder.
package struct ListedFile: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file(size: Int64, executable: Bool)
        case folder
        case link(target: String)
        /// A pipe, a socket, a device, or a name that is not UTF-8.
        case special
    }

    /// Relative to the spec's folder.
    package var path: String
    package var kind: Kind

    package init(path: String, kind: Kind) {
        self.path = path
        self.kind = kind
    }

    package var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    package var isFolder: Bool { kind == .folder }
}
