internal import Glibc
package import SpillwayCore

/// The spec's folder as it lies on disk.
///
/// Every name is looked up below a folder held open and no symbolic link is followed, so nothing outside is ever read;
/// `allowOutside` gives that up for the paths an entry names.
package struct FolderListing: FolderReader {
    private let root: Directory
    private let allowOutside: Bool

    /// Throws `ship.unreadable` when `path` cannot be opened.
    package init(path: String, allowOutside: Bool = false) throws(Diagnostic) {
        self.allowOutside = allowOutside
        do throws(SystemFailure) {
            root = try Directory(path: path)
        } catch {
            throw Self.unreadable(error)
        }
    }

    package func entry(at path: String) throws(Diagnostic) -> ListedFile? {
        guard path != ".", path != "/" else { return ListedFile(path: path, kind: .folder) }
        let (above, name) = Self.split(path)
        return try look { () throws(SystemFailure) in
            guard let folder = try folder(above) else { return nil }
            return try kind(of: name, in: folder, following: allowOutside).map { ListedFile(path: path, kind: $0) }
        }
    }

    package func entries(of path: String) throws(Diagnostic) -> [ListedFile] {
        let listed = try look { () throws(SystemFailure) -> [ListedFile]? in
            guard let folder = try folder(path) else { return nil }
            var files: [ListedFile] = []
            for name in try folder.names() {
                let below = path == "." ? name : path.hasSuffix("/") ? path + name : "\(path)/\(name)"
                if let kind = try kind(of: name, in: folder, following: false) {
                    files.append(ListedFile(path: below, kind: kind))
                } else if name.unicodeScalars.contains("\u{FFFD}") {
                    // The name's bytes are not UTF-8, so asking for it by the repaired text found nothing.
                    files.append(ListedFile(path: below, kind: .special))
                }
            }
            return files
        }
        return listed ?? []
    }

    package func text(of path: String) throws(Diagnostic) -> String? {
        let (above, name) = Self.split(path)
        return try look { () throws(SystemFailure) in
            do throws(SystemFailure) {
                // Bytes that are no text match nothing, but the lines around them still hold.
                return try folder(above)?.read(name).map { String(decoding: $0, as: UTF8.self) }
            } catch {
                // What is no file holds no rules; a link might hold some, and is not followed: that is an error.
                if error.code == EINVAL { return nil }
                throw error
            }
        }
    }

    /// nil when it is missing, or no longer a folder.
    private func folder(_ path: String) throws(SystemFailure) -> Directory? {
        guard path != "." else { return root }
        if allowOutside {
            do throws(SystemFailure) {
                return try Directory(path: path.hasPrefix("/") ? path : root.path(of: path))
            } catch {
                if error.code == ENOENT || error.code == ENOTDIR { return nil }
                throw error
            }
        }
        var folder = root
        for part in path.split(separator: "/") {
            // Linux says ENOTDIR for a link that O_NOFOLLOW meets where a folder is asked for.
            do throws(SystemFailure) {
                guard let next = try folder.subfolder(String(part)) else { return nil }
                folder = next
            } catch {
                if error.code == ENOTDIR || error.code == ELOOP { return nil }
                throw error
            }
        }
        return folder
    }

    private func kind(
        of name: String, in folder: Directory, following: Bool
    ) throws(SystemFailure) -> ListedFile.Kind? {
        var status = stat()
        guard fstatat(folder.descriptor, name, &status, following ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw SystemFailure("stat", folder.path(of: name))
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(size: Int64(status.st_size), executable: status.st_mode & 0o100 != 0)
        case S_IFDIR: return .folder
        case S_IFLNK: return try target(of: name, in: folder).map { .link(target: $0) } ?? .special
        default: return .special
        }
    }

    /// nil when it is not UTF-8.
    private func target(of name: String, in folder: Directory) throws(SystemFailure) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(folder.descriptor, name, &buffer, buffer.count)
        guard count >= 0 else { throw SystemFailure("readlink", folder.path(of: name)) }
        return String(validating: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func look<Found>(_ body: () throws(SystemFailure) -> Found?) throws(Diagnostic) -> Found? {
        do throws(SystemFailure) {
            return try body()
        } catch {
            throw Self.unreadable(error)
        }
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        let slash = path.lastIndex(of: "/")
        guard let slash else { return (".", path) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private static func unreadable(_ failure: SystemFailure) -> Diagnostic {
        let why = failure.code == ELOOP ? "it is a symbolic link" : failure.reason
        return Diagnostic(
            ShippingCode.unreadable.code, ShippingCode.unreadable.summary,
            detail: "`\(failure.path)`: \(failure.call): \(why).",
            remedy: "Make it readable, or leave it out with a line in an ignore file.", exists: "Nothing was created.")
    }
}
