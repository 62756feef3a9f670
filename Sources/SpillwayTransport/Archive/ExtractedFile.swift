internal import Glibc
internal import SpillwayCore

/// One file on its way to disk, hashed as it is written.
struct ExtractedFile: ~Copyable {
    private let descriptor: Int32
    private let path: TarPath
    private let entry: TarEntry
    private let destination: String
    private var hash = SHA256Stream()

    init(_ path: TarPath, in folder: Int32, _ entry: TarEntry, _ destination: String) throws(RemoteFailure) {
        self.path = path
        self.entry = entry
        self.destination = destination
        descriptor = openat(
            folder, TarExtractor.cString(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TarExtractor.local("cannot write \(destination)/\(path.text)", errno) }
    }

    mutating func write(_ data: ArraySlice<UInt8>) throws(RemoteFailure) {
        var failed: Int32 = 0
        data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    failed = count < 0 ? errno : ENOSPC
                    return
                }
                rest = rest.dropFirst(count)
            }
        }
        guard failed == 0 else { throw TarExtractor.local("cannot write \(destination)/\(path.text)", failed) }
        hash.update(data)
    }

    consuming func finish() throws(RemoteFailure) -> ReceivedFile {
        TarExtractor.setTime(of: descriptor, to: entry.modified)
        fchmod(descriptor, entry.mode & 0o100 != 0 ? 0o755 : 0o644)
        let (name, size, folder) = (path.text, entry.size, destination)
        // Some file systems report a full disk here and not before.
        guard close(descriptor) == 0 else { throw TarExtractor.local("cannot write \(folder)/\(name)", errno) }
        return ReceivedFile(path: name, size: size, sha256: hash.finish().hex)
    }

    /// Removes what is incomplete.
    func abandon(in folder: Int32) {
        close(descriptor)
        unlinkat(folder, TarExtractor.cString(path), 0)
    }
}
