internal import Glibc

/// A folder held open. Every name is looked up below it and no symbolic link is followed, so that what was checked when
/// it was opened still holds when a file in it is written.
final class Directory: Sendable {
    let path: String
    let descriptor: Int32

    /// Opens `path`, which must be a folder; the last component may be a symbolic link.
    init(path: String) throws(SystemFailure) {
        self.path = path
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFailure("open", path) }
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func path(of name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

    var status: stat {
        get throws(SystemFailure) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw SystemFailure("stat", path) }
            return status
        }
    }

    /// Makes the folder `name` (0700) when it is missing; its name is durable before this returns.
    func makeSubfolder(_ name: String) throws(SystemFailure) -> Directory {
        if mkdirat(descriptor, name, 0o700) == 0 {
            try sync()
        } else if errno != EEXIST {
            throw SystemFailure("mkdir", path(of: name))
        }
        guard let made = try subfolder(name) else { throw SystemFailure("open", path(of: name), code: ENOENT) }
        return made
    }

    /// nil when there is no such folder.
    func subfolder(_ name: String) throws(SystemFailure) -> Directory? {
        let opened = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if opened < 0, errno == ENOENT { return nil }
        guard opened >= 0 else { throw SystemFailure("open", path(of: name)) }
        return Directory(path: path(of: name), descriptor: opened)
    }

    /// Sorted bytewise, without `.` and `..`.
    func names() throws(SystemFailure) -> [String] {
        let again = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard again >= 0, let stream = fdopendir(again) else { throw SystemFailure("opendir", path) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Opens a regular file, made with mode 0600 where `flags` say so. The caller closes it.
    func openFile(_ name: String, _ flags: Int32) throws(SystemFailure) -> Int32 {
        // O_NONBLOCK: a pipe that stands where a file is expected must not hang us.
        let opened = openat(descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode_t(0o600))
        guard opened >= 0 else { throw SystemFailure("open", path(of: name)) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw SystemFailure("open", path(of: name), code: EINVAL)
        }
        return opened
    }

    /// nil when there is no such file.
    func read(_ name: String) throws(SystemFailure) -> [UInt8]? {
        let file: Int32
        do {
            file = try openFile(name, O_RDONLY)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        defer { close(file) }
        return try Self.readAll(file, path: path(of: name))
    }

    static func readAll(_ file: Int32, path: String) throws(SystemFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemFailure("read", path) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// Writes all of `bytes` at the file's position.
    static func writeAll(_ bytes: [UInt8], to file: Int32, path: String) throws(SystemFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemFailure("write", path) }
            written += count
        }
    }

    /// Makes the names in this folder durable.
    func sync() throws(SystemFailure) {
        // Some network file systems cannot sync a folder and say EINVAL: their names are durable by themselves.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw SystemFailure("fsync", path) }
    }

    /// True when it was there.
    @discardableResult
    func remove(_ name: String, folder: Bool = false) throws(SystemFailure) -> Bool {
        if unlinkat(descriptor, name, folder ? Int32(AT_REMOVEDIR) : 0) == 0 { return true }
        guard errno == ENOENT else { throw SystemFailure("unlink", path(of: name)) }
        return false
    }
}
