internal import Glibc
package import SpillwayCore

/// Files of this machine as a tar stream, read from disk piece by piece.
///
/// A file that is not what it was when it was listed, or changes while it is read, is an error that names it: half of
/// the old and half of the new is worse than nothing.
package struct TarSource: ~Copyable {
    package static let pieceSize = 256 * 1024

    /// Files finished and bytes of content read so far.
    package private(set) var read = Transferred()
    private var files: ArraySlice<ShippedFile>
    private let now: Int64
    private var piece: [UInt8] = []
    private var used = 0
    private var current: OpenFile?
    /// Header bytes or content made by us that did not fit into the last piece.
    private var carried: ArraySlice<UInt8> = []
    private var wroteEnd = false

    private struct OpenFile {
        let descriptor: Int32
        let file: ShippedFile
        let before: stat
        var remaining: Int64
        var padding: Int
    }

    /// `now` is the modification time of content that has no file here.
    package init(_ files: [ShippedFile], now: Timestamp) {
        self.files = files[...]
        self.now = now.seconds
    }

    deinit {
        if let current { close(current.descriptor) }
    }

    /// The next piece of the archive; nil after the last.
    package mutating func next() throws(RemoteFailure) -> [UInt8]? {
        piece = [UInt8](repeating: 0, count: Self.pieceSize)
        used = 0
        while used < piece.count {
            if !carried.isEmpty {
                let taken = carried.prefix(piece.count - used)
                piece.replaceSubrange(used..<used + taken.count, with: taken)
                used += taken.count
                carried = carried.dropFirst(taken.count)
            } else if current != nil {
                try readCurrent()
            } else if let file = files.popFirst() {
                try begin(file)
            } else if !wroteEnd {
                carried = [UInt8](repeating: 0, count: 2 * TarLayout.block)[...]
                wroteEnd = true
            } else {
                break
            }
        }
        guard used > 0 else { return nil }
        piece.removeSubrange(used...)
        return piece
    }

    private mutating func begin(_ file: ShippedFile) throws(RemoteFailure) {
        let path = Array(file.remotePath.utf8)
        let parts = path.split(separator: 47, omittingEmptySubsequences: false)
        guard !path.isEmpty, !path.contains(0), !parts.contains(where: { $0.isEmpty || $0 == [46] || $0 == [46, 46] })
        else { throw Self.failure(file, "cannot be sent as \"\(file.remotePath)\": that is no plain relative path") }
        switch file.kind {
        case .file(let size, let executable):
            try begin(file, size: size, mode: executable ? 0o755 : 0o644)
        case .directory:
            carry(TarEntry(path: path, kind: .directory, mode: 0o755, modified: modified(file)))
        case .symlink(let target):
            carry(
                TarEntry(path: path, kind: .symlink(target: Array(target.utf8)), mode: 0o777, modified: modified(file)))
            read.files += 1
        case .data(let bytes, let executable):
            let size = Int64(bytes.count)
            carry(TarEntry(path: path, kind: .file, size: size, mode: executable ? 0o755 : 0o644, modified: now))
            carried += bytes
            carried += [UInt8](repeating: 0, count: TarLayout.padding(after: size))
            read.files += 1
            read.bytes += size
        }
    }

    private mutating func begin(_ file: ShippedFile, size: Int64, mode: UInt32) throws(RemoteFailure) {
        // A fifo put in the file's place must not block us, nor a link lead elsewhere.
        let descriptor = open(file.localPath, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            let what =
                errno == ENOENT ? "has vanished since it was listed" : "cannot be read: \(SystemError.text(errno))"
            throw Self.failure(file, what)
        }
        var status = stat()
        fstat(descriptor, &status)
        current = OpenFile(
            descriptor: descriptor, file: file, before: status, remaining: size, padding: TarLayout.padding(after: size)
        )
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Self.failure(file, "is no longer a regular file")
        }
        guard Int64(status.st_size) == size else {
            throw Self.failure(file, "was \(size) bytes when it was listed and is \(status.st_size) now")
        }
        carry(
            TarEntry(
                path: Array(file.remotePath.utf8), kind: .file, size: size, mode: mode,
                modified: Int64(status.st_mtim.tv_sec)))
    }

    private mutating func readCurrent() throws(RemoteFailure) {
        guard var open = current else { return }
        let room = Int(min(Int64(piece.count - used), open.remaining))
        if room > 0 {
            let count = piece.withUnsafeMutableBytes {
                Glibc.read(open.descriptor, $0.baseAddress?.advanced(by: used), room)
            }
            if count < 0, errno == EINTR { return }
            guard count >= 0 else { throw Self.failure(open.file, "cannot be read: \(SystemError.text(errno))") }
            guard count > 0 else {
                let missing = open.remaining
                throw Self.failure(open.file, "shrank while it was being sent: \(missing) bytes are missing at its end")
            }
            used += count
            open.remaining -= Int64(count)
            read.bytes += Int64(count)
        }
        current = open
        guard open.remaining == 0 else { return }
        try verifyUnchanged(open)
        close(open.descriptor)
        current = nil
        read.files += 1
        carried = [UInt8](repeating: 0, count: open.padding)[...]
    }

    private func verifyUnchanged(_ open: OpenFile) throws(RemoteFailure) {
        var after = stat()
        fstat(open.descriptor, &after)
        if after.st_size > open.before.st_size {
            throw Self.failure(open.file, "grew while it was being sent")
        }
        guard after.st_size == open.before.st_size, after.st_mtim.tv_sec == open.before.st_mtim.tv_sec,
            after.st_mtim.tv_nsec == open.before.st_mtim.tv_nsec
        else { throw Self.failure(open.file, "changed while it was being sent") }
    }

    private mutating func carry(_ entry: TarEntry) { carried = TarHeader.encode(entry)[...] }

    private func modified(_ file: ShippedFile) -> Int64 {
        var status = stat()
        return !file.localPath.isEmpty && lstat(file.localPath, &status) == 0 ? Int64(status.st_mtim.tv_sec) : now
    }

    private static func failure(_ file: ShippedFile, _ what: String) -> RemoteFailure {
        let name = file.localPath.isEmpty ? file.remotePath : file.localPath
        return RemoteFailure(.source, "\(name) \(what). Nothing of it counts as sent.")
    }
}
