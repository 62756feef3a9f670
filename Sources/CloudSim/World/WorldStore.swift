import Foundation
import Glibc

/// The folder of a cloud: its world, its machines' disks, and the lock that keeps a second cloud out.
struct WorldStore: Sendable {
    let folder: URL
    let isTemporary: Bool
    private let lock: Int32

    struct Busy: Error, CustomStringConvertible {
        let description: String
    }

    /// Opens `path`, or makes a private temporary folder that `close` removes.
    init(path: String?) throws {
        isTemporary = path == nil
        if let path {
            folder = URL(fileURLWithPath: path).absoluteURL.standardizedFileURL
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            guard chmod(folder.path, 0o700) == 0 else {
                throw Busy(description: "The folder \(path) belongs to another user.")
            }
        } else {
            let temporary = FileManager.default.temporaryDirectory
            Self.removeAbandoned(in: temporary)
            var name = Array(temporary.appending(path: "cloudsim-XXXXXX").path.utf8CString)
            guard mkdtemp(&name) != nil else {
                throw Busy(description: "No temporary folder can be made: errno \(errno).")
            }
            let bytes = name.dropLast().map { UInt8(bitPattern: $0) }
            folder = URL(fileURLWithPath: String(decoding: bytes, as: UTF8.self))
        }
        lock = open(folder.appending(path: "lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw Busy(description: "Another cloudsim already uses the folder \(folder.path).")
        }
    }

    private var file: URL { folder.appending(path: "world.json") }

    func disk(of machineID: String) -> GuestDisk { GuestDisk(folder: folder.appending(path: "machines/\(machineID)")) }

    func load() throws -> World? {
        guard !isTemporary, let data = try? Data(contentsOf: file) else { return nil }
        return try JSONDecoder().decode(World.self, from: data)
    }

    /// Replaces the file in one step: a reader, or a start after SIGKILL, sees the old world or the new one.
    func save(_ world: World) throws {
        guard !isTemporary else { return }
        try PlainFile.replace(file, with: JSONEncoder().encode(world))
    }

    func close() {
        if isTemporary { GuestDisk(folder: folder).remove() }
    }

    /// A cloud that was killed could not remove its folder; the lock tells that nobody uses it.
    private static func removeAbandoned(in temporary: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: temporary.path)) ?? []
        for name in names where name.hasPrefix("cloudsim-") && name.count == "cloudsim-XXXXXX".count {
            let folder = temporary.appending(path: name)
            var info = stat()
            guard lstat(folder.path, &info) == 0, info.st_uid == getuid(), time(nil) - info.st_mtim.tv_sec > 60 else {
                continue
            }
            let lock = open(folder.appending(path: "lock").path, O_RDWR | O_CLOEXEC)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { GuestDisk(folder: folder).remove() }
            Glibc.close(lock)
        }
    }
}
