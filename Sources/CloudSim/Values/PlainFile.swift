import Foundation
import Glibc

/// Writes files without waiting for the disk, as Foundation does for each: a simulated world need not outlive a power cut,
/// and a machine's boot writes dozens.
enum PlainFile {
    static func write(_ bytes: some Collection<UInt8>, to url: URL, mode: mode_t = 0o644) throws {
        let file = open(url.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw UserDataError("\(url.path) cannot be written: errno \(errno)") }
        defer { close(file) }
        // Whatever the umask took away.
        fchmod(file, mode)
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw UserDataError("\(url.path) cannot be written: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// A reader sees the old content or the new one.
    static func replace(_ url: URL, with bytes: some Collection<UInt8>, mode: mode_t = 0o600) throws {
        let draft = url.appendingPathExtension("new")
        try write(bytes, to: draft, mode: mode)
        guard rename(draft.path, url.path) == 0 else {
            throw UserDataError("\(url.path) cannot be replaced: errno \(errno)")
        }
    }
}
