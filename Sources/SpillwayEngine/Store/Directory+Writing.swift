internal import Glibc

extension Directory {
    /// Puts `bytes` in the place of `name`, whole or not at all: temp, fsync, rename, fsync of the folder.
    func replace(_ name: String, with bytes: [UInt8]) throws(SystemFailure) {
        let temporary = name + ".tmp"
        try writeTemporary(temporary, bytes)
        guard renameat(descriptor, temporary, descriptor, name) == 0 else {
            let failure = SystemFailure("rename", path(of: name))
            unlinkat(descriptor, temporary, 0)
            throw failure
        }
        try sync()
    }

    /// As ``replace(_:with:)``, but what is there already stays. True when this call made it.
    func create(_ name: String, with bytes: [UInt8], temporary: String) throws(SystemFailure) -> Bool {
        try writeTemporary(temporary, bytes)
        defer { unlinkat(descriptor, temporary, 0) }
        if linkat(descriptor, temporary, descriptor, name, 0) == 0 {
            try sync()
            return true
        }
        if errno == EEXIST { return false }
        guard Self.linksUnsupported.contains(errno) else { throw SystemFailure("link", path(of: name)) }
        if faccessat(descriptor, name, F_OK, 0) == 0 { return false }
        guard renameat(descriptor, temporary, descriptor, name) == 0 else {
            throw SystemFailure("rename", path(of: name))
        }
        try sync()
        return true
    }

    /// Gives the present content of `name` a second name in `other`; copies where the file system has no hard links.
    func keep(_ name: String, as kept: String, in other: Directory) throws(SystemFailure) {
        unlinkat(other.descriptor, kept, 0)
        if linkat(descriptor, name, other.descriptor, kept, 0) == 0 { return }
        guard Self.linksUnsupported.contains(errno) else { throw SystemFailure("link", other.path(of: kept)) }
        guard let bytes = try read(name) else { return }
        try other.replace(kept, with: bytes)
    }

    /// Cuts `name` to `length` bytes, durably; a missing file is as good as an empty one.
    func truncate(_ name: String, to length: Int) throws(SystemFailure) {
        let file: Int32
        do {
            file = try openFile(name, O_WRONLY)
        } catch {
            if error.code == ENOENT { return }
            throw error
        }
        defer { close(file) }
        guard ftruncate(file, length) == 0, fsync(file) == 0 else { throw SystemFailure("truncate", path(of: name)) }
    }

    private func writeTemporary(_ temporary: String, _ bytes: [UInt8]) throws(SystemFailure) {
        unlinkat(descriptor, temporary, 0)
        let file = try openFile(temporary, O_WRONLY | O_CREAT | O_EXCL)
        defer { close(file) }
        do throws(SystemFailure) {
            try Self.writeAll(bytes, to: file, path: path(of: temporary))
            guard fsync(file) == 0 else { throw SystemFailure("fsync", path(of: temporary)) }
        } catch {
            unlinkat(descriptor, temporary, 0)
            throw error
        }
    }

    private static var linksUnsupported: Set<Int32> { [EPERM, EOPNOTSUPP, ENOSYS, EMLINK, EXDEV] }
}
