internal import Glibc
package import SpillwayCore

/// Writes a tar stream below one folder and nowhere else, whatever the stream says.
///
/// Each component of a name is opened by itself without following links, nothing is overwritten, only files, folders
/// and links that stay inside are made, and set-id bits are never set. What was written before an error stays, except
/// for the file that is incomplete.
package struct TarExtractor: ~Copyable {
    package private(set) var received: [ReceivedFile] = []
    /// Bytes of content so far.
    package private(set) var bytes: Int64 = 0

    private var reader = TarReader()
    private let root: Int32
    private let destination: String
    private let maxBytes: Int64
    private var made: [TarPath: Made] = [:]
    private var folders: [(path: TarPath, mode: UInt32, modified: Int64)] = []
    private var parent: (path: TarPath, descriptor: Int32)?
    private var current: ExtractedFile?

    private enum Made { case file(Int), folder, link }

    /// Links and folders cost no bytes: this bounds them.
    private static let mostMembers = 5_000_000

    /// `destination` exists. Throws `.localIO` when it cannot be opened.
    package init(into destination: String, maxBytes: Int64) throws(RemoteFailure) {
        root = open(destination, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        self.destination = destination
        self.maxBytes = maxBytes
        guard root >= 0 else { throw Self.local("cannot open the folder \(destination)", errno) }
    }

    deinit {
        if let current, let parent { current.abandon(in: parent.descriptor) }
        if let parent { close(parent.descriptor) }
        if root >= 0 { close(root) }
    }

    package mutating func take(_ bytes: ArraySlice<UInt8>) throws(RemoteFailure) {
        var reader = reader
        try reader.read(bytes) { (event) throws(RemoteFailure) in
            switch event {
            case .entry(let entry): try begin(entry)
            case .data(let data): try write(data)
            case .endOfEntry: try end()
            }
        }
        self.reader = reader
    }

    /// After the last byte: throws when the stream was cut off, else sets the folders' times and modes.
    package mutating func finish() throws(RemoteFailure) {
        try reader.finish()
        for folder in folders.reversed() {
            let descriptor = try openFolder(folder.path)
            defer { close(descriptor) }
            Self.setTime(of: descriptor, to: folder.modified)
            // The owner keeps access, or nobody could move or remove what was fetched.
            fchmod(descriptor, folder.mode & 0o755 | 0o700)
        }
    }

    // MARK: members

    private mutating func begin(_ entry: TarEntry) throws(RemoteFailure) {
        let path = try TarPath(entry.path)
        guard !path.parts.isEmpty else {
            guard entry.kind == .directory else { throw TarPath.hostile(entry.path, "names the destination itself") }
            return
        }
        guard made.count < Self.mostMembers else {
            throw RemoteFailure(.tooLarge, "the archive holds more than \(Self.mostMembers) members")
        }
        switch entry.kind {
        case .file: try makeFile(path, entry)
        case .directory: try makeFolder(path, entry)
        case .symlink(let target): try makeLink(path, target)
        case .hardlink(let target): try makeHardLink(path, target)
        case .other(let flag):
            throw TarPath.hostile(entry.path, "is \(Self.name(of: flag)); only files, folders and links are fetched")
        }
    }

    private mutating func makeFile(_ path: TarPath, _ entry: TarEntry) throws(RemoteFailure) {
        guard entry.size <= maxBytes - bytes else {
            throw RemoteFailure(
                .tooLarge,
                "more than \(maxBytes) bytes: \"\(path.text)\" alone adds \(entry.size) to the \(bytes) so far. "
                    + "Raise max_size, or make less")
        }
        try claim(path, .file(received.count))
        let folder = try folder(of: path)
        current = try ExtractedFile(path, in: folder, entry, destination)
    }

    private mutating func write(_ data: ArraySlice<UInt8>) throws(RemoteFailure) {
        try current?.write(data)
        bytes += Int64(data.count)
    }

    private mutating func end() throws(RemoteFailure) {
        guard let file = current.take() else { return }
        received.append(try file.finish())
    }

    private mutating func makeFolder(_ path: TarPath, _ entry: TarEntry) throws(RemoteFailure) {
        if case .folder = made[path] {} else { try claim(path, .folder) }
        close(try openFolder(path))
        folders.append((path, entry.mode, entry.modified))
    }

    private mutating func makeLink(_ path: TarPath, _ target: [UInt8]) throws(RemoteFailure) {
        guard path.keepsInside(target: target) else {
            let text = String(decoding: target.prefix(200), as: UTF8.self)
            throw TarPath.hostile(
                Array(path.text.utf8),
                "is a link to \"\(text)\", which leads, or could lead, outside of what is fetched")
        }
        try claim(path, .link)
        let folder = try folder(of: path)
        guard Self.withPath(target, { symlinkat($0, folder, Self.cString(path)) }) == 0 else {
            throw Self.local("cannot make the link \(destination)/\(path.text)", errno)
        }
    }

    private mutating func makeHardLink(_ path: TarPath, _ target: [UInt8]) throws(RemoteFailure) {
        let source = try TarPath(target)
        guard case .file(let index) = made[source] else {
            throw TarPath.hostile(
                Array(path.text.utf8), "is a hard link to \"\(source.text)\", which is no file of this archive")
        }
        try claim(path, .file(received.count))
        let from = try openFolder(source.parent)
        defer { close(from) }
        let to = try folder(of: path)
        guard linkat(from, Self.cString(source), to, Self.cString(path), 0) == 0 else {
            throw Self.local("cannot make the hard link \(destination)/\(path.text)", errno)
        }
        let original = received[index]
        received.append(ReceivedFile(path: path.text, size: original.size, sha256: original.sha256))
    }

    // MARK: places

    private mutating func claim(_ path: TarPath, _ what: Made) throws(RemoteFailure) {
        guard made.updateValue(what, forKey: path) == nil else {
            throw TarPath.hostile(Array(path.text.utf8), "comes twice in it")
        }
    }

    /// The open folder that `path` lies in, kept for the next member of the same folder.
    private mutating func folder(of path: TarPath) throws(RemoteFailure) -> Int32 {
        let wanted = path.parent
        if let parent, parent.path == wanted { return parent.descriptor }
        let descriptor = try openFolder(wanted)
        if let parent { close(parent.descriptor) }
        parent = (wanted, descriptor)
        return descriptor
    }

    /// Opens a folder below the root component by component, making what is missing. The caller closes it.
    private mutating func openFolder(_ path: TarPath) throws(RemoteFailure) -> Int32 {
        var descriptor = dup(root)
        for (depth, part) in path.parts.enumerated() {
            let result = Self.withPath(part) { name in
                mkdirat(descriptor, name, 0o700) == 0 || errno == EEXIST
                    ? openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1
            }
            let code = errno
            close(descriptor)
            guard result >= 0 else {
                guard code == ELOOP || code == ENOTDIR else {
                    throw Self.local("cannot make the folder \(destination)/\(path.text)", code)
                }
                throw TarPath.hostile(Array(path.text.utf8), "goes through something that is no folder")
            }
            descriptor = result
            let reached = TarPath(prefix: depth + 1, of: path)
            if made[reached] == nil {
                made[reached] = .folder
                folders.append((reached, 0o755, 0))
            }
        }
        return descriptor
    }

    // MARK: words

    static func local(_ what: String, _ code: Int32) -> RemoteFailure {
        switch code {
        case ENOSPC, EDQUOT:
            RemoteFailure(
                .localIO,
                "\(what): no space is left on this machine's disk. Make room, or fetch to another place, and run again")
        case EEXIST: RemoteFailure(.localIO, "\(what): it exists already, and nothing is overwritten")
        default: RemoteFailure(.localIO, "\(what): \(SystemError.text(code))")
        }
    }

    static func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            // An array with a terminator is never empty, so its base address is there.
            guard let base = buffer.baseAddress else { fatalError("an array with an element has no address") }
            return body(base)
        }
    }

    static func cString(_ path: TarPath) -> [CChar] { (path.parts.last ?? []).map { CChar(bitPattern: $0) } + [0] }

    static func setTime(of descriptor: Int32, to seconds: Int64) {
        let times = [timespec](repeating: timespec(tv_sec: Int(seconds), tv_nsec: 0), count: 2)
        futimens(descriptor, times)
    }

    private static func name(of flag: UInt8) -> String {
        switch flag {
        case UInt8(ascii: "3"): "a character device"
        case UInt8(ascii: "4"): "a block device"
        case UInt8(ascii: "6"): "a fifo"
        case UInt8(ascii: "S"): "a sparse file"
        default: "of the unknown kind \(flag)"
        }
    }
}
