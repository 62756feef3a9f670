import Foundation
import Glibc

/// A small file system of its own, where this user may mount one; unmounted with the value.
final class TinyDisk: Sendable {
    let path: String

    /// Root in a container may lack the right to mount: then the tests that need it are skipped.
    static let available: Bool = geteuid() == 0 && (try? TinyDisk(kilobytes: 64)) != nil

    init(kilobytes: Int) throws {
        path = NSTemporaryDirectory() + "spillway-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k,mode=700", "tmpfs", path)
    }

    deinit {
        try? Self.run("umount", "-l", path)
        rmdir(path)
    }

    func remount(_ option: String) throws { try Self.run("mount", "-o", "remount,\(option)", path) }

    private struct Failed: Error {}

    private static func run(_ command: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed() }
    }
}
